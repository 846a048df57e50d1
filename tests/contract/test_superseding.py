"""What becomes of an issued certificate, on both databases: replaced, suspended, corrected."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest

from clients.sdk import CapturedEvent, Circumstances, Correction
from ledger.api.v1 import events_pb2 as pb
from ledger.application.certificates import PrepareResult
from ledger.storage.open_storage import Storage
from ledger.storage.vault_persons import Correction as RightPerson
from tests.contract.certificate_office import Office, office
from tests.contract.town_log import by, log_is_whole
from tests.unit.application.town import Town, codes

Run = Callable[[Coroutine[Any, Any, None]], None]
STAFF, OTHER_STAFF = UUID(int=0x57, version=4), UUID(int=0x58, version=4)


async def issued(it: Office) -> PrepareResult:
    """The first edition, issued."""
    first = it.prepare()
    assert await it.record(it.issue(first)) == [""]
    return first


def successor(it: Office, old: PrepareResult) -> PrepareResult:
    """The next edition, prepared in the place of a live one."""
    second = it.prepare(supersede=True)
    assert second.body.supersedes == old.body.number
    return second


def types(storage: Storage, prepared: PrepareResult) -> list[str]:
    return [row.type for row in storage.reader.stream_rows(prepared.certificate)]


# --- Both or neither -----------------------------------------------------------------------------


def test_a_replacement_and_its_issue_stand_together(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            assert it.reasons() == ["CERTIFICATE_LIVE"]
            second = successor(it, first)
            assert UUID(bytes=second.certificate) == uuid5(it.persons[0], f"{it.enrolment}/2")
            assert (second.body.edition, first.body.supersedes) == (2, "")
            pair = [it.superseded(first, second.body.number), it.issue(second)]
            assert await it.record(*pair) == ["", ""]
            assert await it.record(*pair) == ["AGAIN", "AGAIN"]
            assert types(storage, first) == [
                "TrainingCertificateIssued",
                "TrainingCertificateSuperseded",
            ]
            assert it.reasons() == ["CERTIFICATE_LIVE"]
            third = successor(it, second)
            assert await it.record(it.superseded(first, third.body.number), it.issue(third)) == [
                "CERTIFICATE_SUPERSEDED",
                "CERTIFICATE_LIVE",
            ]
            later = [it.superseded(second, third.body.number), it.issue(third)]
            assert await it.record(*later) == ["", ""]

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("atomic", [False, True])
def test_neither_stands_without_the_other(
    storage: Storage, town: Town, run: Run, *, atomic: bool
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            second = successor(it, first)
            number = second.body.number

            async def answers(*events: CapturedEvent) -> list[str]:
                return codes(await it.commits.append(by(town.school, *events, atomic=atomic)))

            assert await answers(it.superseded(first, number)) == ["SUCCESSOR_MISSING"]
            assert await answers(it.issue(second)) == ["CERTIFICATE_LIVE"]
            # The issue is refused for something of its own: the replacement falls with it.
            wrong = it.issue(second, policy=bytes(32))
            assert await answers(it.superseded(first, number), wrong) == [
                "ATOMIC_ABORTED",
                "NOT_PREPARED",
            ]
            # The issue comes first: the old one is live then.
            turned = await answers(it.issue(second), it.superseded(first, number))
            assert turned[0] == "CERTIFICATE_LIVE"
            assert turned[1] == "ATOMIC_ABORTED"
            # Facts beside them are answered on their own where the request is not atomic.
            fact = town.sign_in(it.cohort, it.persons[1])
            beside = await answers(it.superseded(first, number), wrong, fact)
            assert beside == [
                "ATOMIC_ABORTED",
                "NOT_PREPARED",
                "ATOMIC_ABORTED" if atomic else "",
            ]
            assert types(storage, first) == ["TrainingCertificateIssued"]
            assert types(storage, second) == []

    run(story())
    log_is_whole(storage)


def test_two_requests_that_meet_in_one_group_are_no_replacement(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            second = successor(it, first)
            apart = await asyncio.gather(
                it.record(it.superseded(first, second.body.number)), it.record(it.issue(second))
            )
            assert list(apart) == [["SUCCESSOR_MISSING"], ["CERTIFICATE_LIVE"]]
            assert types(storage, first) == ["TrainingCertificateIssued"]

    run(story())


def test_each_names_the_other(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            second = successor(it, first)
            own = second.body.number
            other = "PXZM-320599-2026-0000-0000-0000-0"
            for number, issue in (
                (other, it.issue(second)),
                (own, it.issue(second, number=other)),
                (own, it.issue(second, supersedes=other)),
                (own, it.issue(second, supersedes="")),
            ):
                found = await it.record(it.superseded(first, number), issue)
                assert "" not in found
                assert "SUCCESSOR_MISSING" in found
            assert types(storage, first) == ["TrainingCertificateIssued"]

    run(story())


def test_only_its_institution_replaces_a_certificate(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            number = successor(it, first).body.number
            for member, code in (
                (town.bureau, "NOT_YOURS_TO_WRITE"),
                (town.examiners, "NOT_YOURS_TO_WRITE"),
                (town.other, "NOT_YOUR_COHORT"),
            ):
                event = it.superseded(first, number, member)
                assert await it.record(event, of=member) == [code]

    run(story())


# --- Suspended, revoked --------------------------------------------------------------------------


def test_a_suspended_certificate_is_neither_followed_nor_replaced(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            second = successor(it, first)
            pair = [it.superseded(first, second.body.number), it.issue(second)]
            assert await it.record(it.suspended(first), of=town.bureau) == [""]
            assert await it.record(it.suspended(first), of=town.bureau) == [
                "CERTIFICATE_ALREADY_SUSPENDED"
            ]
            assert it.reasons() == ["CERTIFICATE_LIVE"]
            assert it.reasons(supersede=True) == ["CERTIFICATE_SUSPENDED"]
            assert await it.record(it.issue(second)) == ["CERTIFICATE_LIVE"]
            assert (await it.record(*pair))[0] == "CERTIFICATE_SUSPENDED"
            assert types(storage, second) == []
            assert await it.record(it.reinstated(first), of=town.bureau) == [""]
            assert await it.record(it.reinstated(first), of=town.bureau) == [
                "CERTIFICATE_NOT_SUSPENDED"
            ]
            assert await it.record(*pair) == ["", ""]
            assert await it.record(it.suspended(first), of=town.bureau) == [
                "CERTIFICATE_SUPERSEDED"
            ]

    run(story())
    log_is_whole(storage)


def test_suspension_is_a_bureaus_in_its_area(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            for member, code in (
                (town.school, "NOT_YOURS_TO_WRITE"),
                (town.district, "NOT_YOUR_AREA"),
                (town.bureau, ""),
            ):
                assert await it.record(it.suspended(first, member), of=member) == [code]
            own = it.reinstated(first, town.school)
            assert await it.record(own) == ["NOT_YOURS_TO_WRITE"]

    run(story())


def test_a_replaced_certificate_can_still_be_revoked_and_a_revoked_one_not_replaced(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            second = successor(it, first)
            pair = [it.superseded(first, second.body.number), it.issue(second)]
            assert await it.record(*pair) == ["", ""]
            fraud = it.revoke(first, pb.REVOCATION_REASON_FRAUD, town.bureau)
            assert await it.record(fraud, of=town.bureau) == [""]
            # The second edition stays what it is, and is replaced and revoked for itself.
            third = successor(it, second)
            assert await it.record(it.revoke(second)) == [""]
            late = [it.superseded(second, third.body.number), it.issue(third)]
            assert (await it.record(*late))[0] == "CERTIFICATE_REVOKED"
            # What was prepared as a replacement replaces nothing now; the next is issued alone.
            alone = it.prepare(supersede=True)
            assert (alone.body.edition, alone.body.supersedes) == (3, "")
            assert await it.record(it.issue(third)) == ["NOT_SUPERSEDED"]
            assert await it.record(it.issue(alone)) == [""]

    run(story())
    log_is_whole(storage)


# --- A corrected name ----------------------------------------------------------------------------


def masked(prepared: PrepareResult) -> str:
    subject = orjson.loads(prepared.core)["credentialSubject"]
    names = [each for each in subject["identifier"] if each["identityType"] == "name"]
    return str(names[0]["identityHash"])


def test_a_corrected_person_is_certified_once_the_record_says_so(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = await issued(it)
            school, person = town.school.party, it.persons[0]
            right = it.vault.correct(school, person, RightPerson(name="欧阳学员"))
            assert it.reasons(supersede=True) == ["IDENTITY_DIFFERS"]
            enrolled = storage.reader.stream_rows(it.enrolment.bytes)[0]

            def corrected(commitment: bytes) -> CapturedEvent:
                return town.school.emitter.record_corrected(
                    cohort=it.cohort,
                    person_ref=person,
                    target=UUID(bytes=enrolled.event_id),
                    correction=Correction.identity(commitment),
                    reason="NAME-TYPED-WRONG",
                    evidence_digest=bytes(32),
                    how=Circumstances(entered_by=STAFF, approved_by=OTHER_STAFF),
                )

            assert await it.record(corrected(bytes(32))) == [""]
            assert it.reasons(supersede=True) == ["IDENTITY_DIFFERS"]
            assert await it.record(corrected(right.identity_commitment)) == [""]
            second = successor(it, first)
            assert (masked(first), masked(second)) == ("测**员", "欧**员")
            pair = [it.superseded(first, second.body.number), it.issue(second)]
            assert await it.record(*pair) == ["", ""]

    run(story())
    log_is_whole(storage)
