"""A day of one cohort, and its file."""

from projections.cohort_file_records import (
    CohortFile,
    CohortFileLearner,
    CohortFileSession,
)
from projections.follower import Follower
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    COHORT,
    MORNING,
    PRACTICAL,
    Story,
    at,
    enrolment,
)


def file_of(story: Story, cohort: bytes = COHORT) -> CohortFile:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    file = Queries(store).cohort_file(cohort).value
    assert file is not None
    return file


def learner(story: Story, person: bytes = ANNA) -> CohortFileLearner:
    (row,) = (row for row in file_of(story).learners if row.enrolment == enrolment(person))
    return row


def session(story: Story, name: bytes = MORNING, cohort: bytes = COHORT) -> CohortFileSession:
    (row,) = (row for row in file_of(story, cohort).sessions if row.session == name)
    return row


def taught_day() -> Story:
    """Index 0 adopts the policy, 1 plans, 2 and 3 enrol, 4-6 are the morning, 7-9 the afternoon."""
    story = Story()
    story.adopt_policy()
    story.plan()
    story.enrol(ANNA)
    story.enrol(BENNO)
    story.session(MORNING, at(8), at(12), breaks=20)
    story.session(AFTERNOON, at(13), at(16, 30), component=PRACTICAL)
    return story
