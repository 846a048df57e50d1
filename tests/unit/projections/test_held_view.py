"""The list of held facts: what releases each code, what stays, and whose list it is."""

from collections.abc import Callable

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain import holding
from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    GUEST_NOT_PLANNED,
    KEY_LOST_OR_RETIRED,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
)
from projections.counting import ENDING, FINAL, WAITING, lasting_hold
from projections.follower import Follower
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    CLERK,
    COHORT,
    HOST,
    MINUTE,
    MORNING,
    Story,
    at,
)

FACE = pb.PRESENCE_METHOD_FACE
TERMINAL = "TERM-0001"
TEST = pb.CourseTestRecorded(score_hundredths=9_000)


def held(story: Story, cohort: bytes | None = None) -> dict[int, str]:
    """Codes by log index, folded in one batch and event by event alike."""
    found = []
    for limit in (1_000, 1):
        store = MemoryViews()
        Follower(MemoryFeed(list(story.events)), store).catch_up(limit)
        rows = store.page("held", cohort, b"", 100)
        found.append({int.from_bytes(place, "big"): row["code"] for place, row in rows})
    assert found[0] == found[1]
    return found[0]


def opened() -> Story:
    story = Story()
    story.plan()
    story.enrol(ANNA)
    return story


def state_offset(story: Story, minutes: int, *, device: str = TERMINAL) -> None:
    body = pb.ClockOffsetStated(
        device=device, offset_us=minutes * MINUTE, first_us=at(0), last_us=at(23), reason="DRIFT"
    )
    story.cohort_fact(body)


def ahead(story: Story, person: bytes = ANNA, *, minutes: int = 60) -> None:
    story.fact(
        person,
        pb.LearnerSignedIn(session=MORNING, method=FACE),
        occurred_us=at(9),
        recorded_us=at(9) - minutes * MINUTE,
        device=TERMINAL,
    )


def test_every_hold_either_ends_or_is_final() -> None:
    codes = {
        value
        for name, value in vars(holding).items()
        if name.isupper() and isinstance(value, str) and name == value
    }
    assert codes == ENDING | FINAL
    assert not ENDING & FINAL
    assert WAITING < ENDING
    assert [code for code in sorted(codes) if lasting_hold(code)] == [KEY_LOST_OR_RETIRED]


def test_an_enrolment_releases_its_own_facts_alone() -> None:
    story = Story()
    story.plan()
    story.fact(ANNA, TEST)
    story.fact(BENNO, TEST)
    assert held(story) == {1: ENROLMENT_NOT_OPEN, 2: ENROLMENT_NOT_OPEN}
    story.enrol(ANNA)
    assert held(story) == {2: ENROLMENT_NOT_OPEN}


def test_a_plan_releases_the_cohorts_facts_alone() -> None:
    story = Story()
    story.item("04-roster")
    story.item("04-roster", cohorts=(HOST,))
    story.fact(ANNA, TEST)
    assert held(story) == {0: COHORT_NOT_PLANNED, 1: COHORT_NOT_PLANNED, 2: ENROLMENT_NOT_OPEN}
    story.plan()
    assert held(story) == {1: COHORT_NOT_PLANNED, 2: ENROLMENT_NOT_OPEN}


def test_a_stated_offset_releases_what_it_covers() -> None:
    story = opened()
    ahead(story)
    assert held(story) == {2: CLOCK_AHEAD}
    state_offset(story, -60, device="TERM-0002")
    assert held(story) == {2: CLOCK_AHEAD}
    # Fifty minutes leave ten: as far as clocks may differ.
    state_offset(story, -49)
    assert held(story) == {2: CLOCK_AHEAD}
    state_offset(story, -50)
    assert held(story) == {}


def test_an_offset_that_was_stated_before_is_known_when_the_stream_opens() -> None:
    story = Story()
    story.plan()
    ahead(story)
    state_offset(story, -60)
    assert held(story) == {1: ENROLMENT_NOT_OPEN}
    story.enrol(ANNA)
    assert held(story) == {}


def test_what_else_holds_a_fact_is_named_when_its_stream_opens() -> None:
    story = Story()
    story.plan()
    ahead(story)
    story.enrol(ANNA)
    assert held(story) == {1: CLOCK_AHEAD}
    state_offset(story, -60)
    assert held(story) == {}


def guest(story: Story, session: bytes = AFTERNOON) -> None:
    body = pb.LearnerSignedIn(session=session, method=FACE)
    story.fact(ANNA, body, occurred_us=at(13), cohorts=(COHORT, HOST))


def test_a_make_up_plan_releases_the_guest_in_the_session_it_names() -> None:
    story = opened()
    guest(story)
    assert held(story) == {2: GUEST_NOT_PLANNED}
    story.plan_make_up(ANNA, MORNING, AFTERNOON, UNRELATED)
    story.plan_make_up(ANNA, MORNING, MORNING)
    assert held(story) == {2: GUEST_NOT_PLANNED}
    story.plan_make_up(ANNA, MORNING, AFTERNOON)
    assert held(story) == {}
    guest(story)
    assert held(story) == {}


UNRELATED = b"z" * 16


def test_another_learners_plan_releases_nobody() -> None:
    story = opened()
    story.enrol(BENNO)
    guest(story)
    story.plan_make_up(BENNO, MORNING, AFTERNOON)
    assert held(story) == {3: GUEST_NOT_PLANNED}


def test_a_guest_before_enrolment_and_plan_is_released_by_both_in_any_order() -> None:
    story = Story()
    guest(story)
    story.enrol(ANNA)
    assert held(story) == {0: GUEST_NOT_PLANNED}
    story.plan_make_up(ANNA, MORNING, AFTERNOON)
    assert held(story) == {}
    other = Story()
    guest(other)
    other.plan_make_up(ANNA, MORNING, AFTERNOON)
    assert held(other) == {0: ENROLMENT_NOT_OPEN, 1: ENROLMENT_NOT_OPEN}
    other.enrol(ANNA)
    assert held(other) == {}


def test_held_facts_of_a_guest_stand_in_the_home_sides_list() -> None:
    story = opened()
    guest(story)
    assert held(story, COHORT) == {2: GUEST_NOT_PLANNED}
    assert held(story, HOST) == {}


def _lost(story: Story) -> None:
    story.fact(ANNA, TEST, held=KEY_LOST_OR_RETIRED)


def _one_person(story: Story) -> None:
    story.fact(ANNA, TEST)
    story.void(ANNA, story.next_index - 1, persons=(CLERK, CLERK))


def _of_a_decision(story: Story) -> None:
    story.void(ANNA, 1)


def _unknown(story: Story) -> None:
    story.void(ANNA, 999)


def _other_cohorts(story: Story) -> None:
    story.fact(ANNA, TEST)
    story.void(ANNA, story.next_index - 1, cohorts=(COHORT, HOST))


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (_lost, KEY_LOST_OR_RETIRED),
        (_one_person, APPROVAL_MISSING),
        (_of_a_decision, NOT_CORRECTABLE),
        (_unknown, TARGET_UNKNOWN),
        (_other_cohorts, TARGET_COHORTS_DIFFER),
    ],
)
def test_some_holds_stay_whatever_comes_later(told: Callable[[Story], None], code: str) -> None:
    story = opened()
    told(story)
    place = story.next_index - 1
    assert held(story) == {place: code}
    state_offset(story, -60)
    story.plan_make_up(ANNA, MORNING, AFTERNOON)
    story.enrol(BENNO)
    assert held(story) == {place: code}


def test_an_amendment_that_waited_is_judged_when_its_stream_opens() -> None:
    story = Story()
    story.fact(ANNA, TEST)
    story.void(ANNA, 0)
    story.void(ANNA, 0, persons=(CLERK, CLERK))
    story.void(ANNA, 999)
    assert set(held(story).values()) == {ENROLMENT_NOT_OPEN}
    story.enrol(ANNA)
    assert held(story) == {2: APPROVAL_MISSING, 3: TARGET_UNKNOWN}


def test_an_amendment_whose_clock_was_ahead_finds_its_target_when_the_offset_is_stated() -> None:
    story = opened()
    story.fact(ANNA, TEST)
    story.void(ANNA, 2, occurred_us=at(9), recorded_us=at(8), device=TERMINAL)
    assert held(story) == {3: CLOCK_AHEAD}
    state_offset(story, -60)
    assert held(story) == {}
