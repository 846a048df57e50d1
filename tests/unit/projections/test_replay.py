"""A cohort at any moment: small streams by hand, with figures computed by hand.

The morning session runs from 8:30 to 12:00 with 30 minutes of breaks: 180 minutes, of 45 each, are
4 hours of classroom theory.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.policies import HourComponent
from ledger.domain.recorded_event import RecordedEvent
from projections.answers import Answer
from projections.cohort_file_records import CohortFile
from projections.replay_queries import BeyondLogError, Moment, ReplayQueries, Steps
from projections.timeline_records import (
    ChangedEvent,
    CohortDifference,
    FigureChange,
    TimelineStep,
)
from tests.unit.projections.memory import MemoryHistory
from tests.unit.projections.story import (
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    DAY,
    MORNING,
    Story,
    at,
    certificate,
    enrolment,
)

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"
OTHER = UUID(int=0xC1).bytes
CARLA = UUID(int=0xA3).bytes
THEORY = HourComponent.THEORY_OFFLINE
PAPER = 3


def hours(file: CohortFile | None, person: bytes) -> tuple[int, int]:
    """(minutes, hours) of classroom theory."""
    assert file is not None
    learner = next(row for row in file.learners if row.enrolment == enrolment(person))
    return next((row.minutes, row.credited) for row in learner.hours if row.component is THEORY)


class School:
    """Anna comes by terminal; Benno stands on a paper roll that is typed in two days later."""

    def __init__(self) -> None:
        self.story = story = Story()
        before = at(20, day=-1)
        story.adopt_policy()
        self._recorded(before)
        story.plan(occurred_us=before, recorded_us=before)
        story.enrol(ANNA, occurred_us=before, recorded_us=before)
        story.enrol(BENNO, occurred_us=before, recorded_us=before)
        story.cohort_fact(
            pb.SessionScheduled(
                session=MORNING,
                start_us=at(8, 30),
                end_us=at(12),
                component=pb.HOUR_COMPONENT_THEORY_OFFLINE,
            ),
            occurred_us=before,
            recorded_us=before,
        )
        self._mark(ANNA, at(8, 20), at(8, 20), sign_in=True)
        story.cohort_fact(
            pb.SessionStarted(session=MORNING), occurred_us=at(8, 30), recorded_us=at(8, 31)
        )
        story.cohort_fact(
            pb.SessionEnded(session=MORNING, break_minutes=30),
            occurred_us=at(12),
            recorded_us=at(12, 1),
        )
        self._mark(ANNA, at(12, 5), at(12, 5), sign_in=False)
        self.known_that_day = story.next_index
        for minute, sign_in in ((25, True), (240, False)):
            occurred = at(8) + minute * (DAY // 1440)
            self._mark(BENNO, occurred, at(9, day=2), sign_in=sign_in)
            header: Any = self.story.events[-1][0].header
            header.record_origin = PAPER

    def _recorded(self, moment: int) -> None:
        event, held = self.story.events.pop()
        fields = (event.index, event.seq, event.type, event.stream, moment)
        self.story.events.append((type(event)(*fields, event.header, event.body), held))

    def _mark(self, person: bytes, occurred: int, recorded: int, *, sign_in: bool) -> None:
        kind = pb.LearnerSignedIn if sign_in else pb.LearnerSignedOut
        body = kind(session=MORNING, method=pb.PRESENCE_METHOD_ID_CARD)
        self.story.fact(person, body, occurred_us=occurred, recorded_us=recorded)

    @property
    def queries(self) -> ReplayQueries:
        return ReplayQueries(MemoryHistory(self.story.events))

    def file(self, **moment: int) -> CohortFile | None:
        return self.queries.cohort_file(COHORT, Moment(**moment)).value

    def steps(self, **which: object) -> Sequence[TimelineStep]:
        return self.queries.timeline(COHORT, Steps(**which), b"", 1_000).rows  # type: ignore[arg-type] # as given

    def difference(self, before: Moment, after: Moment) -> CohortDifference:
        found = self.queries.difference(COHORT, before, after).value
        assert found is not None
        return found


def change(person: bytes, before: tuple[int, int], after: tuple[int, int]) -> FigureChange:
    minutes, credited = zip(before, after, strict=True)
    return FigureChange(enrolment(person), person, THEORY, *minutes, *credited)


# --- the file at a moment ------------------------------------------------------------------------


def test_a_late_paper_roll_on_both_clocks() -> None:
    school = School()
    known_then = school.file(recorded_us=at(23, 59))
    assert hours(known_then, ANNA) == (180, 4)
    assert hours(known_then, BENNO) == (0, 0)
    # By that day it had happened, as is known now.
    happened_then = school.file(occurred_us=at(23, 59))
    assert hours(happened_then, ANNA) == hours(happened_then, BENNO) == (180, 4)
    # Both bounds: what had happened by then, as was known then.
    both = school.file(occurred_us=at(23, 59), recorded_us=at(23, 59))
    assert both == known_then
    assert hours(school.file(recorded_us=at(9, day=2)), BENNO) == (180, 4)
    assert hours(school.file(recorded_us=at(9, day=2) - 1), BENNO) == (0, 0)


def test_what_had_happened_by_the_middle_of_the_session_credits_nothing_yet() -> None:
    school = School()
    file = school.file(occurred_us=at(11))
    assert hours(file, ANNA) == hours(file, BENNO) == (0, 0)
    assert file is not None
    (session,) = file.sessions
    assert (session.started_us, session.ended_us, session.signed_in) == (at(8, 30), 0, 2)


def test_an_index_names_the_log_when_it_had_that_size() -> None:
    school = School()
    queries = school.queries
    size = len(school.story.events)
    for index, benno in ((school.known_that_day, 0), (size - 1, 0), (size, 4)):
        answer = queries.cohort_file(COHORT, Moment(index=index))
        assert (hours(answer.value, BENNO)[1], answer.as_of_size) == (benno, index)
    # The policy is entry 0 and the plan entry 1.
    assert queries.cohort(COHORT, Moment(index=1)) == Answer(None, 1)
    planned = queries.cohort(COHORT, Moment(index=2)).value
    assert planned is not None
    assert (planned.state, planned.enrolled) == ("planned", 0)
    with pytest.raises(BeyondLogError, match=f"has {size} entries"):
        queries.cohort(COHORT, Moment(index=size + 1))


def test_a_cohort_that_is_not_there_has_no_past() -> None:
    queries = School().queries
    assert queries.cohort(OTHER, Moment()).value is None
    assert queries.cohort_file(OTHER, Moment()).value is None
    assert queries.timeline(OTHER, Steps(), b"", 9).rows == ()
    assert queries.difference(OTHER, Moment(index=0), Moment()).value is None


# --- the timeline --------------------------------------------------------------------------------


def test_each_step_says_what_it_changed() -> None:
    school = School()
    steps = school.steps()
    assert [step.event.index for step in steps] == list(range(1, len(school.story.events)))
    changed = {step.event.index: step.figures for step in steps if step.figures}
    # Anna's hours come with her sign-out; Benno's with his, typed in two days later.
    assert changed == {
        school.known_that_day - 1: (change(ANNA, (0, 0), (180, 4)),),
        school.known_that_day + 1: (change(BENNO, (0, 0), (180, 4)),),
    }
    event = steps[-1].event
    assert (event.type, event.kind, event.guest, event.held) == (
        "LearnerSignedOut",
        "enrolment",
        False,
        "",
    )
    assert (event.enrolment, event.person_ref, event.origin) == (enrolment(BENNO), BENNO, PAPER)
    assert (event.occurred_us, event.recorded_us) == (at(12), at(9, day=2))


def test_a_late_end_of_the_session_touches_everybody_who_was_there() -> None:
    school = School()
    ends = [n for n, fed in enumerate(school.story.events) if fed[0].type == "SessionEnded"]
    end, held = school.story.events.pop(ends[0])
    last = school.story.next_index
    fields = (last, end.seq, end.type, end.stream, at(10, day=2))
    school.story.events.append((type(end)(*fields, end.header, end.body), held))
    steps = school.steps()
    assert [step.event.index for step in steps if step.figures] == [last]
    assert steps[-1].figures == (
        change(ANNA, (0, 0), (180, 4)),
        change(BENNO, (0, 0), (180, 4)),
    )


def test_the_steps_of_one_learner_are_hers_and_what_changed_her_hours() -> None:
    school = School()
    school.story.issue(ANNA, NUMBER)
    school.story.issue(BENNO, NUMBER.replace("K7Q2", "K7Q3"))
    school.story.revoke(ANNA)
    steps = school.steps(enrolment=enrolment(ANNA))
    assert [step.event.type for step in steps] == [
        "LearnerEnrolled",
        "LearnerSignedIn",
        "LearnerSignedOut",
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
    ]
    assert {step.event.enrolment for step in steps} == {enrolment(ANNA)}
    assert steps[-1].event.stream == certificate(ANNA)


def test_an_attribution_is_a_step_of_the_learner_and_changes_her_hours_alone() -> None:
    school = School()
    ticket = b"t" * 16
    body = pb.UnlistedPresenceAttributed(session=MORNING, ticket=ticket, enrolment=enrolment(CARLA))
    school.story.cohort_fact(body, persons=(CLERK, CHIEF))
    school.story.enrol(CARLA)
    for kind, hour in ((pb.UnlistedSignedIn, 8), (pb.UnlistedSignedOut, 11)):
        mark = kind(session=MORNING, ticket=ticket, method=pb.PRESENCE_METHOD_FACE)
        school.story.cohort_fact(mark, occurred_us=at(hour))
    steps = school.steps(enrolment=enrolment(CARLA))
    assert [step.event.type for step in steps] == [
        "UnlistedPresenceAttributed",
        "LearnerEnrolled",
        # The sign-in alone changes nothing: it is the sign-out that does.
        "UnlistedSignedOut",
    ]
    # 08:30 to 11:00 is 150, less 30 are 120; 120 // 45 = 2
    assert steps[-1].figures == (change(CARLA, (0, 0), (120, 2)),)
    assert (steps[0].event.enrolment, steps[0].event.person_ref) == (enrolment(CARLA), CARLA)
    assert steps[0].figures == ()
    assert hours(school.file(), CARLA) == (120, 2)


def test_steps_from_and_to_an_index() -> None:
    school = School()
    indexes = [step.event.index for step in school.steps(start=4, end=7)]
    assert indexes == [4, 5, 6]
    assert school.steps(start=100) == ()
    first = school.queries.timeline(COHORT, Steps(start=4, end=7), b"", 2)
    assert [row.event.index for row in first.rows] == [4, 5]
    rest = school.queries.timeline(COHORT, Steps(start=4, end=7), first.after, 2)
    assert ([row.event.index for row in rest.rows], rest.after) == ([6], b"")


def test_what_the_register_changes_is_nobodys_step() -> None:
    school = School()
    policy = school.story.events.pop(0)
    event = policy[0]
    late = (school.story.next_index, 1, event.type, event.stream, at(10, day=2))
    school.story.events.append((type(event)(*late, event.header, event.body), ""))
    school.story.next_index += 1
    school.story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=9_000))
    steps = school.steps()
    # No policy, no hours; when it came, nothing of the cohort happened.
    assert all(step.figures == () for step in steps)
    assert hours(school.file(), ANNA) == (180, 4)


def test_a_guest_is_shown_and_counts_elsewhere() -> None:
    school = School()
    sign_in = pb.LearnerSignedIn(session=MORNING, method=pb.PRESENCE_METHOD_FACE)
    school.story.tell(enrolment(ANNA, OTHER), sign_in, cohorts=(OTHER, COHORT), person=ANNA)
    step = school.steps()[-1]
    assert (step.event.guest, step.event.enrolment) == (True, enrolment(ANNA, OTHER))
    assert step.figures == ()


def test_a_lesson_made_up_elsewhere_counts_when_the_host_held_it() -> None:
    school, host = School(), UUID(int=0xC2).bytes
    story, session = school.story, UUID(int=0x53).bytes

    def told(body: Message, hour: int) -> int:
        event = story.tell(
            host,
            body,
            cohorts=(host,),
            occurred_us=at(hour, day=3),
            recorded_us=at(hour, day=3),
        )
        return event.index

    story.plan(host, recorded_us=at(8, day=3))
    told(
        pb.SessionScheduled(
            session=session,
            start_us=at(9, day=3),
            end_us=at(12, day=3),
            component=pb.HOUR_COMPONENT_THEORY_OFFLINE,
        ),
        8,
    )
    plan = pb.MakeUpScheduled(missed=MORNING, session=session, cohort=host, due_day=20260330)
    story.fact(ANNA, plan, occurred_us=at(8, day=3), recorded_us=at(8, day=3))
    told(pb.SessionStarted(session=session), 9)
    for kind, hour in ((pb.LearnerSignedIn, 9), (pb.LearnerSignedOut, 12)):
        mark = kind(session=session, method=pb.PRESENCE_METHOD_ID_CARD)
        story.fact(
            ANNA,
            mark,
            cohorts=(COHORT, host),
            occurred_us=at(hour, day=3),
            recorded_us=at(hour, day=3),
        )
    ended = told(pb.SessionEnded(session=session), 12)
    # 180 minutes in the morning, 180 made up; not before the host's session was over.
    assert hours(school.file(index=ended), ANNA) == (180, 4)
    assert hours(school.file(), ANNA) == (360, 8)
    # The end of the host's session is no step of this cohort, but its effect is in the difference.
    assert [step.event.index for step in school.steps() if step.figures] == [
        school.known_that_day - 1,
        school.known_that_day + 1,
    ]
    apart = school.difference(Moment(index=ended), Moment())
    assert (apart.events, apart.figures) == ((), (change(ANNA, (180, 4), (360, 8)),))


# --- two moments apart ---------------------------------------------------------------------------


def marks(row: ChangedEvent) -> set[str]:
    names = ("added", "removed", "transcribed", "late", "released")
    return {name for name in names if getattr(row, name)}


def test_what_became_known_between_two_moments() -> None:
    school = School()
    school.story.item("04-roster", occurred_us=at(9, day=2), recorded_us=at(9, 30, day=2))
    apart = school.difference(Moment(recorded_us=at(23, 59)), Moment())
    assert [(row.event.type, marks(row)) for row in apart.events] == [
        ("LearnerSignedIn", {"added", "transcribed", "late"}),
        ("LearnerSignedOut", {"added", "transcribed", "late"}),
        ("ArchiveItemAdded", {"added"}),
    ]
    assert apart.figures == (change(BENNO, (0, 0), (180, 4)),)
    assert [item.item_class for item in apart.items] == ["04-roster"]
    assert apart.certificates == ()
    assert apart.before == apart.after


def test_two_equal_moments_are_not_apart() -> None:
    apart = School().difference(Moment(), Moment())
    assert (apart.events, apart.figures, apart.items, apart.certificates) == ((), (), (), ())


def test_what_had_happened_and_was_not_known() -> None:
    school = School()
    then = at(23, 59)
    apart = school.difference(Moment(recorded_us=then), Moment(occurred_us=then))
    assert [row.event.person_ref for row in apart.events] == [BENNO, BENNO]
    assert apart.figures == (change(BENNO, (0, 0), (180, 4)),)
    back = school.difference(Moment(occurred_us=then), Moment(recorded_us=then))
    assert [marks(row) for row in back.events] == [{"removed"}, {"removed"}]
    assert back.figures == (change(BENNO, (180, 4), (0, 0)),)


def test_a_day_is_not_late_and_more_is() -> None:
    school = School()
    first = school.story.next_index
    for occurred in (at(9, day=2), at(9, day=2) - 1):
        school.story.item("05-photos", occurred_us=occurred, recorded_us=at(9, day=3))
    apart = school.difference(Moment(index=first), Moment())
    assert [marks(row) for row in apart.events] == [{"added"}, {"added", "late"}]


def test_a_held_fact_that_counts_later_is_said_to() -> None:
    school = School()
    stranger = UUID(int=0xA3).bytes
    test = pb.CourseTestRecorded(score_hundredths=8_000)
    waiting = school.story.fact(stranger, test, occurred_us=at(13), recorded_us=at(13, day=2))
    school.story.enrol(stranger, occurred_us=at(14), recorded_us=at(14, day=2))
    assert school.steps()[-2].event.held == "ENROLMENT_NOT_OPEN"
    apart = school.difference(Moment(index=waiting.index + 1), Moment())
    assert [(row.event.type, marks(row)) for row in apart.events] == [
        ("CourseTestRecorded", {"released"}),
        ("LearnerEnrolled", {"added", "late"}),
    ]
    # Where it was not known before, it is new and was never waiting in between.
    fresh = school.difference(Moment(index=waiting.index), Moment())
    assert [marks(row) for row in fresh.events] == [{"added", "late"}, {"added", "late"}]


def test_a_correction_seen_and_not_seen() -> None:
    school = School()
    signed_out = school.story.events[school.known_that_day - 1][0]
    correction = school.story.fact(
        ANNA,
        pb.RecordCorrected(
            target=signed_out.header.event_id,
            field=pb.CORRECTED_FIELD_OCCURRED,
            number=at(11),
            reason="CLERICAL",
        ),
        occurred_us=at(10, day=3),
        recorded_us=at(10, day=3),
        persons=(CLERK, CHIEF),
    )
    voiding = school.story.cohort_fact(
        pb.CohortEventVoided(target=b"\x7f" * 16, reason="WRONG"),
        occurred_us=at(11, day=3),
        recorded_us=at(11, day=3),
    )
    # Until 11:00 are 150 minutes, less the breaks 120: 2 hours.
    corrected = school.steps()[-2]
    assert corrected.figures == (change(ANNA, (180, 4), (120, 2)),)
    assert hours(school.file(index=correction.index), ANNA) == (180, 4)
    assert hours(school.file(index=correction.index + 1), ANNA) == (120, 2)
    assert hours(school.file(occurred_us=at(9, 59, day=3)), ANNA) == (180, 4)
    assert hours(school.file(occurred_us=at(10, day=3)), ANNA) == (120, 2)
    of_it, elsewhere = (step.event for step in school.steps()[-2:])
    assert (of_it.target, of_it.target_index) == (signed_out.header.event_id, signed_out.index)
    assert (elsewhere.target, elsewhere.target_index) == (b"\x7f" * 16, None)

    seen = school.difference(Moment(index=correction.index), Moment())
    assert seen.figures == corrected.figures
    assert [(row.event.index, row.corrected_by, row.added) for row in seen.events] == [
        (signed_out.index, correction.index, False),
        (correction.index, None, True),
        (voiding.index, None, True),
    ]
    # It happened on the third day: by the second it had not, whatever is known now.
    not_seen = school.difference(Moment(index=correction.index), Moment(occurred_us=at(0, day=3)))
    assert not_seen.events == ()
    known = school.difference(Moment(index=correction.index + 1), Moment())
    assert [row.event.index for row in known.events] == [voiding.index]


def test_a_voided_record_names_what_voids_it() -> None:
    school = School()
    signed_in = next(fed[0] for fed in school.story.events if fed[0].type == "LearnerSignedIn")
    voiding = school.story.fact(
        ANNA,
        pb.EventVoided(target=signed_in.header.event_id, reason="WRONG-LEARNER"),
        recorded_us=at(10, day=3),
        persons=(CLERK, CHIEF),
    )
    apart = school.difference(Moment(index=voiding.index), Moment())
    first = apart.events[0]
    assert (first.event.index, first.voided_by, first.corrected_by) == (
        signed_in.index,
        voiding.index,
        None,
    )


def test_what_is_held_neither_voided_nor_corrected_anything() -> None:
    school = School()

    def amended(body: Message) -> RecordedEvent:
        when = at(10, day=3)
        return school.story.fact(ANNA, body, recorded_us=when, persons=(CLERK, CHIEF))

    start, mark, enrolled = (
        next(fed[0] for fed in school.story.events if fed[0].type == name)
        for name in ("SessionStarted", "LearnerSignedIn", "LearnerEnrolled")
    )
    # An enrolment is a decision; a session's start is no record of the learner's stream.
    void = pb.EventVoided(target=enrolled.header.event_id, reason="WRONG-LEARNER")
    moved = pb.RecordCorrected(
        target=start.header.event_id,
        field=pb.CORRECTED_FIELD_OCCURRED,
        number=at(9),
        reason="CLERICAL",
    )
    first = amended(void)
    second = amended(moved)
    right = pb.EventVoided(target=mark.header.event_id, reason="WRONG-LEARNER")
    counted = amended(right)
    apart = school.difference(Moment(index=first.index), Moment())
    assert [(row.event.index, row.voided_by, row.corrected_by) for row in apart.events] == [
        (mark.index, counted.index, None),
        (first.index, None, None),
        (second.index, None, None),
        (counted.index, None, None),
    ]


def test_certificates_between_two_moments() -> None:
    school = School()
    issue = school.story.issue(ANNA, NUMBER)
    revoked = school.story.revoke(ANNA)
    issued = school.difference(Moment(index=issue.index), Moment(index=revoked.index))
    (gained,) = issued.certificates
    assert (gained.enrolment, gained.number_before, gained.number_after) == (
        enrolment(ANNA),
        "",
        NUMBER,
    )
    (lost,) = school.difference(Moment(index=revoked.index), Moment()).certificates
    assert (lost.state_before, lost.state_after) == ("valid", "revoked")


def test_a_difference_reads_the_record_once() -> None:
    history = MemoryHistory(School().story.events)
    ReplayQueries(history).difference(COHORT, Moment(index=3), Moment())
    assert history.reads == 1
