"""Certificates on both databases: prepare, the gate of the issue, revocation, the next edition."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from hashlib import pbkdf2_hmac, sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import events_pb2 as pb
from ledger.application.errors import NotFoundError, RefusedError
from ledger.log.entries import EventEntry, read_entry
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import Storage
from ledger.storage.vault import PersonVault
from tests.contract.certificate_office import (
    ID_NUMBERS,
    KEYS,
    certificate_use_cases,
    office,
)
from tests.contract.town_log import by, log_is_whole
from tests.unit.application.town import ORIGIN, START, Town, batch, codes, recorded, request

Run = Callable[[Coroutine[Any, Any, None]], None]


# --- Prepare -------------------------------------------------------------------------------------


def test_what_is_prepared_rests_on_the_record(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            enrolment = it.enrolment
            assert UUID(bytes=prepared.certificate) == uuid5(it.persons[0], f"{enrolment}/1")
            assert prepared.cohort == it.cohort.bytes
            body = prepared.body
            assert body.core_digest == sha256(prepared.core).digest()
            assert (body.edition, body.evaluator_version) == (1, 1)
            assert [(part.component, part.hours) for part in body.credited] == [
                (pb.HOUR_COMPONENT_THEORY_OFFLINE, 2),
                (pb.HOUR_COMPONENT_PRACTICAL, 1),
            ]
            subject = orjson.loads(prepared.core)["credentialSubject"]
            assert subject["licenseNumber"] == body.number
            assert body.number.startswith("PXZM-320599-2026-")
            available = subject["achievement"]["creditsAvailable"]
            assert (subject["creditsEarned"], available) == (3, 3)
            # The days on which the learner was there, in Shanghai.
            assert subject["activityStartDate"] == "2026-02-27T00:00:00+08:00"
            assert subject["activityEndDate"] == "2026-02-28T00:00:00+08:00"
            assert "测试学员" not in prepared.core.decode()
            assert ID_NUMBERS[0] not in prepared.core.decode()
            # enrolment-state/v1, the salt that stays in the vault, count and head.
            rows = storage.reader.stream_rows(enrolment.bytes)
            sealed = it.vault.open_certificate(body.core_digest).content
            assert sealed[32:] == prepared.core
            head = sha256(b"\x00" + rows[-1].entry).digest()
            count = len(rows).to_bytes(8, "big")
            state = sha256(b"enrolment-state/v1\n" + sealed[:32] + count + head)
            assert body.enrolment_digest == state.digest()

    run(story())


def test_the_same_record_is_prepared_once(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            assert it.prepare() == prepared
            restarted = certificate_use_cases(town, storage, PersonVault(storage.database, KEYS))
            again = restarted.prepare(town.school.party.bytes, it.enrolment.bytes)
            assert again == prepared
            assert len(storage.certificates.prepared_for(prepared.certificate)) == 1

    run(story())


def test_a_record_that_moved_is_prepared_anew(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = it.prepare()
            assert await it.record(town.sign_in(it.cohort, it.persons[0])) == [""]
            second = it.prepare()
            assert second.certificate == first.certificate
            assert second.body.number != first.body.number
            assert it.prepare() == second

    run(story())


def test_hours_that_move_with_the_sessions_are_prepared_anew(
    storage: Storage, town: Town, run: Run
) -> None:
    """The enrolment's own stream is the same; its sessions give other hours than before."""

    async def story() -> None:
        async with office(storage, town) as it:
            person = it.persons[0]
            early = town.lesson_day(
                it.cohort, [person], pb.HOUR_COMPONENT_PRACTICAL, START - timedelta(days=1)
            )
            ended = early.pop()
            await it.record(*early)
            first = it.prepare()
            assert await it.record(ended) == [""]
            second = it.prepare()
            assert [part.hours for part in first.body.credited] == [2, 1]
            assert [part.hours for part in second.body.credited] == [2, 2]
            assert it.prepare() == second
            # Both may be issued: more hours than stated do not refuse.
            assert await it.record(it.issue(first)) == [""]

    run(story())


def test_everything_that_is_missing_is_told_at_once(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town, taught=False) as it:
            assert it.reasons() == ["HOURS_SHORT"] * 3 + ["TEST_NOT_PASSED"]
            assert await it.record(it.withdraw()) == [""]
            assert it.reasons() == ["HOURS_SHORT"] * 3 + ["NOT_ENROLLED", "TEST_NOT_PASSED"]
            assert storage.certificates.prepared_for(it.enrolment.bytes) == []

    run(story())


def test_a_cohort_that_was_never_opened_has_no_certificates(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town, opened=False) as it:
            assert it.reasons() == ["NOT_OPEN"]
            opened = town.school.emitter.cohort_opened(cohort=it.cohort, enrolled=2)
            assert await it.record(opened) == [""]
            assert await it.record(it.issue(it.prepare())) == [""]

    run(story())


def test_a_live_certificate_stands_beside_the_other_reasons(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            assert await it.record(it.issue(it.prepare()), it.withdraw()) == ["", ""]
            assert it.reasons() == ["CERTIFICATE_LIVE", "NOT_ENROLLED"]

    run(story())


def test_only_the_enrolments_institution_prepares(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            with pytest.raises(NotFoundError):
                it.prepare(town.other)
            school = town.school.party.bytes
            for stream in (it.cohort, uuid4(), town.school.party):
                with pytest.raises(NotFoundError):
                    it.certificates.prepare(school, stream.bytes)
            number = prepared.body.number
            assert it.certificates.core(school, number) == prepared.core
            assert it.certificates.core(town.other.party.bytes, number) == b""
            assert it.certificates.core(school, "PXZM-") == b""

    run(story())


def test_a_reference_of_another_institution_opens_nobody(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            leaked = it.persons[0]
            cohort, plan = town.cohort(of=town.other)
            course = town.whole_course(cohort, [leaked], town.other)
            opened = town.other.emitter.cohort_opened(cohort=cohort, enrolled=1)
            events = [plan, town.enrolment(cohort, leaked, town.other), opened, *course]
            assert set(await it.record(*events, of=town.other)) == {""}
            enrolment = uuid5(cohort, str(leaked))
            with pytest.raises(NotFoundError):
                it.certificates.prepare(town.other.party.bytes, enrolment.bytes)

    run(story())


def test_nothing_is_prepared_for_an_erased_person(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            it.vault.erase(it.persons[0])
            with pytest.raises(NotFoundError):
                it.prepare()

    run(story())


def test_facts_of_a_lost_key_count_for_no_certificate(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town, taught=False) as it:
            lost = Ed25519PrivateKey.generate()
            emitter = town.emitter(lost, town.school.party)
            register = town.school.emitter.key_registered(
                public_key=public_bytes(lost.public_key()),
                holder=town.school.party,
                use=pb.KEY_USE_SYSTEM,
            )
            end = town.school.emitter.key_ended(
                key_id=sha256(public_bytes(lost.public_key())).digest(),
                holder=town.school.party,
                ending=pb.KEY_ENDING_LOST_OR_RETIRED,
            )
            course = town.whole_course(it.cohort, it.persons[:1])[:-1]
            assert set(await it.record(register, end, *course)) == {""}
            score = emitter.course_test_recorded(
                cohort=it.cohort, person_ref=it.persons[0], score_hundredths=9_000
            )
            answers = await it.commits.append(request(batch(lost, [score])))
            assert codes(answers) == ["KEY_LOST_OR_RETIRED"]
            assert it.reasons() == ["TEST_NOT_PASSED"]

    run(story())


def test_facts_by_a_key_credit_nothing_from_where_it_was_compromised(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town, taught=False) as it:
            stolen = Ed25519PrivateKey.generate()
            public = public_bytes(stolen.public_key())
            emitter = town.emitter(stolen, town.school.party)
            register = town.school.emitter.key_registered(
                public_key=public, holder=town.school.party, use=pb.KEY_USE_SYSTEM
            )
            course = town.whole_course(it.cohort, it.persons[:1])[:-1]
            assert set(await it.record(register, *course)) == {""}
            score = emitter.course_test_recorded(
                cohort=it.cohort, person_ref=it.persons[0], score_hundredths=9_000
            )
            (place,) = recorded(await it.commits.append(request(batch(stolen, [score]))))
            prepared = it.prepare()

            def compromised(index: int) -> CapturedEvent:
                return town.school.emitter.key_ended(
                    key_id=sha256(public).digest(),
                    holder=town.school.party,
                    ending=pb.KEY_ENDING_COMPROMISED,
                    from_index=index,
                )

            assert await it.record(compromised(place.index + 1)) == [""]
            assert it.prepare() == prepared
            assert await it.record(compromised(place.index)) == [""]
            assert it.reasons() == ["TEST_NOT_PASSED"]
            assert await it.record(it.issue(prepared)) == ["TEST_NOT_PASSED"]

    run(story())


# --- The gate ------------------------------------------------------------------------------------


def test_an_issue_stands_under_its_numbers_slow_hash_and_names_no_person(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            assert await it.record(it.issue(prepared)) == [""]
            (row,) = storage.reader.stream_rows(prepared.certificate)
            entry = read_entry(row.entry)
            assert isinstance(entry, EventEntry)
            number = prepared.body.number.encode()
            slow = pbkdf2_hmac("sha256", number, ORIGIN.encode(), 100_000, 32)
            certificate = sha256(b"certificate\x00" + slow).hexdigest()
            cohort = sha256(b"cohort\x00" + str(it.cohort).encode()).hexdigest()
            assert entry.keys == tuple(sorted((certificate, cohort)))
            assert it.persons[0].bytes not in row.event

    run(story())
    log_is_whole(storage)


def test_the_gate_takes_only_what_was_prepared(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            part = pb.CreditedHours
            offline, practical = pb.HOUR_COMPONENT_THEORY_OFFLINE, pb.HOUR_COMPONENT_PRACTICAL
            fewer = [part(component=offline, hours=1), part(component=practical, hours=1)]
            more = [part(component=offline, hours=9), part(component=practical, hours=1)]
            doubled = [part(component=offline, hours=900), *prepared.body.credited]
            refused = [
                it.issue(prepared, core_digest=bytes(32)),
                it.issue(prepared, number="PXZM-320599-2026-0000-0000-0000-0"),
                it.issue(prepared, edition=2),
                it.issue(prepared, enrolment_digest=bytes(32)),
                it.issue(prepared, policy=bytes(32)),
                it.issue(prepared, evaluator_version=2),
                it.issue(prepared, credited=fewer),
                it.issue(prepared, credited=more),
                it.issue(prepared, credited=doubled),
                it.issue(prepared, certificate=uuid5(it.persons[1], "x")),
            ]
            for event in refused:
                assert await it.record(event) == ["NOT_PREPARED"]
            assert await it.record(it.issue(prepared)) == [""]

    run(story())
    log_is_whole(storage)


def test_nobody_issues_what_another_institution_prepared(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            own, plan = town.cohort(of=town.other)
            assert await it.record(plan, of=town.other) == [""]
            in_their_name = Circumstances(recorded_for=town.school.party)
            refused = [
                (it.issue(prepared, of=town.other), "NOT_YOUR_COHORT"),
                (it.issue(prepared, of=town.other, how=in_their_name), "NOT_YOUR_COHORT"),
                (it.issue(prepared, of=town.other, cohort=own), "NOT_PREPARED"),
            ]
            for event, code in refused:
                assert await it.record(event, of=town.other) == [code]
            for member in (town.bureau, town.platform, town.examiners):
                event = it.issue(prepared, of=member, how=in_their_name)
                assert await it.record(event, of=member) == ["NOT_YOURS_TO_WRITE"]

    run(story())


def test_a_system_key_issues_nothing(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            system = Ed25519PrivateKey.generate()
            register = town.school.emitter.key_registered(
                public_key=public_bytes(system.public_key()),
                holder=town.school.party,
                use=pb.KEY_USE_SYSTEM,
            )
            assert await it.record(register) == [""]
            prepared = it.prepare()
            event = town.emitter(system, town.school.party).training_certificate_issued(
                certificate=UUID(bytes=prepared.certificate), cohort=it.cohort, issue=prepared.body
            )
            answers = await it.commits.append(request(batch(system, [event])))
            assert codes(answers) == ["KEY_USE"]

    run(story())


def test_facts_added_since_do_not_refuse(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            later = town.sign_in(it.cohort, it.persons[0])
            ahead = town.school.emitter.course_test_recorded(
                cohort=it.cohort,
                person_ref=it.persons[0],
                score_hundredths=0,
                how=Circumstances(occurred=START + timedelta(days=9)),
            )
            assert await it.record(later, ahead) == ["", "CLOCK_AHEAD"]
            more = town.sign_in(it.cohort, it.persons[0])
            assert await it.record(more, it.issue(prepared)) == ["", ""]

    run(story())
    log_is_whole(storage)


@pytest.mark.parametrize("when", ["before", "in the same request", "in the same group"])
@pytest.mark.parametrize("what", ["hours", "withdrawal"])
def test_what_fell_away_between_prepare_and_issue_refuses(
    storage: Storage, town: Town, run: Run, what: str, when: str
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            change = it.practical_becomes_theory() if what == "hours" else it.withdraw()
            issue = it.issue(prepared)
            code = "HOURS_SHORT" if what == "hours" else "NOT_ENROLLED"
            match when:
                case "before":
                    assert await it.record(change) == [""]
                    assert await it.record(issue) == [code]
                case "in the same request":
                    assert await it.record(change, issue) == ["", code]
                case _:
                    first, second = await asyncio.gather(it.record(change), it.record(issue))
                    assert (first, second) == ([""], [code])

    run(story())
    log_is_whole(storage)


def test_what_falls_away_behind_the_issue_does_not_undo_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            issue = it.issue(it.prepare())
            assert await it.record(issue, it.practical_becomes_theory()) == ["", ""]

    run(story())


def test_a_refused_issue_in_an_atomic_request_leaves_nothing(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            both = by(town.school, it.issue(prepared), it.issue(prepared), atomic=True)
            answers = await it.commits.append(both)
            assert codes(answers) == ["ATOMIC_ABORTED", "CERTIFICATE_LIVE"]
            assert await it.record(it.issue(prepared)) == [""]

    run(story())


# --- Editions and revocation ---------------------------------------------------------------------


def test_one_edition_is_live_and_the_next_follows_a_revocation(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = it.prepare()
            assert await it.record(town.sign_in(it.cohort, it.persons[0])) == [""]
            rival = it.prepare()
            group = await asyncio.gather(
                it.record(it.issue(first)), it.record(it.issue(rival)), it.record(it.issue(first))
            )
            assert list(group) == [[""], ["CERTIFICATE_LIVE"], ["CERTIFICATE_LIVE"]]
            assert it.reasons() == ["CERTIFICATE_LIVE"]
            assert await it.record(it.revoke(first)) == [""]
            assert await it.record(it.issue(rival)) == ["CERTIFICATE_LIVE"]
            second = it.prepare()
            assert second.body.edition == 2
            assert UUID(bytes=second.certificate) == uuid5(it.persons[0], f"{it.enrolment}/2")
            assert second.body.number not in (first.body.number, rival.body.number)
            assert it.prepare() == second
            assert await it.record(it.issue(second)) == [""]
            assert await it.record(it.issue(second)) == ["CERTIFICATE_LIVE"]
            assert await it.record(it.revoke(second)) == [""]
            assert it.prepare().body.edition == 3

    run(story())
    log_is_whole(storage)


def test_a_retry_of_an_issue_is_no_second_one(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            issue = it.issue(it.prepare())
            assert await it.record(issue) == [""]
            assert await it.record(issue) == ["AGAIN"]

    run(story())


def test_revocations_belong_to_roles_areas_and_cohorts(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = it.prepare()
            early = it.revoke(first)
            assert await it.record(early) == ["CERTIFICATE_UNKNOWN"]
            assert await it.record(it.issue(first)) == [""]
            fraud, error = pb.REVOCATION_REASON_FRAUD, pb.REVOCATION_REASON_ERROR
            assert await it.record(it.revoke(first, fraud)) == ["REASON_NOT_YOURS"]
            for member, reason, code in (
                (town.other, error, "NOT_YOUR_COHORT"),
                (town.platform, error, "NOT_YOURS_TO_WRITE"),
                (town.examiners, error, "NOT_YOURS_TO_WRITE"),
                (town.district, fraud, "NOT_YOUR_AREA"),
                (town.bureau, error, "REASON_NOT_YOURS"),
                (town.bureau, fraud, ""),
                (town.bureau, fraud, "CERTIFICATE_REVOKED"),
            ):
                assert await it.record(it.revoke(first, reason, member), of=member) == [code]
            assert it.prepare().body.edition == 2

    run(story())
    log_is_whole(storage)


# --- The file ------------------------------------------------------------------------------------


def test_a_file_is_taken_only_for_an_issued_number_of_the_institution(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            school, number = town.school.party.bytes, prepared.body.number
            with pytest.raises(NotFoundError):
                it.certificates.attach(school, number, b"{}")
            assert await it.record(it.issue(prepared)) == [""]
            with pytest.raises(NotFoundError):
                it.certificates.attach(town.other.party.bytes, number, b"{}")
            for file in (b"", b"{}", b"\xff", prepared.core):
                with pytest.raises(RefusedError) as refused:
                    it.certificates.attach(school, number, file)
                (refusal,) = refused.value.refusals
                assert (refusal.code, refusal.field) == ("CREDENTIAL_INVALID", "credential")
            assert storage.certificates.attached(number) is None

    run(story())


def test_the_rival_of_an_issued_certificate_takes_no_file(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            first = it.prepare()
            assert await it.record(town.sign_in(it.cohort, it.persons[0])) == [""]
            rival = it.prepare()
            assert await it.record(it.issue(first)) == [""]
            with pytest.raises(NotFoundError):
                it.certificates.attach(town.school.party.bytes, rival.body.number, b"{}")

    run(story())
