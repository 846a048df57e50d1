"""A learner's history: each enrolment as its cohort's file has it, transfers, every certificate."""

from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from projections.follower import Follower
from projections.learner_history import HistoryEnrolment
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    COHORT,
    HOST,
    MORNING,
    POLICY,
    PRACTICAL,
    Story,
    at,
    enrolment,
)

MAKE_UP = UUID(int=0x53).bytes
# Its id stands before the first cohort's, its enrolment began later.
LATER = UUID(int=0x02).bytes


def asked(story: Story) -> Queries:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    return Queries(store)


def history(story: Story, person: bytes = ANNA) -> list[HistoryEnrolment]:
    return list(asked(story).learner_history(person, b"", 9).rows)


def two_cohorts() -> Story:
    """Anna missed a morning, made it up as a guest, and went on in a later cohort."""
    story = Story()
    story.adopt_policy()
    for cohort in (COHORT, HOST, LATER):
        story.plan(cohort)
    story.session(MORNING, at(8), at(11, 45))
    story.session(AFTERNOON, at(14), at(17), component=PRACTICAL)
    story.session(MAKE_UP, at(8, day=7), at(11, 45, day=7), cohort=HOST)
    for person in (ANNA, BENNO):
        story.enrol(person)
    story.attend(ANNA, AFTERNOON, at(13, 50), at(17))
    story.attend(BENNO, MORNING, at(7, 50), at(11, 45))
    story.plan_make_up(ANNA, MORNING, MAKE_UP)
    story.attend(ANNA, MAKE_UP, at(7, 55, day=7), at(11, 45, day=7), cohorts=(COHORT, HOST))
    story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=8_550))
    return story


def test_each_enrolment_is_what_its_cohorts_file_says_of_the_learner() -> None:
    story = two_cohorts()
    story.issue(ANNA, "PXZM-1")
    story.enrol(ANNA, cohorts=(LATER,))
    queries = asked(story)
    first, second = queries.learner_history(ANNA, b"", 9).rows
    assert [row.cohort.cohort for row in (first, second)] == [COHORT, LATER]
    for row in (first, second):
        file = queries.cohort_file(row.cohort.cohort).value
        assert file is not None
        assert row.cohort == file.cohort
        assert [row.learner] == [each for each in file.learners if each.person_ref == ANNA]
    # 225 minutes as a guest and 180 at home, in hours of 45 minutes.
    assert {part.component: part.credited for part in first.learner.hours} == {1: 5, 2: 0, 3: 4}
    required = sum(part.required for part in first.learner.hours)
    rules = POLICY.hours
    assert required == rules.theory.value + rules.practical.value
    assert (first.learner.course_test_hundredths, second.learner.course_test_hundredths) == (
        8_550,
        0,
    )
    assert sum(part.credited for part in second.learner.hours) == 0


def test_a_transfer_is_told_on_both_sides() -> None:
    story = two_cohorts()
    moved = pb.LearnerTransferred(to_cohort=LATER, reason="WORK")
    story.decide(enrolment(ANNA), moved, cohorts=(COHORT,), person=ANNA)
    story.enrol(ANNA, cohorts=(LATER,))
    first, second = history(story)
    assert (first.learner.state, first.learner.transferred_to) == ("transferred", LATER)
    assert (second.learner.state, second.transferred_from) == ("enrolled", COHORT)
    assert (first.transferred_from, second.learner.transferred_to) == (b"", b"")
    # A second page knows of the first one's enrolment.
    queries = asked(story)
    page = queries.learner_history(ANNA, b"", 1)
    assert page.rows == (first,)
    rest = queries.learner_history(ANNA, page.after, 1)
    assert (rest.rows, rest.after) == ((second,), b"")


def test_every_edition_of_a_certificate_is_there_with_its_state() -> None:
    story = two_cohorts()
    story.issue(ANNA, "PXZM-1")
    story.revoke(ANNA)
    story.issue(ANNA, "PXZM-2", edition=2)
    (row,) = history(story)
    assert [(each.number, each.state) for each in row.certificates] == [
        ("PXZM-1", "revoked"),
        ("PXZM-2", "valid"),
    ]
    assert (row.learner.certificate, row.learner.certificate_state) == ("PXZM-2", "valid")
    assert history(story, BENNO)[0].certificates == ()


def test_facts_that_wait_for_an_enrolment_credit_nothing_and_show_it() -> None:
    story = Story()
    story.adopt_policy()
    story.plan()
    story.session(MORNING, at(8), at(12))
    story.attend(ANNA, MORNING, at(8), at(12))
    (row,) = history(story)
    assert (row.learner.state, row.learner.held) == ("unopened", 2)
    assert sum(part.credited for part in row.learner.hours) == 0


def test_who_is_nowhere_enrolled_has_no_history() -> None:
    queries = asked(two_cohorts())
    page = queries.learner_history(UUID(int=0xA9).bytes, b"", 9)
    assert (page.rows, page.after, page.as_of_size) == ((), b"", queries.cohort(COHORT).as_of_size)
