"""The folds: hand-made events, facts before their stream opens, and batches cut anywhere."""

from dataclasses import replace
from uuid import UUID

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.holding import CLOCK_AHEAD, KEY_LOST_OR_RETIRED
from ledger.log.identifiers import key_id, key_stream
from projections.documents import decode
from projections.errors import DamagedDocumentError
from projections.kept_facts import keep
from projections.queries import Queries
from projections.registry import PROJECTIONS
from tests.unit.projections.folding import document, folded, held_rows
from tests.unit.projections.story import (
    AFTERNOON,
    ANNA,
    BENNO,
    BUREAU,
    COHORT,
    INSTITUTION,
    MORNING,
    POLICY,
    Story,
    at,
    certificate,
    enrolment,
)

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"
FACE = pb.PRESENCE_METHOD_FACE


# --- enrolments --------------------------------------------------------------------------------


def test_an_enrolment_keeps_each_fact_once_in_log_order() -> None:
    story = Story()
    story.plan()
    story.enrol(ANNA)
    story.attend(ANNA, MORNING, at(8), at(12))
    story.lesson(ANNA, "LV-ON-01", at(19), 31)
    for score in (7_000, 8_100):
        story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=score))
    story.fact(ANNA, pb.TheoryExamResultRecorded(attempt=1, score_hundredths=8_800))
    assert document(story, "enrolments", enrolment(ANNA)) == {
        "cohort": COHORT.hex(),
        "person_ref": ANNA.hex(),
        "state": "enrolled",
        "basis": "LOCAL-EMPLOYMENT",
        "transferred_to": "",
        "facts": [keep(event) for event, _ in story.events[1:]],
        # Facts alone: the enrolment itself is a decision.
        "recorded": 6,
        "lost": 0,
    }


@pytest.mark.parametrize(
    ("body", "state", "to_cohort"),
    [
        (pb.LearnerWithdrew(reason="ILLNESS"), "withdrawn", b""),
        (pb.EnrolmentRejected(reason="NO-BASIS"), "rejected", b""),
        (pb.LearnerTransferred(to_cohort=b"d" * 16, reason="MOVED"), "transferred", b"d" * 16),
    ],
)
def test_who_leaves_frees_a_seat_and_later_facts_still_count(
    body: Message, state: str, to_cohort: bytes
) -> None:
    story = Story()
    story.plan()
    story.enrol(ANNA)
    assert document(story, "cohorts", COHORT)["enrolled"] == 1
    story.decide(enrolment(ANNA), body, cohorts=(COHORT,), person=ANNA)
    assert document(story, "cohorts", COHORT)["enrolled"] == 0
    story.attend(ANNA, MORNING, at(8), at(12))
    learner = document(story, "enrolments", enrolment(ANNA))
    assert (learner["state"], learner["basis"]) == (state, "LOCAL-EMPLOYMENT")
    assert learner["transferred_to"] == to_cohort.hex()
    assert [fact["index"] for fact in learner["facts"]] == [1, 3, 4]
    assert held_rows(story) == []


def opened_late(*, first: bool) -> Story:
    """The same facts at the same indices, with plan and enrolment before or behind them."""
    story = Story()
    if first:
        story.plan(recorded_us=at(8))
        story.enrol(ANNA, recorded_us=at(8))
    story.next_index = 10
    story.session(MORNING, at(8), at(12), breaks=20)
    story.item("04-roster")
    story.attend(ANNA, MORNING, at(7, 50), at(12, 5))
    story.lesson(ANNA, "LV-ON-01", at(19), 31)
    story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=8_100))
    late = pb.LearnerSignedIn(session=AFTERNOON, method=FACE)
    story.fact(ANNA, late, occurred_us=at(14), recorded_us=at(13))
    story.next_index = 30
    if not first:
        story.plan(recorded_us=at(8))
        story.enrol(ANNA, recorded_us=at(8))
    return story


def test_facts_before_their_stream_opens_end_in_the_same_file() -> None:
    early, late = opened_late(first=True), opened_late(first=False)
    files = [Queries(folded(story.events)).cohort_file(COHORT).value for story in (early, late)]
    first, second = (file for file in files if file is not None)
    # The plan stands at another index, and all else is the same.
    assert [pin.index for pin in (*first.pins, *second.pins)] == [0, 30]
    assert replace(first, pins=()) == replace(second, pins=())
    assert [held for _, held in early.events] != [held for _, held in late.events]
    assert held_rows(late) == held_rows(early) == [(18, CLOCK_AHEAD)]


def test_facts_are_held_until_their_own_stream_opens() -> None:
    story = Story()
    story.item("04-roster")
    story.attend(ANNA, MORNING, at(8), at(12))
    story.lesson(BENNO, "LV-ON-01", at(19), 31)
    codes = ["COHORT_NOT_PLANNED", *["ENROLMENT_NOT_OPEN"] * 3]
    assert held_rows(story) == list(enumerate(codes))
    learner = document(story, "enrolments", enrolment(ANNA))
    assert (learner["state"], learner["recorded"], learner["lost"]) == ("unopened", 2, 0)
    story.plan()
    assert held_rows(story) == [(index, "ENROLMENT_NOT_OPEN") for index in (1, 2, 3)]
    story.enrol(ANNA)
    assert held_rows(story) == [(3, "ENROLMENT_NOT_OPEN")]
    assert document(story, "enrolments", enrolment(ANNA))["state"] == "enrolled"


def test_held_facts_are_listed_by_cohort_with_what_they_are() -> None:
    story = Story()
    fact = story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=1))
    other = UUID(int=0xC1).bytes
    story.fact(BENNO, pb.CourseTestRecorded(score_hundredths=1), cohorts=(other,))
    assert held_rows(story, COHORT) == [(0, "ENROLMENT_NOT_OPEN")]
    assert held_rows(story, other) == [(1, "ENROLMENT_NOT_OPEN")]
    assert document(story, "held", bytes(8)) == {
        "event_id": fact.header.event_id.hex(),
        "type": "CourseTestRecorded",
        "stream": enrolment(ANNA).hex(),
        "cohort": COHORT.hex(),
        "institution": INSTITUTION.hex(),
        "code": "ENROLMENT_NOT_OPEN",
        "recorded_us": fact.recorded_us,
    }


def test_a_fact_of_a_lost_key_stays_held_when_its_stream_opens() -> None:
    story = Story()
    test = pb.CourseTestRecorded(score_hundredths=9_000)
    story.fact(ANNA, test, held=KEY_LOST_OR_RETIRED)
    story.plan()
    story.enrol(ANNA)
    story.fact(ANNA, test, held=KEY_LOST_OR_RETIRED)
    learner = document(story, "enrolments", enrolment(ANNA))
    assert [fact["type"] for fact in learner["facts"]] == ["LearnerEnrolled"]
    assert (learner["recorded"], learner["lost"]) == (2, 2)
    assert held_rows(story) == [(0, KEY_LOST_OR_RETIRED), (3, KEY_LOST_OR_RETIRED)]


# --- certificates, register, keys, policies ------------------------------------------------------


def test_a_certificate_is_found_by_stream_and_number_and_can_be_revoked() -> None:
    story = Story()
    story.plan()
    issued = story.issue(ANNA, NUMBER)
    stream = certificate(ANNA)
    link = document(story, "certificate_numbers", NUMBER.encode())
    assert link == {"certificate": stream.hex()}
    before = document(story, "certificates", stream)
    assert before == {
        "certificate": stream.hex(),
        "number": NUMBER,
        "edition": 1,
        "institution": INSTITUTION.hex(),
        "cohort": COHORT.hex(),
        "state": "valid",
        "reason": 0,
        "issued_us": issued.recorded_us,
        "revoked_us": 0,
        "issued_index": 1,
        "policy": POLICY.digest.hex(),
        "evaluator_version": 1,
        "credited": [[1, 27], [3, 60]],
    }
    revoked = story.revoke(ANNA)
    assert document(story, "certificates", stream) == {
        **before,
        "state": "revoked",
        "reason": pb.REVOCATION_REASON_ERROR,
        "revoked_us": revoked.recorded_us,
    }


def test_no_certificate_document_names_a_person_or_an_enrolment() -> None:
    story = Story()
    story.issue(ANNA, NUMBER)
    rows = folded(story.events).state.rows
    for (view, _), row in rows.items():
        if view.startswith("certificate"):
            assert ANNA.hex().encode() not in row.data
            assert enrolment(ANNA).hex().encode() not in row.data


def test_a_revocation_without_an_issue_registers_nothing() -> None:
    story = Story()
    story.revoke(ANNA)
    assert folded(story.events).get("certificates", [certificate(ANNA)]) == {}


def test_parties_stand_by_name() -> None:
    story = Story()
    for number, name in enumerate(["东区培训中心", "东区", "Alpha"]):
        story.institution(UUID(int=number).bytes, name)
    rows = folded(story.events).page("institutions", None, b"", 9)
    assert [row["name"] for _, row in rows] == ["Alpha", "东区", "东区培训中心"]


def test_a_key_is_found_by_its_id_and_ends_by_its_stream() -> None:
    story, public = Story(), b"k" * 44
    stream = key_stream("example.org/log", key_id(public)).bytes
    body = pb.KeyRegistered(
        public_key=public,
        algorithm=pb.ALGORITHM_ED25519,
        holder=INSTITUTION,
        use=pb.KEY_USE_DEVICE,
        device="DEV-0031",
    )
    story.next_index = 7
    story.decide(stream, body, institution=BUREAU)
    assert document(story, "key_ids", key_id(public)) == {"stream": stream.hex()}
    before = document(story, "keys", stream)
    assert (before["ending"], before["registered_index"]) == (0, 7)
    ending = pb.KeyEnded(ending=pb.KEY_ENDING_COMPROMISED, from_index=5)
    story.decide(stream, ending, institution=BUREAU)
    ended = {"ending": 3, "accepted_until_us": 0, "from_index": 5}
    assert document(story, "keys", stream) == before | ended
    unknown = UUID(int=1).bytes
    story.decide(unknown, ending, institution=BUREAU)
    assert folded(story.events).get("keys", [unknown]) == {}


def test_an_adopted_policy_is_kept_byte_for_byte() -> None:
    story, document_bytes = Story(), b"\xff\x00 not even text"
    body = pb.PolicyAdopted(digest=b"d" * 32, document=document_bytes)
    story.decide(UUID(int=1).bytes, body)
    kept = document(story, "policies", b"d" * 32)
    assert kept == {"document": "/wAgbm90IGV2ZW4gdGV4dA==", "adopted_index": 0}


# --- all of them -------------------------------------------------------------------------------


def test_no_two_projections_keep_the_same_view() -> None:
    views = [view for projection in PROJECTIONS for view in projection.views]
    assert len(views) == len(set(views))


def test_every_event_type_can_be_folded() -> None:
    for name, event_type in EVENT_TYPES.items():
        story = Story()
        body = getattr(pb, name)()
        cohorts = (COHORT,) if event_type.kind in {"cohort", "enrolment", "certificate"} else ()
        story.tell(COHORT, body, cohorts=cohorts, held="")
        store = folded(story.events)
        assert store.position("read-models") == 1
        assert len(store.get("cohorts", [COHORT])) == len(cohorts)


def test_a_type_of_a_later_version_counts_as_an_event_and_nothing_else() -> None:
    story = Story()
    story.plan()
    event = story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=1), held="")
    later = type(event)(
        event.index, 1, "LearnerDreamed", event.stream, event.recorded_us, event.header, event.body
    )
    store = folded([story.events[0], (later, "")])
    assert store.get("cohorts", [COHORT])[COHORT]["events"] == 2
    assert store.get("enrolments", [enrolment(ANNA)]) == {}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"a"', b"\xff"])
def test_bytes_that_hold_no_object_are_damaged(data: bytes) -> None:
    with pytest.raises(DamagedDocumentError):
        decode(data)
