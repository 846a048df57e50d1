"""The trace of a person: enrolments, editions of the certificate, sessions with their teacher."""

from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from projections.follower import Follower
from projections.supervision_queries import SupervisionQueries
from projections.supervision_records import TracedReference, TracedSession
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CHIEF,
    CLERK,
    COHORT,
    INSTITUTION,
    MINUTE,
    MORNING,
    TEACHER,
    Story,
    at,
    enrolment,
)

FACE = pb.PRESENCE_METHOD_FACE
NUMBERS = ("PXZM-320599-2026-K7Q2-M4XB-9T3H-D", "PXZM-320599-2026-K7Q2-M4XB-9T3J-D")
HOST = UUID(int=0xC1).bytes
MAKE_UP = UUID(int=0x53).bytes
SUBSTITUTE = UUID(int=0x7F).bytes


def traced(story: Story, *references: tuple[bytes, bytes]) -> tuple[TracedReference, ...]:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    answer = SupervisionQueries(store).trace(references)
    assert answer.as_of_size == story.next_index
    return answer.value


def sessions_of(story: Story, person: bytes = ANNA) -> tuple[TracedSession, ...]:
    (found,) = traced(story, (INSTITUTION, person))[0].enrolments
    return found.sessions


def course() -> Story:
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan()
    story.session(AFTERNOON, at(14), at(16))
    story.session(MORNING, at(8), at(12))
    for person in (ANNA, BENNO):
        story.enrol(person)
    return story


def test_a_reference_leads_to_its_enrolments_sessions_and_teachers() -> None:
    story = course()
    story.attend(ANNA, AFTERNOON, at(13, 55), at(16))
    story.attend(ANNA, MORNING, at(7, 50), at(9))
    story.attend(ANNA, MORNING, at(9, 10), at(12))
    (reference,) = traced(story, (INSTITUTION, ANNA))
    assert (reference.institution, reference.institution_name) == (INSTITUTION, "东区培训中心")
    assert reference.person_ref == ANNA
    (found,) = reference.enrolments
    assert (found.enrolment, found.cohort) == (enrolment(ANNA), COHORT)
    assert (found.cohort_number, found.trade_name) == ("2026-017", "低压电工作业")
    assert (found.state, found.certificates) == ("enrolled", ())
    assert [(row.session, row.signed_in_us) for row in found.sessions] == [
        (MORNING, at(7, 50)),
        (AFTERNOON, at(13, 55)),
    ]
    assert {row.shown["teacher"] for row in found.sessions} == {TEACHER.hex()}


def test_what_others_did_is_not_in_it() -> None:
    story = course()
    story.attend(BENNO, MORNING, at(7, 50), at(9))
    (reference,) = traced(story, (INSTITUTION, ANNA))
    assert reference.enrolments[0].sessions == ()


def test_a_spot_check_alone_is_no_attendance() -> None:
    story = course()
    story.fact(ANNA, pb.PresenceSpotChecked(session=MORNING, present=True, method=FACE))
    assert traced(story, (INSTITUTION, ANNA))[0].enrolments[0].sessions == ()


def test_every_edition_of_a_certificate_is_in_it() -> None:
    story = course()
    story.issue(ANNA, NUMBERS[0])
    story.revoke(ANNA)
    story.issue(ANNA, NUMBERS[1], edition=2)
    (found,) = traced(story, (INSTITUTION, ANNA))[0].enrolments
    assert [(each.number, each.edition, each.state) for each in found.certificates] == [
        (NUMBERS[0], 1, "revoked"),
        (NUMBERS[1], 2, "valid"),
    ]
    assert found.certificates[0].institution_name == "东区培训中心"


def test_a_make_up_as_a_guest_shows_the_cohort_that_held_it() -> None:
    story = course()
    story.plan(HOST)
    body = pb.SessionScheduled(
        session=MAKE_UP,
        start_us=at(8, day=1),
        end_us=at(12, day=1),
        component=pb.HOUR_COMPONENT_PRACTICAL,
        room="R-9",
        teacher=SUBSTITUTE,
    )
    story.tell(HOST, body, cohorts=(HOST,))
    sign_in = pb.LearnerSignedIn(session=MAKE_UP, method=FACE)
    story.fact(ANNA, sign_in, cohorts=(COHORT, HOST), occurred_us=at(8, day=1))
    assert traced(story, (INSTITUTION, ANNA))[0].enrolments[0].sessions == ()
    story.plan_make_up(ANNA, MORNING, MAKE_UP, HOST)
    (row,) = traced(story, (INSTITUTION, ANNA))[0].enrolments[0].sessions
    assert (row.cohort, row.shown["teacher"]) == (HOST, SUBSTITUTE.hex())


def test_a_sign_in_to_a_session_that_nobody_scheduled_is_in_it() -> None:
    story = course()
    unknown = UUID(int=0x54).bytes
    sign_in = pb.LearnerSignedIn(session=unknown, method=FACE)
    story.fact(ANNA, sign_in, occurred_us=at(8))
    (row,) = traced(story, (INSTITUTION, ANNA))[0].enrolments[0].sessions
    assert row == TracedSession(unknown, COHORT, {}, at(8))


def test_a_trace_goes_by_corrections_and_stated_clocks() -> None:
    story = course()
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    terminal = "TERM-0031"
    story.fact(ANNA, sign_in, occurred_us=at(8, 20), recorded_us=at(8, 5), device=terminal)
    second = story.fact(ANNA, sign_in, occurred_us=at(9))
    assert [row.signed_in_us for row in sessions_of(story)] == [at(9)]
    stated = pb.ClockOffsetStated(
        device=terminal, offset_us=-20 * MINUTE, first_us=at(0), last_us=at(23)
    )
    story.cohort_fact(stated)
    assert [row.signed_in_us for row in sessions_of(story)] == [at(8)]
    correction = pb.RecordCorrected(
        target=second.header.event_id, field=pb.CORRECTED_FIELD_SESSION, id=AFTERNOON
    )
    story.fact(ANNA, correction, persons=(CLERK, CHIEF))
    assert [(row.session, row.signed_in_us) for row in sessions_of(story)] == [
        (MORNING, at(8)),
        (AFTERNOON, at(9)),
    ]


def test_facts_of_an_unopened_enrolment_are_in_it_with_its_state() -> None:
    story = Story()
    story.plan()
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(ANNA, sign_in, occurred_us=at(8))
    (found,) = traced(story, (INSTITUTION, ANNA))[0].enrolments
    assert (found.state, [row.signed_in_us for row in found.sessions]) == ("unopened", [at(8)])


def test_states_of_an_enrolment_and_a_reference_without_one() -> None:
    story = course()
    story.withdraw(ANNA)
    rejected = pb.EnrolmentRejected(reason="NOT-LOCAL")
    story.decide(enrolment(BENNO), rejected, cohorts=(COHORT,), person=BENNO)
    stranger = UUID(int=0xA9).bytes
    references = traced(story, *((INSTITUTION, each) for each in (ANNA, BENNO, stranger)))
    assert [[each.state for each in row.enrolments] for row in references] == [
        ["withdrawn"],
        ["rejected"],
        [],
    ]


def test_attributed_presence_is_the_persons_and_nobody_elses() -> None:
    story = course()
    ticket = b"t" * 16
    mark = pb.UnlistedSignedIn(session=MORNING, ticket=ticket, method=FACE)
    story.cohort_fact(mark, occurred_us=at(8, 5))
    assert sessions_of(story) == ()
    body = pb.UnlistedPresenceAttributed(session=MORNING, ticket=ticket, enrolment=enrolment(ANNA))
    attribution = story.cohort_fact(body, persons=(CLERK, CHIEF))
    assert [(row.session, row.signed_in_us) for row in sessions_of(story)] == [(MORNING, at(8, 5))]
    assert sessions_of(story, BENNO) == ()
    void = pb.CohortEventVoided(target=attribution.header.event_id, reason="OTHER-LEARNER")
    story.cohort_fact(void, persons=(CLERK, CHIEF))
    assert sessions_of(story) == ()
