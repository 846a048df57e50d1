"""The error catalogue on the wire: from a code to a gRPC status with details (google.rpc, AIP-193).

Every failed call carries `ErrorInfo` (the stable code), `BadRequest` (one row for each reason, with
field and code), two `LocalizedMessage` (zh-CN and en: reason and fix) and, where the same call may
succeed later, `RetryInfo`. Nothing of the inside leaves: what nobody expected is INTERNAL with a
request id that leads to the log.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from ledger.application.errors import (
    IntegrityBreachError,
    NotFoundError,
    OverloadedError,
    RefusedError,
    StorageFullError,
    StorageUnavailableError,
)
from ledger.application.recorded_clock import ClockJumpError
from ledger.domain.refusals import Refusal
from ledger.server.peer_identity import PeerError
from ledger.server.shown_text import shown

DOMAIN: Final = "tledger"
DETAILS_LIMIT: Final = 4_500
"""Most bytes of a status: in base64 it has to fit the 8 KiB of metadata that clients take."""

_S: Final = grpc.StatusCode
_BY_STATUS: Final = {
    _S.INVALID_ARGUMENT: (
        "EVENT_MALFORMED EVENT_TOO_LARGE UNKNOWN_EVENT_TYPE INVALID_FIELD WRONG_ORIGIN WRONG_STREAM"
        " BAD_BATCH BAD_SIGNATURE WRONG_ALGORITHM POLICY_INVALID DATES_REVERSED BAD_ID_NUMBER"
        " INVALID_REQUEST REQUEST_TOO_LARGE PAGE_TOKEN_INVALID CREDENTIAL_INVALID EXAM_PROOF"
    ),
    _S.FAILED_PRECONDITION: (
        "IDENTITY_DIFFERS CERTIFICATE_SUSPENDED"
        " UNKNOWN_KEY KEY_ENDED UNKNOWN_PARTY POLICY_NOT_ADOPTED NOT_PLANNED NOT_OPEN COHORT_CLOSED"
        " COHORT_FULL NOT_ENROLLED NOT_PREPARED HOURS_SHORT TEST_NOT_PASSED TOTALS_DIFFER"
        " COUNT_DIFFERS"
        " CERTIFICATE_LIVE CERTIFICATE_REVOKED LOG_CLOSED PERSON_NAME_DIFFERS PAGE_TOKEN_STALE"
        " NOT_PUBLISHED NOT_AN_INSTITUTION REPORT_UNKNOWN REVIEW_OUT_OF_TURN NOT_REVIEWED"
        " NOT_SUSPENDED RECRUITMENT_SUSPENDED INSTITUTION_CLOSED REPORT_MISSING"
        " CERTIFICATE_SUPERSEDED CERTIFICATE_NOT_VALID CERTIFICATE_NOT_SUSPENDED SUCCESSOR_MISSING"
        " OTHER_SUCCESSOR NOT_SUPERSEDED NOT_CLOSED SEAL_VERSION NOT_TRANSFERRED"
    ),
    _S.PERMISSION_DENIED: (
        "KEY_USE NOT_YOURS_TO_WRITE NOT_YOUR_COHORT NOT_YOUR_AREA REASON_NOT_YOURS"
        " PERMISSION_DENIED REVIEW_NOT_YOURS"
    ),
    _S.ALREADY_EXISTS: (
        "EVENT_ID_REUSED ALREADY_REGISTERED ALREADY_PLANNED ALREADY_OPEN ALREADY_ENROLLED"
        " ALREADY_IMPORTED ALREADY_SUSPENDED ALREADY_DELISTED ALREADY_FILED ALREADY_PINNED"
        " ALREADY_CARRIED CERTIFICATE_ALREADY_SUSPENDED PERSON_REGISTERED"
    ),
    _S.NOT_FOUND: "NOT_FOUND CERTIFICATE_UNKNOWN",
    _S.ABORTED: "SEQUENCE_CONFLICT ATOMIC_ABORTED",
    _S.UNAUTHENTICATED: "UNAUTHENTICATED",
    _S.RESOURCE_EXHAUSTED: "OVERLOADED STORAGE_FULL",
    _S.UNAVAILABLE: "STORAGE_UNAVAILABLE HALTED",
    _S.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    _S.INTERNAL: "INTERNAL",
}
STATUS: Final = MappingProxyType(
    {code: status for status, codes in _BY_STATUS.items() for code in codes.split()}
)
"""The gRPC status of every code of `refusals.CATALOGUE`."""

RETRY_SECONDS: Final = MappingProxyType(
    {
        "NOT_PUBLISHED": 1,
        "OVERLOADED": 1,
        "STORAGE_UNAVAILABLE": 1,
        "STORAGE_FULL": 30,
        "HALTED": 30,
    }
)
"""After how many seconds the same call may succeed."""

_CODES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (NotFoundError, "NOT_FOUND"),
    (PeerError, "UNAUTHENTICATED"),
    (StorageFullError, "STORAGE_FULL"),
    (StorageUnavailableError, "STORAGE_UNAVAILABLE"),
    (OverloadedError, "OVERLOADED"),
    (IntegrityBreachError, "HALTED"),
    (ClockJumpError, "HALTED"),
)
_FOR_THE_OPERATOR: Final = frozenset({"INTERNAL", "HALTED"})
_LANGUAGES: Final = (("zh-CN", "zh", "{}；{}"), ("en", "en", "{}. {}."))


def refusals_of(error: Exception) -> tuple[Refusal, ...]:
    """Return the reasons that an error stands for; INTERNAL for one that nobody expected."""
    if isinstance(error, RefusedError):
        return error.refusals
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "INTERNAL")
    return (Refusal(code),)


def for_the_operator(code: str) -> bool:
    """Tell whether the operator has to read the log: the caller only gets a request id."""
    return code in _FOR_THE_OPERATOR


def status_of(refusals: Sequence[Refusal], request_id: str) -> status_pb2.Status:
    """Return the status of a call that was refused for these reasons, at least one.

    Args:
        refusals: The reasons; the first one fixes the status.
        request_id: Goes into `ErrorInfo` where the operator has to look it up.
    """
    first = refusals[0]
    metadata = {name: shown(str(value)) for name, value in first.values.items()}
    if for_the_operator(first.code):
        metadata["request_id"] = request_id
    status = status_pb2.Status(code=STATUS[first.code].value[0], message=shown(first.reason("en")))
    info = error_details_pb2.ErrorInfo(reason=first.code, domain=DOMAIN, metadata=metadata)
    status.details.add().Pack(info)
    for locale, language, form in _LANGUAGES:
        text = form.format(shown(first.reason(language)), first.fix(language))
        message = error_details_pb2.LocalizedMessage(locale=locale, message=text)
        status.details.add().Pack(message)
    if first.code in RETRY_SECONDS:
        delay = Duration(seconds=RETRY_SECONDS[first.code])
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    _add_violations(status, refusals)
    return status


def _add_violations(status: status_pb2.Status, refusals: Sequence[Refusal]) -> None:
    """Add a row for each reason, as many as fit."""
    if len(refusals) == 1 and not refusals[0].field:
        return
    bad = error_details_pb2.BadRequest()
    room = DETAILS_LIMIT - status.ByteSize()
    for refusal in refusals:
        bad.field_violations.append(_violation(refusal))
        if bad.ByteSize() > room:
            del bad.field_violations[-1]
            break
    status.details.add().Pack(bad)


def _violation(refusal: Refusal) -> error_details_pb2.BadRequest.FieldViolation:
    reasons = f"{refusal.reason('zh')} / {refusal.reason('en')}"
    # The general code of a request says nothing of the rule that the field breaks.
    detail = refusal.values.get("detail") if refusal.code == "INVALID_REQUEST" else None
    return error_details_pb2.BadRequest.FieldViolation(
        field=shown(refusal.field),
        description=shown(reasons if detail is None else f"{reasons}: {detail}"),
        reason=refusal.code,
    )
