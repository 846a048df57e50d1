"""Example lines of every event type: made-up values that `tledger append` takes as they are."""

from collections.abc import Mapping
from typing import Any, Final

from clients.cli.cohort_examples import COHORT_EXAMPLES
from clients.cli.enrolment_examples import ENROLMENT_EXAMPLES
from clients.cli.event_texts import EVENT_TEXTS
from clients.cli.example_values import (
    CERTIFICATE,
    CLERK,
    COHORT,
    DIGEST,
    HEAD_OF_OFFICE,
    PARTY,
    PERSON_REF,
    STAFF,
)
from clients.cli.party_examples import PARTY_EXAMPLES

_OCCURRED: Final = "2026-03-02T09:00:00+08:00"
_PLACES: Final = {
    "cohort": COHORT,
    "person_ref": PERSON_REF,
    "certificate": CERTIFICATE,
    "key": DIGEST,
    "holder": PARTY,
    "institution": PARTY,
    "staff": STAFF,
}
_TWO_PERSONS: Final = {"entered_by": CLERK, "approved_by": HEAD_OF_OFFICE}
_BY_TWO: Final = frozenset(
    {
        "CohortRecordCorrected",
        "CohortEventVoided",
        "RecordCorrected",
        "EventVoided",
        "UnlistedPresenceAttributed",
    }
)
# Written by a platform, an exam body or a bureau into the record of an institution, named beside.
_FOR_AN_INSTITUTION: Final = frozenset(
    {
        "OnlineLessonCompleted",
        "ExamRegistered",
        "TheoryExamResultRecorded",
        "PracticalExamResultRecorded",
        "ExamAttemptVoided",
        "ExamCheatingRecorded",
        "TrainingCertificateSuspended",
        "TrainingCertificateReinstated",
        "OperationCertificateLinked",
    }
)
_BODIES: Final[Mapping[str, dict[str, Any]]] = {
    **PARTY_EXAMPLES,
    **COHORT_EXAMPLES,
    **ENROLMENT_EXAMPLES,
}


def example_line(event_type: str) -> dict[str, Any]:
    """Return the example of an event type as the members of its line."""
    places = {member: _PLACES[member] for member in EVENT_TEXTS[event_type].beside}
    return {
        "type": event_type,
        **places,
        "occurred": _OCCURRED,
        "origin": "ENTERED",
        **({"recorded_for": PARTY} if event_type in _FOR_AN_INSTITUTION else {}),
        **(_TWO_PERSONS if event_type in _BY_TWO else {}),
        "body": _BODIES[event_type],
    }
