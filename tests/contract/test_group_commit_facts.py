"""Group commit on both databases: what is held, and whose cohort it is."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import events_pb2 as pb
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import Storage
from tests.contract.town_log import (
    OTHER_PERSON,
    PERSON,
    by,
    founded,
    log_is_whole,
    planned,
)
from tests.unit.application.town import (
    START,
    START_US,
    Member,
    Town,
    batch,
    codes,
    recorded,
    request,
)

Open = Callable[[], Storage]
Run = Callable[[Coroutine[Any, Any, None]], None]
SECOND = 1_000_000


# --- Held ----------------------------------------------------------------------------------------


def test_facts_are_held_for_what_is_missing_and_count_when_it_came(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort()
            session = town.school.emitter.session_started

            def started(ahead: timedelta) -> CapturedEvent:
                occurred = START + timedelta(microseconds=town.time.now_us - START_US) + ahead
                how = Circumstances(occurred=occurred)
                return session(cohort=cohort, session=uuid4(), present=0, how=how)

            answers = await commits.append(
                by(
                    town.school,
                    started(timedelta()),
                    town.sign_in(cohort, PERSON),
                    plan,
                    started(timedelta()),
                    started(timedelta(minutes=11)),
                    started(timedelta(days=-30)),
                    town.sign_in(cohort, PERSON),
                    town.enrolment(cohort, PERSON),
                    town.sign_in(cohort, PERSON),
                )
            )
            assert codes(answers) == [
                "COHORT_NOT_PLANNED",
                "ENROLMENT_NOT_OPEN",
                "",
                "",
                "CLOCK_AHEAD",
                "",
                "ENROLMENT_NOT_OPEN",
                "",
                "",
            ]
            held = [row.held for row in storage.reader.rows(0, 100, cohort.bytes)]
            assert held == codes(answers)
            log_is_whole(storage)

    run(story())


def test_a_lost_keys_backlog_is_held_and_a_rotated_keys_accepted_until_the_date(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            end = town.school.emitter.key_ended
            until = START + timedelta(hours=1)
            keys = {}
            for name, ending in (("lost", 2), ("rotated", 1)):
                key = keys[name] = Ed25519PrivateKey.generate()
                register = town.school.emitter.key_registered(
                    public_key=public_bytes(key.public_key()),
                    holder=town.school.party,
                    use=pb.KEY_USE_SYSTEM,
                )
                over = end(
                    key_id=by_key(key),
                    holder=town.school.party,
                    ending=pb.KeyEnding.ValueType(ending),
                    accepted_until=until if ending == 1 else None,
                )
                recorded(await commits.append(by(town.school, register, over)))

            async def told(name: str) -> list[str]:
                emitter = town.emitter(keys[name], town.school.party)
                fact = emitter.course_test_recorded(
                    cohort=cohort, person_ref=PERSON, score_hundredths=9_000
                )
                decision = emitter.learner_withdrew(
                    cohort=cohort, person_ref=OTHER_PERSON, reason="MOVED"
                )
                return codes(await commits.append(request(batch(keys[name], [fact, decision]))))

            assert await told("lost") == ["KEY_LOST_OR_RETIRED", "KEY_ENDED"]
            assert await told("rotated") == ["", "NOT_ENROLLED"]
            town.time.pass_time(3_600 * SECOND)
            assert await told("rotated") == ["KEY_ENDED", "KEY_ENDED"]
            longer = end(
                key_id=by_key(keys["rotated"]),
                holder=town.school.party,
                ending=pb.KEY_ENDING_ROTATED,
                accepted_until=until + timedelta(days=365),
            )
            assert codes(await commits.append(by(town.school, longer))) == ["KEY_ENDED"]
            log_is_whole(storage)

    def by_key(key: Ed25519PrivateKey) -> bytes:
        return Member(0, "", "", key, town.school.emitter).key_id  # type: ignore[arg-type]

    run(story())


# --- Whose cohort --------------------------------------------------------------------------------


def test_a_bureau_does_not_make_the_first_entry_of_a_cohort(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort()
            result = town.bureau.emitter.theory_exam_result_recorded(
                cohort=cohort,
                person_ref=PERSON,
                attempt=1,
                score_hundredths=9_000,
                how=Circumstances(
                    record_origin=pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
                    source_digest=bytes(32),
                    entered_by=uuid4(),
                    approved_by=uuid4(),
                    recorded_for=town.school.party,
                ),
            )
            assert codes(await commits.append(by(town.bureau, result))) == ["NOT_YOUR_COHORT"]
            recorded(await commits.append(by(town.school, plan)))
            # The plan names an exam body: nobody transcribes for it.
            answers = await commits.append(by(town.bureau, result))
            assert codes(answers) == ["NOT_YOURS_TO_WRITE"]

    run(story())


def test_a_platform_writes_into_no_guest_cohort_that_does_not_name_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            home = await planned(commits, town, PERSON)
            unnamed = uuid4()
            session = town.school.emitter.session_started(
                cohort=unnamed, session=uuid4(), present=0
            )
            recorded(await commits.append(by(town.school, session)))
            foreign, plan = town.cohort(of=town.other)
            recorded(await commits.append(by(town.other, plan)))

            def lesson(*guests: UUID) -> CapturedEvent:
                return town.platform.emitter.online_lesson_completed(
                    cohort=home,
                    person_ref=PERSON,
                    lesson="LV-1",
                    started=START,
                    watched_minutes=30,
                    how=Circumstances(recorded_for=town.school.party, guest_cohorts=guests),
                )

            lessons = [lesson(), lesson(unnamed), lesson(foreign), lesson(uuid4())]
            assert codes(await commits.append(by(town.platform, *lessons))) == [
                "",
                "NOT_YOUR_COHORT",
                "NOT_YOUR_COHORT",
                "NOT_YOUR_COHORT",
            ]

    run(story())


def test_a_cohort_belongs_to_who_wrote_first_and_to_nobody_else(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort()
            recorded(await commits.append(by(town.school, town.sign_in(cohort, PERSON))))
            theirs = town.sign_in(cohort, OTHER_PERSON, town.other)
            claimed = town.other.emitter.learner_signed_in(
                cohort=cohort,
                person_ref=PERSON,
                session=uuid4(),
                method=pb.PRESENCE_METHOD_ID_CARD,
                how=Circumstances(recorded_for=town.school.party),
            )
            answers = await commits.append(by(town.other, theirs, claimed))
            assert codes(answers) == ["NOT_YOUR_COHORT", "NOT_YOUR_COHORT"]
            recorded(await commits.append(by(town.school, plan)))

    run(story())
