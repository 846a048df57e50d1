"""What happens in a town: every kind of case, and nothing that could not be."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from clients.simulator.days import live
from clients.simulator.plan import make_town
from clients.simulator.reality import Reality, Stay, Trouble
from clients.simulator.town import Size
from clients.simulator.truth import certificate_refusals, dues

LABELS = {
    "BACK_DATED_BULK",
    "GUEST_WITHOUT_PLAN",
    "IMPOSSIBLE_HOURS",
    "MAKE_UP_ELSEWHERE",
    "POWER_CUT",
    "REUSED_CAPTURE",
    "SAME_PERSON_TWICE",
    "SCORE_CLUSTER",
    "SHARED_TERMINAL",
    "TEACHER_OVERLAP",
}
BENIGN = {"MAKE_UP_ELSEWHERE", "POWER_CUT", "SHARED_TERMINAL", "TWINS"}


def test_every_trouble_and_every_change_happens(reality: Reality) -> None:
    assert {stay.trouble for stay in reality.stays} == set(Trouble)
    assert {change.kind for change in reality.changes} == {
        "added",
        "cancelled",
        "rescheduled",
        "substituted",
    }
    assert any(held.misstated_break for held in reality.held.values())
    assert any(held.false_end for held in reality.held.values())
    assert {bool(leaving.joined) for leaving in reality.leavings} == {True, False}
    hours_off = {fault.offset.total_seconds() / 3600 for fault in reality.clock_faults.values()}
    assert -8 in hours_off
    assert max(hours_off) > 24 * 365 * 50  # from 1970


def test_labelled_cases_are_told_from_look_alikes(reality: Reality) -> None:
    found = {label.name: label.benign for label in reality.labels}
    assert found.keys() >= LABELS
    assert {name for name, benign in found.items() if benign} <= BENIGN
    assert not {name for name, benign in found.items() if not benign} & BENIGN


def test_absences_are_made_up_here_elsewhere_and_not_at_all(reality: Reality) -> None:
    where = Counter(
        "" if not row.make_up else "here" if row.make_up[:3] == row.learner[:3] else "elsewhere"
        for row in reality.absences
    )
    assert where[""]
    assert where["here"]
    assert where["elsewhere"]


def test_a_cancelled_session_is_not_held_and_who_left_attends_no_more(reality: Reality) -> None:
    cancelled = {row.session.code for row in reality.changes if row.kind == "cancelled"}
    assert cancelled
    assert not cancelled & reality.held.keys()
    left = {row.learner: row.at for row in reality.leavings}
    assert all(
        reality.held[stay.session].start < left[stay.learner]
        for stay in reality.stays
        if stay.learner in left
    )


def test_the_wrong_learner_was_absent(reality: Reality) -> None:
    wrong = [stay for stay in reality.stays if stay.trouble is Trouble.WRONG_LEARNER]
    assert wrong
    absent = {(row.learner, row.session) for row in reality.absences}
    assert all((stay.other, stay.session) in absent for stay in wrong)


@pytest.mark.parametrize("seed", range(12))
def test_no_learner_is_in_two_classes_at_once(seed: int) -> None:
    reality = live(make_town(Size(seed, 2, 8)))
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in reality.stays:
        stays[stay.learner].append(stay)
    for mine in stays.values():
        visits = sorted(visit for stay in mine for visit in stay.visits)
        assert all(one[1] <= other[0] for one, other in pairwise(visits))


@pytest.mark.parametrize("learners", [5, 6, 9])
@pytest.mark.parametrize("cohorts", [1, 2, 3])
def test_the_smallest_towns_live_as_well(cohorts: int, learners: int) -> None:
    for seed in range(8):
        reality = live(make_town(Size(seed, cohorts, learners)))
        assert reality.stays
        assert reality.clock_faults


def test_examinations_are_for_who_has_a_certificate_alone(reality: Reality) -> None:
    due = dues(reality)
    certified = {
        code for code in reality.learners if not certificate_refusals(reality, code, due[code])
    }
    assert certified
    assert {exam.learner for exam in reality.exams} == certified


def test_the_same_town_has_the_same_reality(reality: Reality) -> None:
    again = live(make_town(reality.town.size))
    assert again.stays == reality.stays
    assert again.exams == reality.exams
    assert live(make_town(Size(4, 4, 12))).stays != reality.stays
