"""Where the events of a whole cohort belong, and the mistakes that are found before signing."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from clients.sdk import Circumstances, Correction, DraftError, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import read_event
from ledger.log.identifiers import enrolment_id, party_id
from tests.unit.clients.sdk.identities import SESSION, identity_of
from tests.unit.clients.sdk.said import uid
from tests.unit.clients.verifier.small_log import COHORT, INSTITUTION, ISSUER, ORIGIN, PERSON

IDENTITY = identity_of(ISSUER)
STAFF = UUID("5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11")
OTHER_COHORT = UUID("d4b7a5f0-6f0d-4c51-9a4e-3f1f5d2c8e90")
LATER = datetime(2026, 4, 1, 9, tzinfo=timezone(timedelta(hours=8)))


def test_a_bureau_writes_about_an_institution_into_its_stream() -> None:
    bureau = party_id(ORIGIN, "11320599MA0TEXT02D")
    event = Emitter(identity_of(ISSUER, party=bureau)).recruitment_suspended(
        institution=INSTITUTION, decision_number="T-2026-041", reason="ABSENT-TEACHERS"
    )
    header = read_event(event.data).header
    assert (event.stream, uid(header.institution)) == (INSTITUTION, INSTITUTION)
    assert (header.cohorts, header.person_ref) == ([], b"")


def test_a_staff_file_is_its_institutions_and_belongs_to_no_cohort() -> None:
    event = Emitter(IDENTITY).staff_exited(staff=STAFF, reason="RESIGNED")
    header = read_event(event.data).header
    assert (event.stream, uid(header.institution)) == (STAFF, INSTITUTION)
    assert (header.cohorts, header.person_ref) == ([], b"")


def test_a_staff_file_may_be_written_for_another_institution() -> None:
    how = Circumstances(recorded_for=PERSON)
    event = Emitter(IDENTITY).staff_exited(staff=STAFF, reason="RESIGNED", how=how)
    assert uid(read_event(event.data).header.institution) == PERSON


def test_an_archive_item_names_another_custodian_or_none() -> None:
    for custodian, stated in ((None, b""), (PERSON, PERSON.bytes)):
        event = Emitter(IDENTITY).archive_item_added(
            cohort=COHORT,
            item_class="04-roster",
            salted_digest=bytes(32),
            media_type="application/pdf",
            size=1,
            place="CABINET-3",
            custodian=custodian,
        )
        assert read_event(event.data).body.custodian == stated


def test_a_voided_sign_in_of_a_guest_names_both_cohorts_the_home_cohort_first() -> None:
    event = Emitter(IDENTITY, entered_by=STAFF).event_voided(
        cohort=COHORT,
        person_ref=PERSON,
        target=SESSION,
        reason="OTHER-LEARNER",
        evidence_digest=bytes(32),
        how=Circumstances(approved_by=PERSON, guest_cohorts=(OTHER_COHORT,)),
    )
    header = read_event(event.data).header
    assert header.cohorts == [COHORT.bytes, OTHER_COHORT.bytes]
    assert (uid(header.entered_by), uid(header.approved_by)) == (STAFF, PERSON)
    assert event.stream == enrolment_id(COHORT, PERSON)


def test_an_examination_rests_on_a_certificate_from_elsewhere_or_an_exemption() -> None:
    for basis in ({"other_proof_digest": b"\5" * 32}, {"exemption_digest": b"\6" * 32}):
        event = Emitter(IDENTITY).exam_registered(
            cohort=COHORT,
            person_ref=PERSON,
            sitting="T-1",
            **basis,  # type: ignore[arg-type]  # digests alone
        )
        stated = read_event(event.data).body
        found = (stated.edition, stated.other_proof_digest, stated.exemption_digest)
        assert found == (
            0,
            basis.get("other_proof_digest", b""),
            basis.get("exemption_digest", b""),
        )


def test_who_has_no_reference_stands_in_the_cohorts_stream_until_two_persons_name_a_learner() -> (
    None
):
    emitter = Emitter(IDENTITY, entered_by=STAFF)
    came = emitter.unlisted_signed_in(
        cohort=COHORT, session=SESSION, ticket=PERSON, method=pb.PRESENCE_METHOD_FACE
    )
    attributed = emitter.unlisted_presence_attributed(
        cohort=COHORT,
        session=SESSION,
        ticket=PERSON,
        enrolment=enrolment_id(COHORT, PERSON),
        how=Circumstances(approved_by=OTHER_COHORT),
    )
    for event in (came, attributed):
        header = read_event(event.data).header
        assert (event.stream, header.cohorts, header.person_ref) == (COHORT, [COHORT.bytes], b"")
    body = read_event(attributed.data).body
    assert (uid(body.ticket), uid(body.enrolment)) == (PERSON, enrolment_id(COHORT, PERSON))


WRONG: dict[str, Callable[[Emitter], object]] = {
    "is not the institution": lambda e: e.recruitment_resumed(
        institution=INSTITUTION,
        decision_number="T-1",
        how=Circumstances(recorded_for=PERSON),
    ),
    "exactly one of edition": lambda e: e.exam_registered(
        cohort=COHORT, person_ref=PERSON, sitting="T-1"
    ),
    "other_proof_digest and exemption_digest is due": lambda e: e.exam_registered(
        cohort=COHORT, person_ref=PERSON, sitting="T-1", edition=1, exemption_digest=bytes(32)
    ),
    "subject is not stated": lambda e: e.exam_attempt_voided(
        cohort=COHORT,
        person_ref=PERSON,
        subject=pb.EXAM_SUBJECT_UNSPECIFIED,
        attempt=1,
        reason="SYSTEM-FAILURE",
    ),
    "rooms is empty": lambda e: e.cohort_filed(cohort=COHORT, bureau=PERSON, rooms=[], teachers=[]),
    "rooms: one text where a list": lambda e: e.cohort_filed(
        cohort=COHORT, bureau=PERSON, rooms="R-301", teachers=[]
    ),
    "trades is empty": lambda e: e.initial_report_submitted(
        institution=INSTITUTION, trades=[""], document_digest=bytes(32)
    ),
    "credited is empty": lambda e: e.credits_carried_over(
        cohort=COHORT, person_ref=PERSON, from_cohort=OTHER_COHORT, up_to_index=1, credited={}
    ),
    "component is not stated": lambda e: e.credits_carried_over(
        cohort=COHORT,
        person_ref=PERSON,
        from_cohort=OTHER_COHORT,
        up_to_index=1,
        credited={pb.HOUR_COMPONENT_UNSPECIFIED: 8},
    ),
    "is before the first": lambda e: e.clock_offset_stated(
        cohort=COHORT,
        device="TERM-0001",
        offset=timedelta(hours=-1),
        first=LATER,
        last=LATER - timedelta(microseconds=1),
        reason="TIME-ZONE",
    ),
    "is out of range": lambda e: e.clock_offset_stated(
        cohort=COHORT,
        device="TERM-0001",
        offset=-timedelta(microseconds=2**53),
        first=LATER,
        last=LATER,
        reason="TIME-ZONE",
    ),
    "score_hundredths: 501": lambda e: e.training_evaluation_submitted(
        cohort=COHORT, respondents=1, score_hundredths=501
    ),
    "respondents: 0 is below 1": lambda e: e.training_evaluation_submitted(
        cohort=COHORT, respondents=0, score_hundredths=500
    ),
    "number is empty": lambda e: e.training_certificate_superseded(
        certificate=PERSON, cohort=COHORT, number="", reason="NAME-CORRECTED"
    ),
    "two persons stand behind": lambda e: e.record_corrected(
        cohort=COHORT,
        person_ref=PERSON,
        target=SESSION,
        correction=Correction.minutes(45),
        reason="TYPED-WRONG",
        evidence_digest=bytes(32),
        how=Circumstances(entered_by=STAFF),
    ),
    "approved_by: two persons": lambda e: e.unlisted_presence_attributed(
        cohort=COHORT,
        session=SESSION,
        ticket=PERSON,
        enrolment=PERSON,
        how=Circumstances(entered_by=STAFF),
    ),
    "it is the person who entered it": lambda e: e.cohort_event_voided(
        cohort=COHORT,
        target=SESSION,
        reason="TYPED-WRONG",
        evidence_digest=bytes(32),
        how=Circumstances(entered_by=STAFF, approved_by=STAFF),
    ),
}


@pytest.mark.parametrize("problem", WRONG)
def test_an_obvious_mistake_is_refused_before_anything_is_signed(problem: str) -> None:
    with pytest.raises(DraftError, match=problem):
        WRONG[problem](Emitter(IDENTITY))
