"""From the read side's records across cohorts to the contract (supervision_service.proto)."""

from ledger.api.v1 import events_pb2
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.server.certificate_messages import certificate_message
from ledger.server.identifiers import id_text
from ledger.server.irregular_words import irregular_words, target_of
from projections.session_rows import PLANNED
from projections.supervision_records import (
    DaySession,
    IrregularRecord,
    TracedEnrolment,
    TracedReference,
    TracedSession,
)


def session_message(row: DaySession) -> pb.DaySession:
    """Return a session of a day."""
    shown = row.shown
    return pb.DaySession(
        session=id_text(row.session),
        cohort=id_text(row.cohort),
        cohort_number=row.cohort_number,
        trade_name=row.trade_name,
        institution=id_text(row.institution),
        institution_name=row.institution_name,
        area=row.area,
        state=shown["state"],
        component=events_pb2.HourComponent.ValueType(shown["component"]),
        room=shown["room"],
        teacher=_id(shown["teacher"]),
        planned_start_us=shown["planned_start_us"],
        planned_end_us=shown["planned_end_us"],
        rescheduled=shown["rescheduled"],
        cancelled=shown["cancelled"],
        started_us=shown["started_us"],
        interrupted_us=shown["interrupted_us"],
        ended_us=shown["ended_us"],
        signed_in=row.signed_in,
        teachers_signed_in=[_id(teacher) for teacher in shown["teachers_signed_in"]],
        teacher_in_us=shown["teacher_in_us"],
        teacher_out_us=shown["teacher_out_us"],
        unlisted=row.unlisted,
        recordings=shown["recordings"],
        recording_per_mille=shown["recording_per_mille"],
        checked_present=row.checked_present,
        checked_absent=row.checked_absent,
    )


def irregular_message(row: IrregularRecord) -> pb.IrregularRecord:
    """Return an irregular record with the line that says what it shows."""
    zh, en = irregular_words(row)
    return pb.IrregularRecord(
        kind=pb.IrregularKind.ValueType(row.kind),
        shows_zh=zh,
        shows_en=en,
        index=row.index,
        event_id=id_text(row.event_id),
        type=row.type,
        cohort=id_text(row.cohort),
        enrolment=id_text(row.enrolment),
        institution=id_text(row.institution),
        occurred_us=row.occurred_us,
        recorded_us=row.recorded_us,
        target=id_text(target_of(row.details)),
        voided_by=id_text(row.voided_by),
    )


def reference_message(found: TracedReference, as_of_size: int) -> pb.TracedReference:
    """Return the person as one institution knows one."""
    return pb.TracedReference(
        institution=id_text(found.institution),
        institution_name=found.institution_name,
        person_ref=id_text(found.person_ref),
        enrolments=[_enrolment(enrolment, as_of_size) for enrolment in found.enrolments],
    )


def _enrolment(found: TracedEnrolment, as_of_size: int) -> pb.TracedEnrolment:
    return pb.TracedEnrolment(
        enrolment=id_text(found.enrolment),
        cohort=id_text(found.cohort),
        cohort_number=found.cohort_number,
        trade_name=found.trade_name,
        state=found.state,
        certificates=[certificate_message(each, as_of_size) for each in found.certificates],
        sessions=[_session(session) for session in found.sessions],
    )


def _session(found: TracedSession) -> pb.TracedSession:
    shown = found.shown
    return pb.TracedSession(
        session=id_text(found.session),
        cohort=id_text(found.cohort),
        component=events_pb2.HourComponent.ValueType(shown.get("component", 0)),
        room=shown.get("room", ""),
        teacher=_id(shown.get("teacher", "")),
        teachers_signed_in=[_id(teacher) for teacher in shown.get("teachers_signed_in", ())],
        planned_start_us=shown.get("planned_start_us", 0),
        signed_in_us=found.signed_in_us,
        state=shown.get("state", PLANNED),
    )


def _id(raw: str) -> str:
    return id_text(bytes.fromhex(raw))
