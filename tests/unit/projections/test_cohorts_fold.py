"""The fold of cohorts: hand-made events in, one document per cohort out."""

from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.holding import CLOCK_AHEAD
from projections.cohort_file import read_cohort
from projections.kept_facts import keep
from tests.unit.projections.folding import document, folded, held_rows
from tests.unit.projections.story import (
    ANNA,
    BENNO,
    BUREAU,
    COHORT,
    INSTITUTION,
    MORNING,
    POLICY,
    PRACTICAL,
    Story,
    at,
    enrolment,
)

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"
FACE = pb.PRESENCE_METHOD_FACE


def test_a_cohort_goes_from_planned_to_open_to_closed_and_counts() -> None:
    story = Story()
    planned = story.plan()
    assert document(story, "cohorts", COHORT)["state"] == "planned"
    story.enrol(ANNA)
    story.enrol(BENNO)
    story.decide(COHORT, pb.CohortOpened(enrolled=2), cohorts=(COHORT,))
    assert document(story, "cohorts", COHORT)["state"] == "open"
    story.issue(ANNA, NUMBER)
    story.withdraw(BENNO)
    story.decide(COHORT, pb.CohortClosed(completed=1), cohorts=(COHORT,))
    cohort = document(story, "cohorts", COHORT)
    assert cohort == {
        "institution": INSTITUTION.hex(),
        "state": "closed",
        "number": "2026-017",
        "trade": "2010-1.2",
        "trade_name": "低压电工作业",
        "policy": POLICY.digest.hex(),
        "pins": [{"policy": POLICY.digest.hex(), "index": 0, "at": planned.recorded_us}],
        "platform": "",
        "exam_body": "",
        "filed": "",
        "capacity": 40,
        "first_day": 20260316,
        "last_day": 20260430,
        "enrolled": 1,
        "certificates": 1,
        "events": 7,
        "guests": {},
        "seals": [],
        "facts": [],
        "lost": 0,
    }
    story.revoke(ANNA)
    assert document(story, "cohorts", COHORT)["certificates"] == 0


def test_the_first_event_of_a_cohort_names_its_owner() -> None:
    story = Story()
    story.attend(ANNA, MORNING, at(8), at(12))
    story.plan(institution=UUID(int=99).bytes)
    cohort = document(story, "cohorts", COHORT)
    assert cohort["institution"] == INSTITUTION.hex()
    assert (cohort["state"], cohort["events"]) == ("planned", 3)


def test_a_guests_event_counts_for_both_cohorts_and_moves_only_its_home() -> None:
    story, host = Story(), UUID(int=0xC1).bytes
    sign_in = pb.LearnerSignedIn(session=MORNING, method=FACE)
    story.fact(ANNA, sign_in, cohorts=(COHORT, host, host))
    store = folded(story.events)
    both = store.get("cohorts", [COHORT, host])
    assert both[host]["guests"] == {enrolment(ANNA).hex(): COHORT.hex()}
    assert both[COHORT]["guests"] == {}
    assert both[host]["facts"] == both[COHORT]["facts"] == []
    assert both[COHORT]["events"] == both[host]["events"] == 1
    assert both[host]["institution"] == ""
    # A cohort known only as a host stands in no list.
    assert [place for place, _ in store.page("cohorts", None, b"", 9)] == [COHORT]
    assert [place for place, _ in store.page("enrolments", host, b"", 9)] == []


def test_a_cohort_keeps_each_fact_of_its_own_once_in_log_order() -> None:
    story = Story()
    story.plan()
    story.session(MORNING, at(8), at(12), breaks=20)
    story.enrol(ANNA)
    story.attend(ANNA, MORNING, at(8), at(12))
    story.session(MORNING, at(9), at(13), component=PRACTICAL)
    facts = document(story, "cohorts", COHORT)["facts"]
    assert [(fact["index"], fact["type"]) for fact in facts] == [
        (1, "SessionScheduled"),
        (2, "SessionStarted"),
        (3, "SessionEnded"),
        (7, "SessionScheduled"),
        (8, "SessionStarted"),
        (9, "SessionEnded"),
    ]
    assert facts == [keep(story.events[index][0]) for index in (1, 2, 3, 7, 8, 9)]


def test_what_a_wrong_clock_dated_is_kept_and_does_not_count_when_it_is_read() -> None:
    story = Story()
    story.plan()
    story.item("04-roster", occurred_us=at(9), recorded_us=at(8, 50))
    story.item("01-plan", occurred_us=at(9) + 1, recorded_us=at(8, 50))
    started = pb.SessionStarted(session=MORNING, present=1)
    story.cohort_fact(started, occurred_us=at(9), recorded_us=at(8))
    cohort = document(story, "cohorts", COHORT)
    assert [fact["index"] for fact in cohort["facts"]] == [1, 2, 3]
    assert cohort["events"] == 4
    assert held_rows(story) == [(2, CLOCK_AHEAD), (3, CLOCK_AHEAD)]
    record = read_cohort(COHORT, cohort, POLICY)
    assert [each.event.index for each in record.record.counted] == [1]
    assert record.record.held == {2: CLOCK_AHEAD, 3: CLOCK_AHEAD}
    assert record.sessions == {}


def test_filing_seals_and_policies_are_kept_in_their_order() -> None:
    story = Story()
    first = story.plan()
    story.decide(COHORT, pb.CohortFiled(bureau=BUREAU, rooms=["R-201"]), cohorts=(COHORT,))
    body = pb.CohortPolicyRepinned(policy=b"q" * 32, reason="NEW-RULES")
    again = story.decide(COHORT, body, cohorts=(COHORT,))
    seal = pb.CohortArchiveSealed(version=1, items=3, items_root=b"r" * 32, retain_until=20320331)
    sealed = story.decide(COHORT, seal, cohorts=(COHORT,))
    story.item("04-roster")
    cohort = document(story, "cohorts", COHORT)
    assert cohort["filed"] == BUREAU.hex()
    assert (cohort["policy"], cohort["pins"]) == (
        (b"q" * 32).hex(),
        [
            {"policy": POLICY.digest.hex(), "index": 0, "at": first.recorded_us},
            {"policy": (b"q" * 32).hex(), "index": 2, "at": again.recorded_us},
        ],
    )
    # Four events of the cohort by then, the seal's own among them.
    assert cohort["seals"] == [
        {
            "version": 1,
            "items": 3,
            "retain_until": 20320331,
            "index": 3,
            "at": sealed.recorded_us,
            "events": 4,
        }
    ]
