"""For whoever writes events: the synchronous client, with every answer checked."""

from clients.sdk.batches import SignedBatch, sign_batch
from clients.sdk.capture import Circumstances
from clients.sdk.captured_events import CapturedEvent, DeviceChain
from clients.sdk.certificate_parts import (
    CertificateHistory,
    IssuedCertificate,
    PreparedCertificate,
)
from clients.sdk.certificates import Certificates
from clients.sdk.checks import LogKeys, check_answer
from clients.sdk.client import Ledger, all_accepted
from clients.sdk.clocks import Clock, ClockReading, device_clock, office_clock
from clients.sdk.corrections import Correction
from clients.sdk.emitter import Emitter
from clients.sdk.errors import (
    AcknowledgementError,
    CallError,
    CertificateError,
    CheckpointError,
    DraftError,
    EvidenceError,
    IdentityError,
    LedgerClientError,
    QuorumMissingError,
    RefusedError,
    RejectedError,
    StillUnknownError,
    UnreachableError,
)
from clients.sdk.failures import Failure, Violation
from clients.sdk.following import WatchedEvent
from clients.sdk.identity import Identity, TlsFiles, new_author_key
from clients.sdk.log_reader import LogReader
from clients.sdk.moments import AsOf
from clients.sdk.outcomes import Accepted, Acknowledgement, Outcome, Reason, Rejected
from clients.sdk.proven_log import LogRow, ProvenEntry, ProvenHead, VerifiedCheckpoint
from clients.sdk.receipts import Receipt
from clients.sdk.registers import PersonRef, Registers
from clients.sdk.retries import Retries
from clients.sdk.supervision import Supervision

__all__ = [
    "Accepted",
    "Acknowledgement",
    "AcknowledgementError",
    "AsOf",
    "CallError",
    "CapturedEvent",
    "CertificateError",
    "CertificateHistory",
    "Certificates",
    "CheckpointError",
    "Circumstances",
    "Clock",
    "ClockReading",
    "Correction",
    "DeviceChain",
    "DraftError",
    "Emitter",
    "EvidenceError",
    "Failure",
    "Identity",
    "IdentityError",
    "IssuedCertificate",
    "Ledger",
    "LedgerClientError",
    "LogKeys",
    "LogReader",
    "LogRow",
    "Outcome",
    "PersonRef",
    "PreparedCertificate",
    "ProvenEntry",
    "ProvenHead",
    "QuorumMissingError",
    "Reason",
    "Receipt",
    "RefusedError",
    "Registers",
    "Rejected",
    "RejectedError",
    "Retries",
    "SignedBatch",
    "StillUnknownError",
    "Supervision",
    "TlsFiles",
    "UnreachableError",
    "VerifiedCheckpoint",
    "Violation",
    "WatchedEvent",
    "all_accepted",
    "check_answer",
    "device_clock",
    "new_author_key",
    "office_clock",
    "sign_batch",
]
