"""The emitter: one method for each event type, in the terms of the field.

    emitter = Emitter(identity, entered_by=clerk)
    event = emitter.session_started(cohort=cohort, session=session, present=29)

An event is made once; keep `CapturedEvent.data` before it is sent.
"""

from clients.sdk.admission_events import AdmissionEvents
from clients.sdk.attendance_events import AttendanceEvents
from clients.sdk.certificate_events import CertificateEvents
from clients.sdk.cohort_events import CohortEvents
from clients.sdk.cohort_file_events import CohortFileEvents
from clients.sdk.correction_events import CorrectionEvents
from clients.sdk.enrolment_events import EnrolmentEvents
from clients.sdk.exam_events import ExamEvents
from clients.sdk.oversight_events import OversightEvents
from clients.sdk.register_events import RegisterEvents
from clients.sdk.report_events import ReportEvents
from clients.sdk.session_events import SessionEvents
from clients.sdk.staff_events import StaffEvents
from clients.sdk.unlisted_events import UnlistedEvents


class Emitter(
    RegisterEvents,
    ReportEvents,
    OversightEvents,
    StaffEvents,
    CohortEvents,
    SessionEvents,
    CohortFileEvents,
    EnrolmentEvents,
    AdmissionEvents,
    AttendanceEvents,
    UnlistedEvents,
    ExamEvents,
    CorrectionEvents,
    CertificateEvents,
):
    """Makes the events of one author; set up as `clients.sdk.capture.Capture` says."""
