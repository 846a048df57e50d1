"""Who amends what, on both databases: also in a process that has read nothing yet."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances
from clients.sdk.corrections import Correction
from ledger.api.v1 import events_pb2 as pb
from ledger.log.identifiers import key_id
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import Storage
from tests.contract.town_log import PERSON, by, founded, log_is_whole, planned
from tests.unit.application.town import (
    START,
    Member,
    Town,
    batch,
    codes,
    committing,
    recorded,
    request,
)

Open = Callable[[], Storage]
Run = Callable[[Coroutine[Any, Any, None]], None]
CLERK, CHIEF = UUID(int=1, version=4), UUID(int=2, version=4)
EVIDENCE = bytes(range(32))


def two_persons(town: Town) -> Circumstances:
    return Circumstances(entered_by=CLERK, approved_by=CHIEF, recorded_for=town.school.party)


def voids(town: Town, member: Member, cohort: UUID, target: CapturedEvent) -> CapturedEvent:
    return member.emitter.event_voided(
        cohort=cohort,
        person_ref=PERSON,
        target=target.event_id,
        reason="TYPED-WRONG",
        evidence_digest=EVIDENCE,
        how=two_persons(town),
    )


def corrects(
    town: Town, member: Member, cohort: UUID, target: CapturedEvent, correction: Correction
) -> CapturedEvent:
    return member.emitter.record_corrected(
        cohort=cohort,
        person_ref=PERSON,
        target=target.event_id,
        correction=correction,
        reason="TYPED-WRONG",
        evidence_digest=EVIDENCE,
        how=two_persons(town),
    )


def test_nobody_amends_what_another_kind_of_writer_wrote_or_amended(
    open_another: Open, town: Town, run: Run
) -> None:
    school, platform, examiners = town.school, town.platform, town.examiners
    storage = open_another()

    async def story() -> None:
        for_school = Circumstances(recorded_for=school.party)
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            result = examiners.emitter.theory_exam_result_recorded(
                cohort=cohort, person_ref=PERSON, attempt=1, score_hundredths=9_000, how=for_school
            )
            lower = corrects(town, examiners, cohort, result, Correction.score(7_000))
            lesson = platform.emitter.online_lesson_completed(
                cohort=cohort,
                person_ref=PERSON,
                lesson="LV-1",
                started=START,
                watched_minutes=30,
                how=for_school,
            )
            recorded(await commits.append(by(examiners, result, lower)))
            recorded(await commits.append(by(platform, lesson)))
        async with committing(open_another().writer, town) as commits:
            longer = corrects(town, school, cohort, lesson, Correction.minutes(60))
            refused = (
                longer,
                voids(town, school, cohort, lower),
                voids(town, school, cohort, result),
            )
            for event in refused:
                answers = await commits.append(by(school, event))
                assert codes(answers) == ["NOT_YOURS_TO_WRITE"]
            own = by(platform, corrects(town, platform, cohort, lesson, Correction.minutes(31)))
            assert codes(await commits.append(own)) == [""]
            # One of the same request is known as well as one of another process.
            first = corrects(town, examiners, cohort, result, Correction.score(7_100))
            both = by(examiners, first, voids(town, examiners, cohort, first))
            assert codes(await commits.append(both)) == ["", ""]
            answers = await commits.append(by(examiners, voids(town, examiners, cohort, lower)))
            assert codes(answers) == [""]

    run(story())
    log_is_whole(storage)


def test_neither_a_terminal_nor_a_stranger_approves_an_amendment(
    storage: Storage, town: Town, run: Run
) -> None:
    """The approver is a person: a key that signs by itself is none's."""
    school, terminal = town.school, Ed25519PrivateKey.generate()
    office = Ed25519PrivateKey.generate()

    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            came = town.sign_in(cohort, PERSON)
            keys = [
                school.emitter.key_registered(
                    public_key=public_bytes(key.public_key()), holder=school.party, use=use
                )
                for key, use in (
                    (terminal, pb.KEY_USE_DEVICE),
                    (office, pb.KEY_USE_SYSTEM),
                )
            ]
            recorded(await commits.append(by(school, came, *keys)))
            for key, code in (
                (terminal, "KEY_USE"),
                (office, ""),
                # Not of the institution's people, nor a bureau's.
                (town.other.key, "NOT_YOURS_TO_WRITE"),
                (town.bureau.key, ""),
            ):
                how = replace(
                    two_persons(town), approver_key=key_id(public_bytes(key.public_key()))
                )
                void = school.emitter.event_voided(
                    cohort=cohort,
                    person_ref=PERSON,
                    target=came.event_id,
                    reason="TYPED-WRONG",
                    evidence_digest=EVIDENCE,
                    how=how,
                )
                answers = await commits.append(request(batch(school.key, [void], approver=key)))
                assert codes(answers) == [code]

    run(story())
    log_is_whole(storage)
