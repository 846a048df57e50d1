"""From the read side's cohort records to the contract's messages (cohort_service.proto)."""

from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2
from ledger.domain.policies import HourComponent
from ledger.server.identifiers import id_text
from projections.answers import Cohort
from projections.cohort_file_records import (
    CohortFile,
    CohortFileHours,
    CohortFileItem,
    CohortFileLearner,
    CohortFileSession,
)

COMPONENTS = {
    HourComponent.THEORY_OFFLINE: events_pb2.HOUR_COMPONENT_THEORY_OFFLINE,
    HourComponent.THEORY_ONLINE: events_pb2.HOUR_COMPONENT_THEORY_ONLINE,
    HourComponent.PRACTICAL: events_pb2.HOUR_COMPONENT_PRACTICAL,
}


def cohort_message(cohort: Cohort, as_of_size: int) -> pb.Cohort:
    """Return a cohort in brief."""
    return pb.Cohort(
        cohort=id_text(cohort.cohort),
        institution=id_text(cohort.institution),
        number=cohort.number,
        trade=cohort.trade,
        trade_name=cohort.trade_name,
        state=cohort.state,
        enrolled=cohort.enrolled,
        capacity=cohort.capacity,
        first_day=cohort.first_day,
        last_day=cohort.last_day,
        certificates=cohort.certificates,
        as_of_size=as_of_size,
    )


def cohort_file_message(file: CohortFile, as_of_size: int) -> pb.GetCohortFileResponse:
    """Return the cohort file 一期一档."""
    return pb.GetCohortFileResponse(
        cohort=cohort_message(file.cohort, as_of_size),
        sessions=[_session(session) for session in file.sessions],
        learners=[learner_message(learner) for learner in file.learners],
        items=[item_message(item) for item in file.items],
        checklist=[
            pb.CohortFileCheck(
                item_class=check.item_class,
                label_zh=check.label_zh,
                label_en=check.label_en,
                present=check.present,
            )
            for check in file.checklist
        ],
        events=file.events,
        filed_with=id_text(file.filed_with),
        pins=[
            pb.CohortFilePin(policy=pin.policy.hex(), index=pin.index, at_us=pin.at_us)
            for pin in file.pins
        ],
        guests=[
            pb.CohortFileGuest(
                enrolment=id_text(guest.enrolment),
                cohort=id_text(guest.cohort),
                sessions=[id_text(session) for session in guest.sessions],
                held=guest.held,
            )
            for guest in file.guests
        ],
        evaluations=[
            pb.CohortFileEvaluation(
                teacher=id_text(each.teacher),
                respondents=each.respondents,
                score_hundredths=each.score_hundredths,
            )
            for each in file.evaluations
        ],
        courseware=[
            pb.CohortFileCourseware(
                courseware=each.courseware,
                version=each.version,
                document_digest=each.document_digest.hex(),
                reviewer=id_text(each.reviewer),
                index=each.index,
            )
            for each in file.courseware
        ],
        seals=[
            pb.CohortFileSeal(
                version=seal.version,
                items=seal.items,
                retain_until=seal.retain_until,
                index=seal.index,
                later_events=seal.later_events,
            )
            for seal in file.seals
        ],
        held=file.held,
        corrected=file.corrected,
    )


def item_message(item: CohortFileItem) -> pb.CohortFileItem:
    """Return a document of the file."""
    return pb.CohortFileItem(
        item_class=item.item_class,
        media_type=item.media_type,
        size=item.size,
        salted_digest=item.salted_digest.hex(),
        place=item.place,
        custodian=id_text(item.custodian),
        index=item.index,
    )


def _session(session: CohortFileSession) -> pb.CohortFileSession:
    return pb.CohortFileSession(
        session=id_text(session.session),
        component=events_pb2.HourComponent.ValueType(session.component),
        room=session.room,
        teacher=id_text(session.teacher),
        planned_start_us=session.planned_start_us,
        planned_end_us=session.planned_end_us,
        started_us=session.started_us,
        ended_us=session.ended_us,
        break_minutes=session.break_minutes,
        signed_in=session.signed_in,
        recorded=session.recorded,
        interrupted_minutes=session.interrupted_minutes,
        guests=session.guests,
        coverage_permille=session.coverage_permille,
        teacher_signed_in=session.teacher_signed_in,
        teacher_in_us=session.teacher_in_us,
        teacher_out_us=session.teacher_out_us,
        cancelled=session.cancelled,
        spot_checks=session.spot_checks,
        missed_spot_checks=session.missed_spot_checks,
        unlisted=session.unlisted,
    )


def learner_message(learner: CohortFileLearner) -> pb.CohortFileLearner:
    """Return a learner of the file."""
    return pb.CohortFileLearner(
        enrolment=id_text(learner.enrolment),
        person_ref=id_text(learner.person_ref),
        state=learner.state,
        hours=[_hours(hours) for hours in learner.hours],
        requirement_met=learner.requirement_met,
        course_test_hundredths=learner.course_test_hundredths,
        open_sign_ins=learner.open_sign_ins,
        certificate=learner.certificate,
        certificate_state=learner.certificate_state,
        theory_exam_hundredths=learner.theory_exam_hundredths,
        practical_exam_hundredths=learner.practical_exam_hundredths,
        held=learner.held,
        transferred_to=id_text(learner.transferred_to),
        results=[
            pb.CohortFileResult(policy=each.policy.hex(), hours=each.hours, met=each.met)
            for each in learner.results
        ],
        absences=learner.absences,
        make_ups=[
            pb.CohortFileMakeUp(
                missed=id_text(each.missed),
                session=id_text(each.session),
                cohort=id_text(each.cohort),
                due_day=each.due_day,
                attended=each.attended,
            )
            for each in learner.make_ups
        ],
        attempts=[
            pb.CohortFileAttempt(
                subject=events_pb2.ExamSubject.ValueType(each.subject),
                attempt=each.attempt,
                score_hundredths=each.score_hundredths,
                state=each.state,
                at_us=each.at_us,
                index=each.index,
            )
            for each in learner.attempts
        ],
        exam_registered=learner.exam_registered,
        corrected=learner.corrected,
    )


def _hours(hours: CohortFileHours) -> pb.CohortFileHours:
    return pb.CohortFileHours(
        component=COMPONENTS[hours.component],
        required=hours.required,
        credited=hours.credited,
        minutes=hours.minutes,
        events=hours.events,
    )
