"""What decisions about a record rest on, worked out from stored rows."""

from typing import Any

from ledger.api.v1 import events_pb2 as pb
from ledger.application.decision_state import DecisionState
from ledger.application.ports import LogRow
from ledger.application.record_cases import LoadedRecord, record_case
from ledger.domain.policies import parse_policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import CertificateState, CohortState, EnrolmentState
from ledger.log.merkle import root
from tests.unit.application.rows import row
from tests.unit.domain.facts import (
    CHIEF,
    CLERK,
    COHORT,
    ENROLMENT,
    S1,
    ended,
    fact,
    id_of,
    scheduled,
    signed_in,
    signed_out,
    started,
)
from tests.unit.domain.learner_days import ELECTRICIAN, OFFLINE, at
from tests.unit.domain.recorded import message

ORIGIN = "log.example/320599"
OWNER, CERTIFICATE = b"o" * 16, b"z" * 16
POLICY = parse_policy(ELECTRICIAN)
LOST = "KEY_LOST_OR_RETIRED"


def decision_state() -> DecisionState:
    """A planned cohort with its policy, an enrolment that was transferred, a certificate."""
    state = DecisionState(ORIGIN)
    told: tuple[tuple[bytes, Any, tuple[bytes, ...]], ...] = (
        (state.ids.policies, pb.PolicyAdopted(document=ELECTRICIAN), ()),
        (COHORT, pb.CohortPlanned(policy=POLICY.digest, capacity=3), (COHORT,)),
        (ENROLMENT, pb.LearnerEnrolled(), (COHORT,)),
        (ENROLMENT, pb.LearnerTransferred(to_cohort=b"d" * 16), (COHORT,)),
        (CERTIFICATE, pb.TrainingCertificateIssued(number="PXZM-1", edition=1), (COHORT,)),
    )
    for index, (stream, body, cohorts) in enumerate(told):
        name = body.DESCRIPTOR.name
        header: Any = pb.EventHeader(institution=OWNER, cohorts=cohorts)
        event = RecordedEvent(index, 1, name, stream, at("07:00"), header, body)
        state.append(event, b"", held="", decides=True)
    return state


def decision(name: str, **body: object) -> Any:  # noqa: ANN401 - an admitted event
    return message(type=message(name=name), body=message(**body))


def item(index: int, digest: bytes) -> RecordedEvent:
    return fact(index, "09:00", pb.ArchiveItemAdded(item_class="04-roster", salted_digest=digest))


def voiding(index: int, target: int) -> RecordedEvent:
    body = pb.CohortEventVoided(target=id_of(target), reason="WRONG-COHORT")
    return fact(index, "10:00", body, persons=(CLERK, CHIEF))


A, B, C = (letter * 32 for letter in (b"a", b"b", b"c"))


def sealed(*rows: LogRow, group: tuple[LogRow, ...] = ()) -> tuple[int, bytes]:
    loaded = LoadedRecord(COHORT, b"", b"", (), {COHORT: rows})
    case = record_case(decision("CohortArchiveSealed"), loaded, group, decision_state())
    assert (case.requirement, case.certificate) == (None, None)
    return case.items, case.items_root


def test_a_seal_is_over_the_documents_in_log_order_those_of_its_group_included() -> None:
    assert sealed() == (0, root([]))
    stored = row(item(10, A)), row(item(11, B))
    assert sealed(*stored) == (2, root([A, B]))
    assert sealed(*stored, group=(row(item(12, C)),)) == (3, root([A, B, C]))
    assert root([A, B]) != root([B, A])


def test_a_seal_is_over_what_counts_as_the_cohort_file_shows_it() -> None:
    stored = row(item(10, A)), row(item(11, B))
    assert sealed(*stored, row(voiding(12, 10))) == (1, root([B]))
    assert sealed(*stored, row(voiding(12, 99))) == (2, root([A, B]))
    ahead = fact(
        12,
        "09:00",
        pb.ArchiveItemAdded(item_class="04-roster", salted_digest=C),
        recorded_us=at("08:00"),
    )
    assert sealed(*stored, row(ahead)) == (2, root([A, B]))
    assert sealed(*stored, row(item(12, C), held=LOST)) == (2, root([A, B]))


TAUGHT = [
    row(fact(10, "07:30", scheduled(S1))),
    row(fact(11, "08:30", started(S1))),
    row(fact(12, "12:00", ended(S1))),
]
ATTENDED = [
    row(fact(20, "08:22", signed_in(S1))),
    row(fact(21, "12:02", signed_out(S1))),
]


def test_credits_are_those_of_the_entries_below_the_index_that_is_named() -> None:
    loaded = LoadedRecord(COHORT, ENROLMENT, b"", ATTENDED, {COHORT: TAUGHT})
    for below, hours in ((22, 4), (21, 0), (12, 0)):
        carried = decision("CreditsCarriedOver", up_to_index=below)
        case = record_case(carried, loaded, (), decision_state())
        assert case.requirement is not None
        # 08:30-12:00 is 210; 210 // 45 = 4
        assert case.requirement.hours.hours(OFFLINE) == hours
        assert case.former == EnrolmentState(enrolled=True, left=True, transferred_to=b"d" * 16)


def test_credits_are_also_read_as_they_stand_now() -> None:
    """A voiding behind the index that is named takes its hours away all the same."""
    body = pb.EventVoided(target=id_of(20), reason="OTHER-LEARNER")
    void = row(fact(30, "20:00", body, persons=(CLERK, CHIEF)))
    carried = decision("CreditsCarriedOver", up_to_index=22)
    for rows, hours in ((ATTENDED, 4), ([*ATTENDED, void], 0)):
        loaded = LoadedRecord(COHORT, ENROLMENT, b"", rows, {COHORT: TAUGHT})
        case = record_case(carried, loaded, (), decision_state())
        assert case.requirement is not None
        assert case.now is not None
        assert case.requirement.hours.hours(OFFLINE) == 4
        assert case.now.hours.hours(OFFLINE) == hours


def test_rows_of_the_group_are_part_of_the_record() -> None:
    loaded = LoadedRecord(COHORT, ENROLMENT, b"", ATTENDED[:1], {COHORT: TAUGHT[:2]})
    registered = decision("ExamRegistered", edition=1)
    case = record_case(registered, loaded, (TAUGHT[2], ATTENDED[1]), decision_state())
    assert case.requirement is not None
    assert case.requirement.hours.hours(OFFLINE) == 4
    alone = record_case(registered, loaded, (), decision_state())
    assert alone.requirement is not None
    assert alone.requirement.hours.hours(OFFLINE) == 0


def test_a_registration_sees_the_certificate_that_it_names() -> None:
    loaded = LoadedRecord(COHORT, ENROLMENT, CERTIFICATE, ATTENDED, {COHORT: TAUGHT})
    registered = decision("ExamRegistered", edition=1)
    case = record_case(registered, loaded, (), decision_state())
    assert case.certificate == CertificateState("PXZM-1", COHORT, 1)
    unnamed = record_case(decision("ExamRegistered", edition=0), OTHER, (), decision_state())
    assert (unnamed.certificate, unnamed.requirement) == (None, None)


OTHER = LoadedRecord(COHORT, b"", b"", (), {})


def test_without_a_policy_there_is_no_requirement() -> None:
    state = decision_state()
    state.cohorts.set(COHORT, CohortState(OWNER))
    loaded = LoadedRecord(COHORT, ENROLMENT, b"", ATTENDED, {COHORT: TAUGHT})
    carried = decision("CreditsCarriedOver", up_to_index=99)
    assert record_case(carried, loaded, (), state).requirement is None
    assert record_case(carried, loaded, (), decision_state()).requirement is not None
