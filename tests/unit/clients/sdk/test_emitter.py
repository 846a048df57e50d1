"""The emitter makes, byte for byte, what the vectors say, and refuses what is obviously wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import (
    CapturedEvent,
    Circumstances,
    ClockReading,
    DeviceChain,
    DraftError,
    Emitter,
    device_clock,
    office_clock,
)
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import read_event
from ledger.log.identifiers import enrolment_id, party_id
from ledger.log.merkle import leaf_hash
from ledger.log.signatures import PrivateKey
from tests.independent.vectors import VECTORS
from tests.unit.clients.sdk.identities import (
    NOW_US,
    SESSION,
    identity_of,
    private_key,
    sessions_started,
)
from tests.unit.clients.sdk.said import arguments, moment, optional, uid
from tests.unit.clients.verifier.small_log import COHORT, INSTITUTION, ISSUER, ORIGIN, PERSON

MADE_AS_USUAL = [
    name for name in VECTORS if name.startswith(("event-", "batch-")) or name == "first-event"
]
CHINA = timezone(timedelta(hours=8))
IDENTITY = identity_of(ISSUER)


def remade(data: bytes, key: PrivateKey) -> CapturedEvent:
    """Make an event again, with its own salt, id and clock."""
    event = read_event(data)
    header = event.header
    state = None
    if header.clock is not None:
        state = pb.ClockState(**vars(header.clock))
    chain = None
    if header.device:
        chain = DeviceChain(header.device_sequence - 1, header.previous_leaf)
    emitter = Emitter(
        identity_of(key, origin=header.origin, party=uid(header.institution)),
        device=header.device,
        chain=chain,
        clock=lambda: ClockReading(header.occurred_us, state),
        utc_offset_minutes=header.utc_offset_minutes,
        synthetic=header.synthetic,
        entropy={32: header.salt, 10: header.event_id[6:]}.__getitem__,
    )
    how = Circumstances(
        record_origin=header.record_origin,
        source_digest=header.source_digest,
        entered_by=optional(header.entered_by),
        approved_by=optional(header.approved_by),
        approver_key=header.approver_key,
        guest_cohorts=tuple(uid(raw) for raw in header.cohorts[1:]),
    )
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in event.type).lstrip("_")
    made = getattr(emitter, name)(**arguments(event), how=how)
    assert isinstance(made, CapturedEvent)
    return made


@pytest.mark.parametrize("name", MADE_AS_USUAL)
def test_every_event_of_the_vectors_comes_out_with_the_same_bytes(name: str) -> None:
    vector = VECTORS[name]
    key = private_key(vector["batch"]["algorithm"], vector["batch"]["private_key_hex"])
    for event in vector["events"]:
        data = bytes.fromhex(event["event_hex"])
        made = remade(data, key)
        assert made.data == data
        assert made.leaf.hex() == event["leaf_hex"]
        assert made == CapturedEvent.from_bytes(data)


def test_the_vectors_hold_every_event_type() -> None:
    types = {
        read_event(bytes.fromhex(each["event_hex"])).type
        for name in MADE_AS_USUAL
        for each in VECTORS[name]["events"]
    }
    bodies = pb.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    assert len(types) == len(bodies) == 76


def test_an_event_of_an_office_states_the_time_and_no_device() -> None:
    (event,) = sessions_started(IDENTITY, 1)
    header = read_event(event.data).header
    assert header.occurred_us == NOW_US
    assert header.utc_offset_minutes == 480
    assert header.record_origin == pb.RECORD_ORIGIN_ENTERED
    assert (header.device, header.device_sequence, header.previous_leaf) == ("", 0, b"")
    assert header.clock is None
    assert header.synthetic is True
    assert header.origin == ORIGIN
    assert uid(header.institution) == INSTITUTION


def test_a_device_numbers_and_chains_its_events_from_where_it_stood() -> None:
    emitter = Emitter(IDENTITY, device="TERM-0001", chain=DeviceChain(41, b"\7" * 32))
    first = emitter.session_started(cohort=COHORT, session=SESSION, present=1)
    second = emitter.session_started(cohort=COHORT, session=SESSION, present=2)
    headers = [read_event(event.data).header for event in (first, second)]
    assert [header.device_sequence for header in headers] == [42, 43]
    assert [header.previous_leaf for header in headers] == [b"\7" * 32, leaf_hash(first.data)]
    assert headers[0].record_origin == pb.RECORD_ORIGIN_DEVICE
    assert len(headers[0].clock.boot_id) == 16
    assert emitter.chain == DeviceChain(43, second.leaf)


def test_an_event_that_cannot_be_made_leaves_the_chain_where_it_was() -> None:
    emitter = Emitter(IDENTITY, device="TERM-0001")
    with pytest.raises(DraftError):
        emitter.session_started(cohort=COHORT, session=SESSION, present=-1)
    assert emitter.chain == DeviceChain()


def test_ids_are_version_7_of_the_moment_and_no_two_are_alike() -> None:
    events = sessions_started(IDENTITY, 50)
    ids = [event.event_id for event in events]
    salts = {read_event(event.data).header.salt for event in events}
    assert len(set(ids)) == len(salts) == 50
    assert {(each.version, each.variant, each.int >> 80) for each in ids} == {
        (7, "specified in RFC 4122", NOW_US // 1000)
    }


def test_who_writes_for_another_party_names_it() -> None:
    exam_body = party_id(ORIGIN, "11320599MA0TEXT02D")
    emitter = Emitter(identity_of(ISSUER, party=exam_body))
    event = emitter.theory_exam_result_recorded(
        cohort=COHORT,
        person_ref=PERSON,
        attempt=1,
        score_hundredths=8800,
        how=Circumstances(recorded_for=INSTITUTION, occurred=datetime(2026, 4, 1, 9, tzinfo=CHINA)),
    )
    header = read_event(event.data).header
    assert uid(header.institution) == INSTITUTION
    assert event.stream == enrolment_id(COHORT, PERSON)
    assert header.occurred_us == 1_775_005_200_000_000  # 2026-04-01 01:00 UTC


def test_a_body_of_defaults_is_there_nevertheless() -> None:
    event = Emitter(IDENTITY).cohort_opened(cohort=COHORT, enrolled=0)
    assert read_event(event.data).type == "CohortOpened"


@given(score=st.integers(0, 10_000), attempt=st.integers(1, 10), year=st.integers(1970, 2200))
def test_what_was_said_is_what_is_read_back(score: int, attempt: int, year: int) -> None:
    event = Emitter(IDENTITY).practical_exam_result_recorded(
        cohort=COHORT,
        person_ref=PERSON,
        attempt=attempt,
        score_hundredths=score,
        how=Circumstances(occurred=datetime(year, 2, 3, 4, 5, 6, 789, tzinfo=UTC)),
    )
    read = read_event(event.data)
    assert (read.body.attempt, read.body.score_hundredths) == (attempt, score)
    assert moment(read.header.occurred_us) == datetime(year, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    assert uid(read.header.person_ref) == PERSON


NAIVE = datetime(2026, 4, 1)  # noqa: DTZ001 - a moment without an offset is what is refused
LATER = datetime(2026, 4, 1, 9, tzinfo=CHINA)
WRONG: dict[str, Callable[[Emitter], object]] = {
    "has no UTC offset": lambda e: e.session_started(
        cohort=COHORT, session=SESSION, present=1, how=Circumstances(occurred=NAIVE)
    ),
    "is before 1970": lambda e: e.cohort_opened(
        cohort=COHORT,
        enrolled=1,
        how=Circumstances(occurred=datetime(1969, 12, 31, tzinfo=UTC)),
    ),
    "is not after the start": lambda e: e.session_scheduled(
        cohort=COHORT,
        session=SESSION,
        start=LATER,
        end=LATER,
        component=pb.HOUR_COMPONENT_PRACTICAL,
        room="P-1",
        teacher=PERSON,
    ),
    "method is not stated": lambda e: e.learner_signed_in(
        cohort=COHORT, person_ref=PERSON, session=SESSION, method=pb.PRESENCE_METHOD_UNSPECIFIED
    ),
    "reason is empty": lambda e: e.learner_withdrew(cohort=COHORT, person_ref=PERSON, reason=""),
    "identity_commitment: 31 bytes": lambda e: e.learner_enrolled(
        cohort=COHORT, person_ref=PERSON, identity_commitment=bytes(31), basis="LOCAL-WORK"
    ),
    "score_hundredths: 10001": lambda e: e.course_test_recorded(
        cohort=COHORT, person_ref=PERSON, score_hundredths=10_001
    ),
    "attempt: 0": lambda e: e.theory_exam_result_recorded(
        cohort=COHORT, person_ref=PERSON, attempt=0, score_hundredths=1
    ),
    "source_digest of a transcribed": lambda e: e.cohort_closed(
        cohort=COHORT,
        completed=1,
        how=Circumstances(record_origin=pb.RECORD_ORIGIN_TRANSCRIBED_PAPER),
    ),
    "public_key: not a SubjectPublicKeyInfo": lambda e: e.key_registered(
        public_key=b"no", holder=PERSON, use=pb.KEY_USE_DEVICE
    ),
    "from_index is for compromised keys": lambda e: e.key_ended(
        key_id=bytes(32), holder=PERSON, ending=pb.KEY_ENDING_ROTATED, from_index=3
    ),
    "accepted_until is for rotated keys": lambda e: e.key_ended(
        key_id=bytes(32),
        holder=PERSON,
        ending=pb.KEY_ENDING_COMPROMISED,
        accepted_until=LATER,
    ),
    "no guest cohort": lambda e: e.policy_adopted(
        document=b"x", how=Circumstances(guest_cohorts=(COHORT,))
    ),
    "document is empty": lambda e: e.policy_adopted(document=b""),
    "the event has 13": lambda e: e.policy_adopted(document=bytes(131_072)),
    "number is empty": lambda e: e.training_certificate_issued(
        certificate=PERSON, cohort=COHORT, issue=pb.TrainingCertificateIssued()
    ),
    "a moment, not a day": lambda e: e.cohort_planned(
        cohort=COHORT,
        trade="2010-1.2",
        trade_name="低压电工作业",
        policy=bytes(32),
        capacity=40,
        first_day=LATER,
        last_day=date(2026, 4, 2),
        number="C-1",
    ),
}


@pytest.mark.parametrize("problem", WRONG)
def test_an_obvious_mistake_is_refused_before_anything_is_signed(problem: str) -> None:
    with pytest.raises(DraftError, match=problem):
        WRONG[problem](Emitter(IDENTITY))


def test_a_chain_without_a_device_is_refused() -> None:
    with pytest.raises(DraftError, match="needs a device"):
        Emitter(IDENTITY, chain=DeviceChain(3, bytes(32)))


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith("refused-")])
def test_bytes_that_the_ledger_would_not_admit_are_not_read_as_an_event(name: str) -> None:
    with pytest.raises(DraftError, match="not an event"):
        CapturedEvent.from_bytes(bytes.fromhex(VECTORS[name]["event_hex"]))


def test_the_clocks_state_what_they_know() -> None:
    assert office_clock().state is None
    boot = UUID("c994f9e0-03d4-4a5f-89e5-a2366ed0fafb")
    state = device_clock(last_sync_us=5, boot_id=boot)().state
    assert state is not None
    assert (state.last_sync_us, state.boot_id) == (5, boot.bytes)
    assert state.monotonic_us > 0
    first, second = device_clock()().state, device_clock()().state
    assert first is not None
    assert second is not None
    assert first.boot_id == second.boot_id
