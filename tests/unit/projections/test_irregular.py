"""Irregular records: each kind with the nearest record that is none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.recorded_event import RecordedEvent
from projections.follower import Follower
from projections.irregular import IrregularKind
from projections.ports import FedEvent
from projections.supervision_queries import SupervisionQueries
from projections.supervision_records import IrregularRecord
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    DAY,
    INSTITUTION,
    MORNING,
    Story,
    at,
    enrolment,
)

FACE = pb.PRESENCE_METHOD_FACE
ELSEWHERE = UUID(int=0x99).bytes
SIGN_IN = pb.LearnerSignedIn(session=MORNING, method=FACE)


def queries(events: Sequence[FedEvent]) -> SupervisionQueries:
    store = MemoryViews()
    Follower(MemoryFeed(list(events)), store).catch_up()
    return SupervisionQueries(store)


def listed(story: Story) -> tuple[IrregularRecord, ...]:
    return queries(story.events).irregular(None, 0, b"", 100).rows


def kinds(story: Story) -> list[tuple[int, str]]:
    return [(row.index, row.kind.name) for row in listed(story)]


def begun() -> Story:
    """A planned cohort with one learner, all recorded as it happened: nothing irregular."""
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan(recorded_us=at(8))
    story.enrol(ANNA, recorded_us=at(8))
    return story


def fact(story: Story, body: Message, *, person: bytes = ANNA, hour: int = 9) -> RecordedEvent:
    """A fact that is recorded when it happens, entered by one person and approved by another."""
    return story.fact(
        person, body, occurred_us=at(hour), recorded_us=at(hour), persons=(CLERK, CHIEF)
    )


def void(story: Story, target: RecordedEvent, *, person: bytes = ANNA) -> RecordedEvent:
    """A voiding that is recorded when it is made, two days after the story begins."""
    now = at(10, day=2)
    return story.void(person, target.index, occurred_us=now, recorded_us=now)


def test_late_is_more_than_a_day_after_it_happened() -> None:
    story = begun()
    story.fact(ANNA, SIGN_IN, occurred_us=at(8), recorded_us=at(8) + DAY)
    late = story.fact(ANNA, SIGN_IN, occurred_us=at(8), recorded_us=at(8) + DAY + 1)
    (row,) = listed(story)
    assert row == IrregularRecord(
        kind=IrregularKind.LATE,
        details={},
        index=late.index,
        event_id=late.header.event_id,
        type="LearnerSignedIn",
        cohort=COHORT,
        enrolment=enrolment(ANNA),
        institution=INSTITUTION,
        area="320599",
        occurred_us=at(8),
        recorded_us=at(8) + DAY + 1,
        voided_by=b"",
    )


def test_a_held_record_is_listed_as_long_as_it_is_held() -> None:
    story = begun()
    waiting = fact(story, SIGN_IN, person=BENNO)
    ahead = story.fact(BENNO, SIGN_IN, occurred_us=at(12), recorded_us=at(9))
    assert kinds(story) == [(waiting.index, "HELD"), (ahead.index, "HELD")]
    assert [row.details["code"] for row in listed(story)] == ["ENROLMENT_NOT_OPEN"] * 2
    story.enrol(BENNO, recorded_us=at(13))
    assert kinds(story) == [(ahead.index, "HELD")]
    assert listed(story)[0].details == {"code": "CLOCK_AHEAD"}


def test_a_correction_names_its_target_field_and_reason() -> None:
    story = begun()
    signed = fact(story, SIGN_IN)
    body = pb.RecordCorrected(
        target=signed.header.event_id,
        field=pb.CORRECTED_FIELD_OCCURRED,
        number=at(8),
        reason="TYPING",
    )
    corrected = fact(story, body)
    (row,) = listed(story)
    assert (row.index, row.kind, row.voided_by) == (corrected.index, IrregularKind.CORRECTION, b"")
    assert row.details == {
        "target": signed.header.event_id.hex(),
        "field": pb.CORRECTED_FIELD_OCCURRED,
        "reason": "TYPING",
    }


def test_a_voiding_is_listed_and_marks_what_it_voids_in_its_own_stream_only() -> None:
    story = begun()
    late = [
        story.fact(person, SIGN_IN, occurred_us=at(8), recorded_us=at(9, day=2))
        for person in (ANNA, BENNO)
    ]
    story.enrol(BENNO, recorded_us=at(9, day=2))
    voidings = [void(story, each) for each in late]
    rows = {(row.index, row.kind): row for row in listed(story)}
    assert rows[late[0].index, IrregularKind.LATE].voided_by == voidings[0].header.event_id
    assert rows[late[1].index, IrregularKind.LATE].voided_by == b""
    voiding = rows[voidings[0].index, IrregularKind.VOIDING]
    assert voiding.details == {"target": late[0].header.event_id.hex(), "reason": "TYPED-WRONG"}
    # The one that reaches nothing is held for that.
    assert (voidings[0].index, IrregularKind.HELD) not in rows
    assert rows[voidings[1].index, IrregularKind.HELD].details == {"code": "TARGET_UNKNOWN"}


def test_a_record_is_void_as_long_as_its_voiding_is_not() -> None:
    story = begun()
    late = story.fact(ANNA, SIGN_IN, occurred_us=at(8), recorded_us=at(9, day=2))
    first = void(story, late)
    second = void(story, first)
    rows = {(row.index, row.kind): row for row in listed(story)}
    assert rows[late.index, IrregularKind.LATE].voided_by == b""
    assert rows[first.index, IrregularKind.VOIDING].voided_by == second.header.event_id
    assert rows[second.index, IrregularKind.VOIDING].voided_by == b""


def test_a_voiding_that_waits_for_its_enrolment_voids_from_then_on() -> None:
    story = begun()
    late = story.fact(BENNO, SIGN_IN, occurred_us=at(8), recorded_us=at(9, day=2))
    voiding = void(story, late, person=BENNO)
    assert {row.voided_by for row in listed(story)} == {b""}
    story.enrol(BENNO, recorded_us=at(11, day=2), occurred_us=at(11, day=2))
    rows = {(row.index, row.kind): row for row in listed(story)}
    assert rows[late.index, IrregularKind.LATE].voided_by == voiding.header.event_id


def test_a_voiding_without_a_second_person_voids_nothing() -> None:
    story = begun()
    late = story.fact(ANNA, SIGN_IN, occurred_us=at(8), recorded_us=at(9, day=2))
    now = at(10, day=2)
    alone = story.void(ANNA, late.index, occurred_us=now, recorded_us=now, persons=(CLERK, CLERK))
    rows = {(row.index, row.kind): row for row in listed(story)}
    assert rows[late.index, IrregularKind.LATE].voided_by == b""
    assert rows[alone.index, IrregularKind.HELD].details == {"code": "APPROVAL_MISSING"}


def test_a_voiding_on_the_cohorts_stream_is_one_too() -> None:
    story = begun()
    late = story.cohort_fact(pb.SessionStarted(session=MORNING), recorded_us=at(9, day=2))
    body = pb.CohortEventVoided(target=late.header.event_id, reason="WRONG-SESSION")
    now = at(9, day=2)
    voiding = story.cohort_fact(body, occurred_us=now, recorded_us=now, persons=(CLERK, CHIEF))
    first, second = listed(story)
    assert (first.index, first.voided_by) == (late.index, voiding.header.event_id)
    assert (second.index, second.kind) == (voiding.index, IrregularKind.VOIDING)
    assert (second.enrolment, second.voided_by) == (b"", b"")


def test_transcribed_are_records_from_paper_or_from_another_system() -> None:
    story = begun()
    origins = (
        pb.RECORD_ORIGIN_DEVICE,
        pb.RECORD_ORIGIN_ENTERED,
        pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
        pb.RECORD_ORIGIN_IMPORTED,
    )
    for origin in origins:
        header: Any = fact(story, SIGN_IN).header
        header.record_origin = origin
    assert [(row.kind.name, row.details["origin"]) for row in listed(story)] == [
        ("TRANSCRIBED", pb.RECORD_ORIGIN_TRANSCRIBED_PAPER),
        ("TRANSCRIBED", pb.RECORD_ORIGIN_IMPORTED),
    ]


def test_absent_in_a_spot_check_is_listed_and_present_is_not() -> None:
    story = begun()
    for present in (True, False):
        fact(story, pb.PresenceSpotChecked(session=MORNING, present=present, method=FACE))
    (row,) = listed(story)
    assert (row.index, row.kind) == (4, IrregularKind.CHECKED_ABSENT)
    assert row.details == {"session": MORNING.hex()}


def test_an_identity_mismatch_is_listed_and_a_match_is_not() -> None:
    story = begun()
    fact(story, pb.IdentityVerified(method=FACE, score_band="A"))
    fact(story, pb.IdentityMismatchDetected(session=MORNING, method=FACE))
    (row,) = listed(story)
    assert (row.index, row.kind) == (4, IrregularKind.IDENTITY_MISMATCH)
    assert row.details == {"session": MORNING.hex(), "method": FACE}


def chained(story: Story, sequence: int, *, leaf: str = "", previous: str = "") -> None:
    """The next event of a terminal; leaves are made up, since the story has no bytes."""
    fact(story, SIGN_IN)
    event, held = story.events[-1]
    header: Any = event.header
    header.device, header.device_sequence = "TERM-0031", sequence
    header.previous_leaf = previous.encode()
    story.events[-1] = replace(event, leaf=(leaf or f"L{sequence}").encode()), held


def test_a_gap_in_a_devices_chain_is_listed_until_the_missing_event_comes() -> None:
    story = begun()
    chained(story, 1)
    chained(story, 3, previous="L2")
    (row,) = listed(story)
    assert (row.index, row.kind) == (4, IrregularKind.CHAIN_GAP)
    assert row.details == {"device": "TERM-0031", "first": 2, "last": 2}
    chained(story, 2, previous="L1")
    assert kinds(story) == []


def test_a_fork_of_a_devices_chain_stays_listed() -> None:
    story = begun()
    chained(story, 1)
    chained(story, 2, previous="L1")
    chained(story, 2, leaf="X2", previous="L1")
    (row,) = listed(story)
    assert (row.index, row.kind) == (5, IrregularKind.CHAIN_FORK)
    assert row.details == {"device": "TERM-0031", "sequence": 2}


def test_two_institutions_may_use_one_serial_code() -> None:
    story = begun()
    chained(story, 1)
    chained(story, 1, leaf="Other")
    header: Any = story.events[-1][0].header
    header.institution = ELSEWHERE
    assert kinds(story) == []


def test_records_stand_by_index_under_the_cohorts_owner_from_a_day_to_a_day() -> None:
    story = begun()
    other = UUID(int=0xC1).bytes
    story.plan(other, institution=ELSEWHERE, recorded_us=at(8))
    absent = pb.PresenceSpotChecked(session=MORNING, present=False, method=FACE)
    for day in range(3):
        story.fact(ANNA, absent, occurred_us=at(9, day=day), recorded_us=at(9, day=day))
    # Written by somebody else into the cohort of the first: its owner is whose record it is.
    story.fact(
        ANNA,
        absent,
        occurred_us=at(10, day=2),
        recorded_us=at(10, day=2),
        institution=ELSEWHERE,
    )
    asked = queries(story.events)
    assert [row.index for row in asked.irregular(INSTITUTION, 0, b"", 9).rows] == [4, 5, 6, 7]
    assert asked.irregular(ELSEWHERE, 0, b"", 9).rows == ()
    first = asked.irregular(None, 0, b"", 3)
    rest = asked.irregular(None, 0, first.after, 3)
    assert ([row.index for row in rest.rows], rest.after) == ([7], b"")
    from_day = at(0, day=1).to_bytes(8, "big")
    middle = asked.irregular(None, at(0, day=2), from_day, 9)
    assert ([row.index for row in middle.rows], middle.after) == ([5], b"")


def test_a_cohort_names_its_owner() -> None:
    asked = queries(begun().events)
    assert asked.cohort_owner(COHORT) == INSTITUTION
    assert asked.cohort_owner(ELSEWHERE) == b""


def test_who_owns_a_cohort_is_said_by_its_first_event() -> None:
    story = begun()
    story.plan(institution=ELSEWHERE, recorded_us=at(8))
    assert queries(story.events).cohort_owner(COHORT) == INSTITUTION
