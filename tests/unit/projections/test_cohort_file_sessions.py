"""Sessions in the cohort file: changes, interruptions, spot checks, coverage by recordings."""

from hashlib import sha256
from uuid import UUID

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.holding import APPROVAL_MISSING
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    MORNING,
    TEACHER,
    Story,
    at,
    enrolment,
)
from tests.unit.projections.taught_day import file_of, learner, session, taught_day

FACE = pb.PRESENCE_METHOD_FACE
OTHER_TEACHER = UUID(int=0x7F).bytes
FIRST, SECOND = b"1" * 16, b"2" * 16


def test_spot_checks_are_counted_with_those_that_were_missed() -> None:
    story = taught_day()
    for person, present in ((ANNA, True), (ANNA, False), (BENNO, True)):
        check = pb.PresenceSpotChecked(session=MORNING, present=present, method=FACE)
        story.fact(person, check)
    shown = session(story)
    assert (shown.spot_checks, shown.missed_spot_checks) == (3, 1)
    assert session(story, AFTERNOON).spot_checks == 0
    # Who is not enrolled is not counted.
    stranger = UUID(int=0xA3).bytes
    story.fact(stranger, pb.PresenceSpotChecked(session=MORNING, present=False, method=FACE))
    assert session(story).spot_checks == 3


def recorded(story: Story, first: int, last: int, gap_seconds: int = 0) -> None:
    body = pb.SessionRecordingStored(
        session=MORNING,
        channel="C1",
        from_us=first,
        to_us=last,
        gap_seconds=gap_seconds,
        recording_digest=sha256(f"{first}-{last}".encode()).digest(),
    )
    story.cohort_fact(body)


@pytest.mark.parametrize(
    ("recordings", "permille"),
    [
        ([], 0),
        ([(at(8), at(12), 0)], 1_000),
        # 240 minutes are taught; 60 of 240
        ([(at(8), at(9), 0)], 250),
        # Beyond the class counts for nothing.
        ([(at(7), at(13), 0)], 1_000),
        ([(at(6), at(8), 0), (at(12), at(13), 0)], 0),
        # 08:00-10:00 and 09:00-11:00 cover 180 of 240, whatever the order.
        ([(at(8), at(10), 0), (at(9), at(11), 0)], 750),
        ([(at(9), at(11), 0), (at(8), at(10), 0)], 750),
        # One inside of the other adds nothing.
        ([(at(8), at(12), 0), (at(9), at(10), 0)], 1_000),
        # 120 minutes less 24 is 96 of 240
        ([(at(8), at(10), 24 * 60)], 400),
        # A gap as long as the recording leaves nothing, and takes nothing from another.
        ([(at(8), at(9), 2 * 3_600), (at(10), at(11), 0)], 250),
        # One second of 14,400 is missing: rounded down.
        ([(at(8), at(12), 1)], 999),
    ],
)
def test_coverage_by_recordings(recordings: list[tuple[int, int, int]], permille: int) -> None:
    story = taught_day()
    for first, last, gap in recordings:
        recorded(story, first, last, gap)
    assert session(story).coverage_permille == permille
    assert session(story, AFTERNOON).coverage_permille == 0


def test_a_session_that_was_not_taught_has_no_coverage() -> None:
    story = taught_day()
    recorded(story, at(8), at(12))
    story.cohort_fact(pb.SessionCancelled(session=MORNING, reason="STORM"))
    shown = session(story)
    assert (shown.cancelled, shown.coverage_permille, shown.recorded) == (True, 0, True)


def test_a_cancelled_session_credits_nothing() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))
    assert learner(story).hours[0].minutes == 220
    story.cohort_fact(pb.SessionCancelled(session=MORNING, reason="STORM"))
    assert learner(story).hours[0].minutes == 0


def test_interruptions_are_shown_and_taken_off() -> None:
    story = taught_day()
    story.attend(ANNA, MORNING, at(8), at(12))
    stop = pb.SessionInterrupted(session=MORNING, reason="POWER")
    story.cohort_fact(stop, occurred_us=at(9))
    story.cohort_fact(pb.SessionResumed(session=MORNING), occurred_us=at(9, 45))
    assert session(story).interrupted_minutes == 45
    # 240 - 45 - 20 = 175
    assert learner(story).hours[0].minutes == 175


def test_a_moved_session_and_its_substitute_teacher() -> None:
    story = taught_day()
    sign_in = pb.TeacherSignedIn(session=MORNING, teacher=TEACHER, method=FACE)
    story.cohort_fact(sign_in)
    assert (session(story).teacher, session(story).teacher_signed_in) == (TEACHER, True)
    body = pb.TeacherSubstituted(session=MORNING, teacher=OTHER_TEACHER, reason="ILLNESS")
    story.cohort_fact(body, occurred_us=at(8, 1))
    assert (session(story).teacher, session(story).teacher_signed_in) == (OTHER_TEACHER, False)
    moved = pb.SessionRescheduled(
        session=MORNING, start_us=at(14), end_us=at(18), room="R-305", teacher=OTHER_TEACHER
    )
    story.cohort_fact(moved, occurred_us=at(8, 2))
    shown = session(story)
    assert (shown.room, shown.planned_start_us, shown.planned_end_us) == ("R-305", at(14), at(18))
    assert (shown.component, shown.started_us) == (1, at(8))


def test_when_its_teacher_came_and_went() -> None:
    story = taught_day()
    assert (session(story).teacher_in_us, session(story).teacher_out_us) == (0, 0)
    for kind, teacher, when in (
        (pb.TeacherSignedIn, TEACHER, at(7, 55)),
        (pb.TeacherSignedIn, OTHER_TEACHER, at(7, 40)),
        (pb.TeacherSignedIn, TEACHER, at(7, 50)),
        (pb.TeacherSignedOut, TEACHER, at(10)),
        (pb.TeacherSignedOut, TEACHER, at(12, 2)),
        (pb.TeacherSignedOut, OTHER_TEACHER, at(12, 30)),
    ):
        mark = kind(session=MORNING, teacher=teacher, method=FACE)
        story.cohort_fact(mark, occurred_us=when)
    shown = session(story)
    # The first sign-in and the last sign-out of the teacher who was due.
    assert (shown.teacher_in_us, shown.teacher_out_us) == (at(7, 50), at(12, 2))
    assert shown.teacher_signed_in
    replaced = pb.TeacherSubstituted(session=MORNING, teacher=OTHER_TEACHER, reason="ILLNESS")
    story.cohort_fact(replaced, occurred_us=at(8, 1))
    shown = session(story)
    assert (shown.teacher_in_us, shown.teacher_out_us) == (at(7, 40), at(12, 30))
    assert session(story, AFTERNOON).teacher_in_us == 0


def unlisted(story: Story, ticket: bytes, first: int, last: int) -> None:
    for kind, when in ((pb.UnlistedSignedIn, first), (pb.UnlistedSignedOut, last)):
        body = kind(session=MORNING, ticket=ticket, method=FACE)
        story.cohort_fact(body, occurred_us=when)


def attributed(story: Story, ticket: bytes, person: bytes) -> RecordedEvent:
    body = pb.UnlistedPresenceAttributed(
        session=MORNING, ticket=ticket, enrolment=enrolment(person)
    )
    return story.cohort_fact(body, persons=(CLERK, CHIEF))


def test_the_unlisted_are_counted_until_they_are_attributed_to_a_learner() -> None:
    story = taught_day()
    # Indices 10 to 13.
    unlisted(story, FIRST, at(8), at(12))
    unlisted(story, SECOND, at(8), at(9))
    assert (session(story).signed_in, session(story).unlisted) == (0, 2)
    assert learner(story).hours[0].minutes == 0
    wrong = attributed(story, FIRST, ANNA)
    assert (session(story).signed_in, session(story).unlisted) == (1, 1)
    # 240 - 20 = 220; 220 // 45 = 4
    hours = learner(story).hours[0]
    assert (hours.minutes, hours.credited) == (220, 4)
    assert hours.events == (4, 5, 6, 10, 11, wrong.index)
    assert learner(story, BENNO).hours[0].minutes == 0
    # To somebody who is not enrolled nothing is attributed yet.
    stranger = UUID(int=0xA3).bytes
    attributed(story, SECOND, stranger)
    assert (session(story).signed_in, session(story).unlisted) == (1, 1)
    story.enrol(stranger)
    assert (session(story).signed_in, session(story).unlisted) == (2, 0)
    # It was Benno: the attribution is void, and another one made.
    void = pb.CohortEventVoided(target=wrong.header.event_id, reason="OTHER-LEARNER")
    story.cohort_fact(void, persons=(CLERK, CHIEF))
    assert (session(story).signed_in, session(story).unlisted) == (1, 1)
    attributed(story, FIRST, BENNO)
    assert (session(story).signed_in, session(story).unlisted) == (2, 0)
    assert learner(story).hours[0].minutes == 0
    assert learner(story, BENNO).hours[0].minutes == 220
    assert session(story, AFTERNOON).unlisted == 0


def test_an_attribution_by_one_person_is_held_of_the_cohort() -> None:
    story = taught_day()
    unlisted(story, FIRST, at(8), at(12))
    body = pb.UnlistedPresenceAttributed(session=MORNING, ticket=FIRST, enrolment=enrolment(ANNA))
    story.cohort_fact(body, persons=(CLERK, CLERK))
    assert (session(story).unlisted, file_of(story).held) == (1, 1)
    assert story.events[-1][1] == APPROVAL_MISSING
