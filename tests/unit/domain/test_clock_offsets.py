"""Stated clock offsets: which facts they hold for, and what they move."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.amendments import stream_record
from ledger.domain.clock_offsets import ClockOffset, clock_offset, offset_for
from ledger.domain.enrolment_hours import cohort_record, cohort_records, enrolment_record
from ledger.domain.holding import CLOCK_AHEAD
from ledger.domain.policies import parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.event_reader import read_event
from tests.unit.domain.facts import (
    CHIEF,
    CLERK,
    COHORT,
    HOST,
    S1,
    TERMINAL,
    ended,
    fact,
    id_of,
    scheduled,
    signed_in,
    started,
)
from tests.unit.domain.learner_days import ELECTRICIAN, MINUTE, at

POLICY = parse_policy(ELECTRICIAN)
HOUR = 60 * MINUTE
BOOT, OTHER_BOOT = b"B" * 16, b"C" * 16


def stated(
    index: int = 50,
    *,
    device: str = TERMINAL,
    boot: bytes = b"",
    offset_us: int = -HOUR,
    first: str = "08:00",
    last: str = "18:00",
    cohort: bytes = COHORT,
) -> RecordedEvent:
    body = pb.ClockOffsetStated(
        device=device,
        boot_id=boot,
        offset_us=offset_us,
        first_us=at(first),
        last_us=at(last),
        reason="TIME-ZONE",
    )
    return fact(index, "20:00", body, cohorts=(cohort,))


def sign_in(
    clock: str,
    *,
    device: str = TERMINAL,
    boot: bytes = BOOT,
    cohorts: tuple[bytes, ...] = (COHORT,),
) -> RecordedEvent:
    return fact(5, clock, signed_in(S1), device=device, boot=boot, cohorts=cohorts)


def test_a_statement_is_read_as_it_was_written() -> None:
    assert clock_offset(stated(7, boot=BOOT)) == ClockOffset(
        TERMINAL, BOOT, -HOUR, at("08:00"), at("18:00"), 7, COHORT
    )


@pytest.mark.parametrize(
    ("event", "given", "covered"),
    [
        (sign_in("09:00"), {}, True),
        (sign_in("09:00", device="TERM-0002"), {}, False),
        # An event without a device is nobody's terminal's.
        (sign_in("09:00", device=""), {}, False),
        (sign_in("09:00"), {"boot": BOOT}, True),
        (sign_in("09:00", boot=OTHER_BOOT), {"boot": BOOT}, False),
        (sign_in("09:00", boot=b""), {"boot": BOOT}, False),
        (sign_in("09:00", boot=b""), {}, True),
        # Both ends of the range are inside.
        (sign_in("08:00"), {}, True),
        (sign_in("07:59"), {}, False),
        (sign_in("18:00"), {}, True),
        (sign_in("18:01"), {}, False),
    ],
)
def test_a_statement_holds_for_its_device_boot_and_range(
    event: RecordedEvent, given: dict[str, Any], covered: bool
) -> None:
    offset = clock_offset(stated(**given))
    assert offset.covers(event.header) is covered
    assert offset_for([offset], event) == (offset if covered else None)


def test_the_range_ends_to_the_microsecond() -> None:
    offset = clock_offset(stated())
    for moment, covered in ((offset.first_us - 1, False), (offset.last_us + 1, False)):
        header = pb.EventHeader(device=TERMINAL, occurred_us=moment, cohorts=[COHORT])
        fields: Any = header
        assert offset.covers(fields) is covered


def test_the_newest_statement_that_covers_an_event_counts() -> None:
    older, newer = clock_offset(stated(50)), clock_offset(stated(60, offset_us=-2 * HOUR))
    elsewhere = clock_offset(stated(70, device="TERM-0002"))
    event = sign_in("09:00")
    assert offset_for([newer, older, elsewhere], event) == newer
    assert offset_for([older, elsewhere], event) == older
    assert offset_for([elsewhere], event) is None
    assert offset_for([], event) is None


def test_a_header_that_the_offline_reader_gives_may_have_no_clock() -> None:
    whole = pb.TrainingEvent()
    whole.header.device, whole.header.occurred_us = TERMINAL, at("09:00")
    whole.header.type = "LearnerSignedIn"
    whole.header.cohorts.append(COHORT)
    whole.learner_signed_in.session = S1
    header = read_event(whole.SerializeToString()).header
    assert header.clock is None
    assert clock_offset(stated()).covers(header)
    assert not clock_offset(stated(boot=BOOT)).covers(header)


def test_a_covered_record_counts_at_the_stated_time_and_names_the_statement() -> None:
    (counted,) = stream_record([sign_in("09:22")], [clock_offset(stated())]).counted
    assert (counted.at_us, counted.events) == (at("08:22"), (5, 50))
    (other,) = stream_record([sign_in("09:22", device="T-2")], [clock_offset(stated())]).counted
    assert (other.at_us, other.events) == (at("09:22"), (5,))


def test_a_statement_ends_the_hold_of_a_clock_that_is_ahead_and_may_begin_one() -> None:
    ahead = replace(sign_in("09:22"), recorded_us=at("08:30"))
    assert stream_record([ahead]).held == {5: CLOCK_AHEAD}
    assert stream_record([ahead], [clock_offset(stated())]).held == {}
    # Half an hour does not reach: 08:52 is still more than ten minutes ahead of 08:30.
    short = clock_offset(stated(offset_us=-HOUR // 2))
    assert stream_record([ahead], [short]).held == {5: CLOCK_AHEAD}
    late = clock_offset(stated(offset_us=HOUR))
    assert stream_record([sign_in("09:22")], [late]).held == {5: CLOCK_AHEAD}


def test_a_cohorts_own_session_is_taught_at_the_stated_time() -> None:
    events = [
        fact(1, "07:00", scheduled(S1)),
        fact(2, "09:30", started(S1), device=TERMINAL),
        fact(3, "13:00", ended(S1), device=TERMINAL),
        stated(),
    ]
    taught = cohort_record(COHORT, events, POLICY).taught[S1]
    assert (taught.start_us, taught.end_us) == (at("08:30"), at("12:00"))
    assert taught.events == (1, 2, 50, 3, 50)
    voided = pb.CohortEventVoided(target=id_of(50), reason="TYPED-WRONG")
    events.append(fact(60, "20:00", voided, persons=(CLERK, CHIEF)))
    record = cohort_record(COHORT, events, POLICY)
    assert (record.offsets, record.taught[S1].start_us) == ((), at("09:30"))


def test_a_cohort_states_the_clocks_of_what_happened_in_it() -> None:
    at_home = cohort_records([stated()], COHORT, POLICY)
    at_host = cohort_records([stated(cohort=HOST)], COHORT, POLICY)
    assert [record.cohort for record in at_host] == [COHORT, HOST]
    own, guest = sign_in("09:22"), sign_in("09:22", cohorts=(COHORT, HOST))
    plan = fact(4, "07:00", pb.MakeUpScheduled(session=S1, cohort=HOST))
    for event, cohorts, clock in (
        (own, at_home, "08:22"),
        (guest, at_host, "08:22"),
        # A host takes no hours at home away, nor the home side those of its learner elsewhere.
        (own, at_host, "09:22"),
        (guest, at_home, "09:22"),
        (own, (), "09:22"),
    ):
        counted = enrolment_record([plan, event], cohorts, POLICY).counted[-1]
        assert (counted.event.index, counted.at_us) == (5, at(clock))


CHEATING = pb.ExamCheatingRecorded(subject=pb.EXAM_SUBJECT_THEORY, attempt=1, reason="PHONE")


@pytest.mark.parametrize(
    "body",
    [
        CHEATING,
        pb.TheoryExamResultRecorded(attempt=1, score_hundredths=9_000),
        pb.OnlineLessonCompleted(lesson="LV-1", started_us=at("09:00"), watched_minutes=20),
    ],
)
def test_an_institution_states_no_clock_of_exam_bodies_and_platforms(body: Message) -> None:
    event = fact(5, "09:22", body, device=TERMINAL)
    for offset_us in (HOUR, -HOUR):
        offset = clock_offset(stated(offset_us=offset_us))
        assert offset_for([offset], event) is None
        (counted,) = stream_record([event], [offset]).counted
        assert counted.at_us == at("09:22")


def test_what_an_exam_body_may_have_written_is_not_held_by_a_statement() -> None:
    mismatch = pb.IdentityMismatchDetected(session=S1, method=pb.PRESENCE_METHOD_FACE)
    event = fact(5, "09:22", mismatch, device=TERMINAL)
    forward = clock_offset(stated(offset_us=HOUR))
    assert stream_record([event], [forward]).held == {}
    # A clock of the institution's that was ahead is still put right.
    ahead = replace(event, recorded_us=at("08:30"))
    assert stream_record([ahead]).held == {5: CLOCK_AHEAD}
    assert stream_record([ahead], [clock_offset(stated())]).held == {}
