"""The emitter: one method for each event type, in the terms of the field.

    emitter = Emitter(identity, entered_by=clerk)
    event = emitter.session_started(cohort=cohort, session=session, present=29)

An event is made once; keep `CapturedEvent.data` before it is sent.
"""

from clients.sdk.certificate_events import CertificateEvents
from clients.sdk.cohort_events import CohortEvents
from clients.sdk.enrolment_events import EnrolmentEvents
from clients.sdk.institution_events import InstitutionEvents
from clients.sdk.register_events import RegisterEvents


class Emitter(RegisterEvents, InstitutionEvents, CohortEvents, EnrolmentEvents, CertificateEvents):
    """Makes the events of one author; set up as `clients.sdk.capture.Capture` says."""
