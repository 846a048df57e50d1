"""Read model of enrolments 报名: one learner in one cohort, with the facts that hours rest on.

Facts are kept from the first on, whatever the state; they count once the enrolment was opened. So
when `LearnerEnrolled` comes after them they count from then on, in log order, and nothing is
rewritten. A fact with a hold of its own (a clock ahead, a lost key) is only counted as held.
"""

from typing import Final

from ledger.domain.recorded_event import RecordedEvent
from projections.counting import lasting_hold
from projections.documents import Document
from projections.fold import Documents, Projection, Ref, home_cohort, kind_of
from projections.ports import Change

VIEW: Final = "enrolments"

UNOPENED: Final = "unopened"
ENROLLED: Final = "enrolled"
WITHDRAWN: Final = "withdrawn"

_STATES: Final = {"LearnerEnrolled": ENROLLED, "LearnerWithdrew": WITHDRAWN}
_BEST: Final = {
    "CourseTestRecorded": "course_test",
    "TheoryExamResultRecorded": "theory_exam",
    "PracticalExamResultRecorded": "practical_exam",
}


def _touches(event: RecordedEvent) -> list[Ref]:
    return [(VIEW, event.stream)] if kind_of(event) == "enrolment" else []


def _apply(documents: Documents, event: RecordedEvent, held: str) -> list[Change]:
    if kind_of(event) != "enrolment":
        return []
    cohort = home_cohort(event)
    before = documents.get((VIEW, event.stream)) or _blank(cohort, event.header.person_ref)
    after = {**before, **_moved(before, event, held)}
    return [Change(VIEW, event.stream, after, cohort, event.stream)]


def _blank(cohort: bytes, person_ref: bytes) -> Document:
    return {
        "cohort": cohort.hex(),
        "person_ref": person_ref.hex(),
        "state": UNOPENED,
        "marks": [],
        "lessons": [],
        "course_test": 0,
        "theory_exam": 0,
        "practical_exam": 0,
        "facts": 0,
        "held": 0,
    }


def _moved(document: Document, event: RecordedEvent, held: str) -> Document:
    """Return the members that an event changes."""
    if event.type in _STATES:
        return {"state": _STATES[event.type]}
    facts = {"facts": document["facts"] + 1}
    if lasting_hold(event, held):
        return {**facts, "held": document["held"] + 1}
    return {**facts, **_counted(document, event)}


def _counted(document: Document, event: RecordedEvent) -> Document:
    body = event.body
    match event.type:
        case "LearnerSignedIn" | "LearnerSignedOut":
            is_sign_in = event.type == "LearnerSignedIn"
            mark = [body.session.hex(), event.header.occurred_us, is_sign_in, event.index]
            return {"marks": [*document["marks"], mark]}
        case "OnlineLessonCompleted":
            lesson = [body.lesson, body.started_us, body.watched_minutes, event.index]
            return {"lessons": [*document["lessons"], lesson]}
        case "CourseTestRecorded" | "TheoryExamResultRecorded" | "PracticalExamResultRecorded":
            member = _BEST[event.type]
            return {member: max(document[member], body.score_hundredths)}
    return {}


PROJECTION: Final = Projection((VIEW,), _touches, _apply)
