"""Group commit on both databases: genesis, retries, together or singly, held, whose cohort."""

import asyncio
from collections.abc import Callable, Coroutine
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import events_pb2 as pb
from ledger.application.outcomes import AppendRequest, Refused
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import Storage
from tests.contract.town_log import (
    OTHER_PERSON,
    PERSON,
    by,
    founded,
    log_is_whole,
    planned,
    same_place,
)
from tests.unit.application.town import (
    Town,
    batch,
    codes,
    committing,
    recorded,
    request,
    write_log_key,
)

Open = Callable[[], Storage]
Run = Callable[[Coroutine[Any, Any, None]], None]
SECOND = 1_000_000


# --- Genesis -------------------------------------------------------------------------------------


def test_the_root_key_registers_itself_once(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        await write_log_key(storage.writer)
        async with committing(storage.writer, town) as commits:
            key, bureau = town.genesis()
            again = town.genesis()[0]
            early = await commits.append(by(town.bureau, bureau))
            assert codes(early) == ["UNKNOWN_KEY"]
            assert codes(await commits.append(by(town.bureau, key, bureau))) == ["", ""]
            assert codes(await commits.append(by(town.bureau, again))) == ["ALREADY_REGISTERED"]

    run(story())
    assert [row.type for row in storage.reader.rows(0, 10)] == [
        "KeyRegistered",
        "InstitutionRegistered",
    ]


def test_no_other_key_registers_itself(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        await write_log_key(storage.writer)
        async with committing(storage.writer, town) as commits:
            for use in (pb.KEY_USE_PARTY, pb.KEY_USE_DEVICE):
                for holder in (town.school.party, town.bureau.party):
                    own = town.school.emitter.key_registered(
                        public_key=public_bytes(town.school.key.public_key()),
                        holder=holder,
                        use=use,
                    )
                    assert codes(await commits.append(by(town.school, own))) == ["UNKNOWN_KEY"]

    run(story())
    assert storage.reader.rows(0, 10) == []


@pytest.mark.parametrize("use", [pb.KEY_USE_SYSTEM, pb.KEY_USE_DEVICE])
def test_the_root_key_registers_itself_as_its_bureaus_own_key_only(
    storage: Storage, town: Town, run: Run, use: pb.KeyUse.ValueType
) -> None:
    async def story() -> None:
        await write_log_key(storage.writer)
        public_key = public_bytes(town.bureau.key.public_key())
        register = town.bureau.emitter.key_registered
        lesser = register(public_key=public_key, holder=town.bureau.party, use=use)
        foreign = register(public_key=public_key, holder=town.school.party, use=pb.KEY_USE_PARTY)
        async with committing(storage.writer, town) as commits:
            assert codes(await commits.append(by(town.bureau, lesser))) == ["UNKNOWN_KEY"]
            assert codes(await commits.append(by(town.bureau, foreign))) == ["UNKNOWN_KEY"]

    run(story())


# --- Retries -------------------------------------------------------------------------------------


def test_a_retry_gets_the_same_place(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town)
            sent = by(town.school, town.sign_in(cohort, PERSON))
            first = await commits.append(sent)
            size = storage.reader.head().size
            same_place(first, await commits.append(sent))
            # As after a restart, when nothing is remembered.
            async with committing(storage.writer, town) as restarted:
                same_place(first, await restarted.append(sent))
            assert storage.reader.head().size == size

    run(story())


@pytest.mark.parametrize("ending", [1, 2, 3])
@pytest.mark.parametrize("restart", [False, True])
def test_a_retry_gets_the_same_place_whatever_became_of_the_key(
    storage: Storage,
    town: Town,
    run: Run,
    ending: pb.KeyEnding.ValueType,
    restart: bool,
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            sent = by(town.school, town.sign_in(uuid4(), PERSON))
            new = by(town.school, town.enrolment(uuid4(), PERSON))
            first = await commits.append(sent)
            end = town.bureau.emitter.key_ended(
                key_id=town.school.key_id, holder=town.school.party, ending=ending
            )
            recorded(await commits.append(by(town.bureau, end)))
            async with committing(storage.writer, town) as other:
                writer = other if restart else commits
                same_place(first, await writer.append(sent))
                assert codes(await writer.append(new)) == ["KEY_ENDED"]

    run(story())


def test_a_retry_of_an_approved_batch_survives_the_end_of_the_approvers_key(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)

            def approved() -> AppendRequest:
                event = town.school.emitter.course_test_recorded(
                    cohort=cohort,
                    person_ref=PERSON,
                    score_hundredths=9_000,
                    how=Circumstances(approver_key=town.bureau.key_id),
                )
                return request(batch(town.school.key, [event], approver=town.bureau.key))

            sent = approved()
            first = await commits.append(sent)
            end = town.bureau.emitter.key_ended(
                key_id=town.bureau.key_id,
                holder=town.bureau.party,
                ending=pb.KEY_ENDING_COMPROMISED,
            )
            recorded(await commits.append(by(town.bureau, end)))
            same_place(first, await commits.append(sent))
            refused = await commits.append(approved())
            assert codes(refused) == ["KEY_ENDED"]
            assert isinstance(refused[0], Refused)
            assert refused[0].refusal.field == "header.approver_key"

    run(story())


def _other_content(event: CapturedEvent) -> CapturedEvent:
    message = pb.TrainingEvent.FromString(event.data)
    message.header.salt = bytes(32)
    return CapturedEvent.from_bytes(message.SerializeToString())


def test_an_event_id_means_one_sequence_of_bytes(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            event = town.sign_in(uuid4(), PERSON)
            first = await commits.append(by(town.school, event))
            assert codes(first) == ["ENROLMENT_NOT_OPEN"]
            other = _other_content(event)
            assert codes(await commits.append(by(town.school, other))) == ["EVENT_ID_REUSED"]
            # In one request, and in two requests of one group.
            event = town.sign_in(uuid4(), PERSON)
            other = _other_content(event)
            answers = await commits.append(by(town.school, event, event, other))
            assert codes(answers) == ["ENROLMENT_NOT_OPEN", "AGAIN", "EVENT_ID_REUSED"]
            event = town.sign_in(uuid4(), PERSON)
            other = _other_content(event)
            group = await asyncio.gather(
                *(commits.append(by(town.school, each)) for each in (event, other, event))
            )
            assert [codes(each) for each in group] == [
                ["ENROLMENT_NOT_OPEN"],
                ["EVENT_ID_REUSED"],
                ["AGAIN"],
            ]
            same_place(group[0], group[2])

    run(story())
    log_is_whole(storage)


def test_the_same_event_in_another_batch_is_a_retry(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            event, more = town.sign_in(uuid4(), PERSON), town.sign_in(uuid4(), PERSON)
            first = await commits.append(by(town.school, event))
            again = await commits.append(by(town.school, event, more))
            assert codes(again) == ["AGAIN", "ENROLMENT_NOT_OPEN"]
            same_place(first, again[:1])

    run(story())


def test_what_is_not_authentic_gets_no_place_back(storage: Storage, town: Town, run: Run) -> None:
    """An id seen before tells nothing to who cannot sign for it."""

    async def story() -> None:
        async with founded(storage, town) as commits:
            event = town.sign_in(uuid4(), PERSON)
            recorded(await commits.append(by(town.school, event)))
            forged = batch(town.school.key, [event])
            forged.signature = bytes(64)
            assert codes(await commits.append(request(forged))) == ["BAD_SIGNATURE"]

    run(story())


# --- Together or singly --------------------------------------------------------------------------


def test_facts_are_answered_singly(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            foreign, _ = town.cohort()
            recorded(
                await commits.append(by(town.other, town.sign_in(foreign, PERSON, town.other)))
            )
            answers = await commits.append(
                by(
                    town.school,
                    town.sign_in(cohort, PERSON),
                    town.sign_in(foreign, PERSON),
                    town.sign_in(cohort, PERSON),
                )
            )
            assert codes(answers) == ["", "NOT_YOUR_COHORT", ""]

    run(story())
    log_is_whole(storage)


def test_decisions_on_one_stream_are_all_or_nothing(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town)
            withdraw = town.school.emitter.learner_withdrew
            answers = await commits.append(
                by(
                    town.school,
                    town.enrolment(cohort, PERSON),
                    town.sign_in(cohort, PERSON),
                    town.enrolment(cohort, OTHER_PERSON),
                    withdraw(cohort=cohort, person_ref=PERSON, reason="MOVED"),
                    withdraw(cohort=cohort, person_ref=PERSON, reason="MOVED"),
                )
            )
            # The sign-in is a fact: it stands, and counts for nothing without the enrolment.
            assert codes(answers) == [
                "ATOMIC_ABORTED",
                "ENROLMENT_NOT_OPEN",
                "",
                "ATOMIC_ABORTED",
                "NOT_ENROLLED",
            ]
            opening = town.school.emitter.cohort_opened(cohort=cohort, enrolled=1)
            assert codes(await commits.append(by(town.school, opening))) == [""]

    run(story())
    log_is_whole(storage)


def test_a_refused_stream_takes_along_what_rested_on_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort()
            opening = town.school.emitter.cohort_opened(cohort=cohort, enrolled=2)
            answers = await commits.append(
                by(town.school, plan, town.enrolment(cohort, PERSON), opening)
            )
            assert codes(answers) == ["ATOMIC_ABORTED", "NOT_PLANNED", "COUNT_DIFFERS"]
            assert storage.reader.rows(0, 100, cohort.bytes) == []

    run(story())


def test_a_decision_that_is_not_admitted_takes_its_streams_others_along(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town)
            enrol = town.enrolment(cohort, PERSON)
            message = pb.TrainingEvent.FromString(
                town.school.emitter.learner_withdrew(
                    cohort=cohort, person_ref=PERSON, reason="MOVED"
                ).data
            )
            message.learner_withdrew.reason = "not a code"
            broken = CapturedEvent.from_bytes(message.SerializeToString())
            answers = await commits.append(by(town.school, enrol, broken))
            assert codes(answers) == ["ATOMIC_ABORTED", "INVALID_FIELD"]
            assert codes(await commits.append(by(town.school, enrol))) == [""]

    run(story())


@pytest.mark.parametrize("length", [3, 30])
def test_streams_that_fall_one_after_the_other_fall_in_a_few_passes(
    storage: Storage, town: Town, run: Run, length: int
) -> None:
    """Each key is ended by the key before it, so each falls only when that one has fallen."""

    async def story() -> None:
        async with founded(storage, town) as commits:
            bureau = town.bureau.party
            keys = [Ed25519PrivateKey.generate() for _ in range(length)]

            def registered(key: Ed25519PrivateKey) -> CapturedEvent:
                return town.bureau.emitter.key_registered(
                    public_key=public_bytes(key.public_key()),
                    holder=bureau,
                    use=pb.KEY_USE_PARTY,
                )

            def ended(key: Ed25519PrivateKey, by_key: Ed25519PrivateKey) -> CapturedEvent:
                return town.emitter(by_key, bureau).key_ended(
                    key_id=sha256(public_bytes(key.public_key())).digest(),
                    holder=bureau,
                    ending=pb.KEY_ENDING_COMPROMISED,
                )

            pairs = list(pairwise(keys))
            chain = [batch(before, [ended(key, before)]) for before, key in pairs[::-1]]
            first = batch(town.bureau.key, [registered(key) for key in keys])
            twice = batch(town.bureau.key, [registered(keys[0])])
            answers = await commits.append(request(first, twice, *chain))
            refused = ["ALREADY_REGISTERED"] + ["UNKNOWN_KEY"] * (length - 1)
            assert codes(answers) == ["ATOMIC_ABORTED"] * length + refused
            # Without the one fault all of it is taken.
            answers = await commits.append(request(first, *chain))
            assert codes(answers) == [""] * (2 * length - 1)

    run(story())
    log_is_whole(storage)


def test_a_retry_of_one_decision_stands_beside_a_new_one_that_is_refused(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town)
            enrol = town.enrolment(cohort, PERSON)
            recorded(await commits.append(by(town.school, enrol)))
            answers = await commits.append(by(town.school, enrol, town.enrolment(cohort, PERSON)))
            assert codes(answers) == ["AGAIN", "ALREADY_ENROLLED"]

    run(story())


def test_an_atomic_request_is_recorded_whole_or_not_at_all(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort(capacity=1)
            enrol, second = town.enrolment(cohort, PERSON), town.enrolment(cohort, OTHER_PERSON)
            fact = town.sign_in(cohort, PERSON)
            size = storage.reader.head().size
            answers = await commits.append(by(town.school, plan, enrol, fact, second, atomic=True))
            assert codes(answers) == [
                "ATOMIC_ABORTED",
                "ATOMIC_ABORTED",
                "ATOMIC_ABORTED",
                "COHORT_FULL",
            ]
            assert storage.reader.head().size == size
            # Nothing of it is left in the states either.
            assert codes(await commits.append(by(town.school, second))) == ["NOT_PLANNED"]
            answers = await commits.append(by(town.school, plan, enrol, fact, atomic=True))
            assert codes(answers) == ["", "", ""]
            answers = await commits.append(
                by(town.school, enrol, town.sign_in(cohort, PERSON), second, atomic=True)
            )
            assert codes(answers) == ["AGAIN", "ATOMIC_ABORTED", "COHORT_FULL"]

    run(story())
    log_is_whole(storage)


def test_a_refused_request_leaves_nothing_to_its_group(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort(capacity=1)
            bad = by(
                town.school, plan, town.enrolment(cohort, PERSON), plan_again(town), atomic=True
            )
            good = by(town.school, plan, town.enrolment(cohort, OTHER_PERSON))
            group = await asyncio.gather(commits.append(bad), commits.append(good))
            assert codes(group[0]) == ["ATOMIC_ABORTED", "ATOMIC_ABORTED", "UNKNOWN_PARTY"]
            assert codes(group[1]) == ["", ""]

    def plan_again(town: Town) -> CapturedEvent:
        stranger = uuid4()
        return town.school.emitter.session_started(
            cohort=uuid4(),
            session=uuid4(),
            present=0,
            how=Circumstances(recorded_for=stranger),
        )

    run(story())
    log_is_whole(storage)


def test_later_events_of_a_request_see_earlier_ones(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            terminal = Ed25519PrivateKey.generate()
            emitter = town.emitter(terminal, town.school.party, device="TERM-0001")
            cohort, plan = town.cohort()
            key = town.school.emitter.key_registered(
                public_key=public_bytes(terminal.public_key()),
                holder=town.school.party,
                use=pb.KEY_USE_DEVICE,
                device="TERM-0001",
            )
            sign_in = emitter.learner_signed_in(
                cohort=cohort,
                person_ref=PERSON,
                session=uuid4(),
                method=pb.PRESENCE_METHOD_ID_CARD,
            )
            device, office = batch(terminal, [sign_in]), batch(town.school.key, [key])
            plans = batch(town.school.key, [plan, town.enrolment(cohort, PERSON)])
            too_early = await commits.append(request(device, office))
            assert codes(too_early) == ["UNKNOWN_KEY", ""]
            other = batch(town.school.key, [town.sign_in(cohort, OTHER_PERSON)])
            answers = await commits.append(request(plans, office, device, other))
            assert codes(answers) == ["", "", "AGAIN", "", "ENROLMENT_NOT_OPEN"]

    run(story())


def test_a_party_is_registered_and_writes_in_one_group(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        await write_log_key(storage.writer)
        async with committing(storage.writer, town) as commits:
            cohort, plan = town.cohort()
            enrolment = town.enrolment(cohort, PERSON)
            everything = request(
                town.founding(), batch(town.school.key, [plan]), batch(town.school.key, [enrolment])
            )
            recorded(await commits.append(everything))

    run(story())
    log_is_whole(storage)
