"""Opened events (docs/formats.md sections 3 to 5, 7): an entry's event with what its author signed.

An entry commits to an event; who holds the event's bytes can open the entry. Opening checks
everything but the signature, which needs the author's key (`ledger.log.key_tree`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.log import dsse
from ledger.log.entries import EventEntry, recomputed_keys
from ledger.log.errors import ProofError
from ledger.log.event_reader import read_event
from ledger.log.identifiers import uuid_text
from ledger.log.merkle import HASH_SIZE, leaf_hash, root_from_inclusion
from ledger.log.notes import decode_base64, encode_base64

_TYPES_BY_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "institution": (
        "InstitutionRegistered",
        "InstitutionImported",
        "InitialReportSubmitted",
        "ScopeExtensionReported",
        "ReportReviewed",
        "ProvincialDirectoryListed",
        "StandingReportSubmitted",
        "AnnualReportSubmitted",
        "ChangeReportSubmitted",
        "RecruitmentSuspended",
        "RecruitmentResumed",
        "InstitutionDelisted",
        "ExitReportSubmitted",
        "ArchiveCustodyTransferred",
    ),
    "staff": (
        "StaffAppointed",
        "StaffQualificationRecorded",
        "ContinuingEducationRecorded",
        "StaffExited",
    ),
    "key": ("KeyRegistered", "KeyEnded"),
    "policy": ("PolicyAdopted",),
    "cohort": (
        "CohortPlanned",
        "CohortOpened",
        "SessionScheduled",
        "SessionStarted",
        "SessionEnded",
        "ArchiveItemAdded",
        "CohortClosed",
        "CohortFiled",
        "CohortPolicyRepinned",
        "SessionRescheduled",
        "SessionCancelled",
        "SessionInterrupted",
        "SessionResumed",
        "TeacherSignedIn",
        "TeacherSubstituted",
        "SessionRecordingStored",
        "CoursewareReviewed",
        "TrainingEvaluationSubmitted",
        "CohortArchiveSealed",
        "ClockOffsetStated",
        "CohortRecordCorrected",
        "CohortEventVoided",
        "TeacherSignedOut",
        "UnlistedSignedIn",
        "UnlistedSignedOut",
        "UnlistedPresenceAttributed",
    ),
    "enrolment": (
        "LearnerEnrolled",
        "LearnerSignedIn",
        "LearnerSignedOut",
        "OnlineLessonCompleted",
        "CourseTestRecorded",
        "TheoryExamResultRecorded",
        "PracticalExamResultRecorded",
        "LearnerWithdrew",
        "EnrolmentEligibilityVerified",
        "EnrolmentRejected",
        "IdentityVerified",
        "IdentityMismatchDetected",
        "PresenceSpotChecked",
        "AbsenceRecorded",
        "MakeUpScheduled",
        "MakeUpCompleted",
        "LearnerTransferred",
        "CreditsCarriedOver",
        "ExamRegistered",
        "ExamAttemptVoided",
        "ExamCheatingRecorded",
        "RecordCorrected",
        "EventVoided",
    ),
    "certificate": (
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
        "TrainingCertificateSuperseded",
        "TrainingCertificateSuspended",
        "TrainingCertificateReinstated",
        "OperationCertificateLinked",
    ),
}
_OPENED_MEMBERS: Final = frozenset(
    {"algorithm", "event", "key", "leaf_index", "path", "signature", "size"}
)
_UUID_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """An event's bytes and its author's signature, as a proof carries them.

    Attributes:
        event: The event as it was serialised and signed.
        key: Id of the author's key, 32 bytes.
        algorithm: Name of the signature's algorithm.
        leaf_index: Position of the event in its batch.
        size: Number of events of the batch.
        path: Audit path of the event in the batch, the leaf's sibling first.
        signature: The signature over the batch.
    """

    event: bytes
    key: bytes
    algorithm: str
    leaf_index: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes

    def to_document(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "event": encode_base64(self.event),
            "key": self.key.hex(),
            "algorithm": self.algorithm,
            "leaf_index": self.leaf_index,
            "size": self.size,
            "path": encode_base64(b"".join(self.path)),
            "signature": encode_base64(self.signature),
        }

    @classmethod
    def from_document(cls, document: Any) -> "OpenedEvent":  # noqa: ANN401 - any JSON
        """Read it from a JSON value; the caller compares with `to_document` and maps the errors.

        Raises:
            FormatError: on base64 that is malformed.
            TypeError: on a member of another type.
            ValueError: on other members or values out of range.
        """
        expect_members(document, _OPENED_MEMBERS)
        path = decode_base64(document["path"])
        if len(path) % HASH_SIZE:
            raise ValueError(f"a path of {len(path)} bytes")
        return cls(
            decode_base64(document["event"]),
            bytes.fromhex(document["key"]),
            read_text(document["algorithm"]),
            read_number(document["leaf_index"]),
            read_number(document["size"]),
            tuple(path[at : at + HASH_SIZE] for at in range(0, len(path), HASH_SIZE)),
            decode_base64(document["signature"]),
        )


def expect_members(document: Any, names: frozenset[str]) -> None:  # noqa: ANN401 - any JSON
    """Check that a JSON value is an object with exactly these members.

    Raises:
        ValueError: when it is not.
    """
    if not isinstance(document, dict) or document.keys() != names:
        raise ValueError(f"not an object with the members {', '.join(sorted(names))}")


def read_text(value: object) -> str:
    """Return a JSON text.

    Raises:
        TypeError: when the value is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def read_number(value: object) -> int:
    """Return a JSON integer from 0 to below 2^53.

    Raises:
        ValueError: when the value is none.
    """
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(f"not an integer below 2^53: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """An event that its entry commits to, as read; the signature is not yet checked.

    Attributes:
        index: Index of its entry in the log.
        entry: The entry: stream, kind, number in the stream, time.
        type: Name of the event's type.
        header: Fields of EventHeader.
        body: Fields of the body message.
        opened: The bytes and the signature.
    """

    index: int
    entry: EventEntry
    type: str
    header: Any
    body: Any
    opened: OpenedEvent

    def batch_message(self) -> bytes:
        """Return the bytes that the author signed.

        Raises:
            ProofError: when the path does not fit the batch.
        """
        opened = self.opened
        root = root_from_inclusion(self.entry.payload, opened.leaf_index, opened.size, opened.path)
        return dsse.batch_message(root)


def open_event(index: int, entry: EventEntry, opened: OpenedEvent, origin: str) -> SignedEvent:
    """Check that `opened` is the event of an entry of the log `origin`, and read it.

    Raises:
        FormatError: when the event's bytes are outside the admitted subset.
        ProofError: when event and entry do not agree.
    """
    if leaf_hash(opened.event) != entry.payload:
        raise ProofError(f"the event of entry {index} is not the one that the entry commits to")
    event = read_event(opened.event)
    header = event.header
    if header.origin != origin:
        raise ProofError(f"the event of entry {index} is meant for the log {header.origin!r}")
    ids = (header.event_id, header.stream, header.institution, *header.cohorts)
    if any(len(raw) != _UUID_SIZE for raw in ids) or len(header.author_key) != HASH_SIZE:
        raise ProofError(f"an id in the event of entry {index} has a wrong length")
    if uuid_text(header.event_id) != entry.event or uuid_text(header.stream) != entry.stream:
        raise ProofError(f"entry {index} names another event or stream than its event does")
    if event.type not in _TYPES_BY_KIND.get(entry.kind, ()):
        raise ProofError(f"a stream of the kind {entry.kind} holds no {event.type}")
    if recomputed_keys(entry, event, origin) != entry.keys:
        raise ProofError(f"the head-map keys of entry {index} are not those of its event")
    if header.author_key != opened.key:
        raise ProofError(f"entry {index} is signed by another key than its event names")
    return SignedEvent(index, entry, event.type, header, event.body, opened)
