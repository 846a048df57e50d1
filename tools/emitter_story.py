"""The made-up story that tests/vectors/emitter tells: its keys, parties and events.

A bureau registers a school, the school plans a cohort, a learner attends, passes and is certified.
Everything follows from fixed labels. Used by `tools.make_emitter_vectors`.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb

ORIGIN: Final = "log.example/320599"
START_US: Final = 1_772_413_200_000_000  # 2026-03-02 09:00 in Asia/Shanghai
MINUTE_US: Final = 60_000_000
NUMBER: Final = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"

BODY_FIELDS: Final = {
    field.message_type.name: field.name
    for field in pb.TrainingEvent.DESCRIPTOR.oneofs[0].fields
    if field.message_type is not None
}


# --- Keys, ids and hashes ------------------------------------------------------------------------


def seed(label: str) -> bytes:
    """Return the 32 bytes that stand for a label."""
    return hashlib.sha256(f"training-ledger emitter vectors: {label}".encode()).digest()


def random_uuid(label: str) -> uuid.UUID:
    """Return the UUIDv4 that stands for a label."""
    return uuid.UUID(bytes=seed(label)[:16], version=4)


@dataclass(frozen=True)
class Key:
    """A test key; `private` is the Ed25519 seed or the P-256 scalar."""

    label: str
    algorithm: str = "ed25519"

    @property
    def private(self) -> bytes:
        """Return the private bytes."""
        return seed(f"key {self.label}")

    def _key(self) -> Ed25519PrivateKey | EllipticCurvePrivateKey:
        if self.algorithm == "ed25519":
            return Ed25519PrivateKey.from_private_bytes(self.private)
        return derive_private_key(int.from_bytes(self.private), SECP256R1())

    @property
    def public(self) -> bytes:
        """Return the SubjectPublicKeyInfo."""
        public = self._key().public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def raw(self) -> bytes:
        """Return the raw public key of an Ed25519 key."""
        return self.public[-32:]

    @property
    def id(self) -> bytes:
        """Return the key id."""
        return hashlib.sha256(self.public).digest()

    def sign(self, message: bytes) -> bytes:
        """Return the signature; ECDSA as RFC 6979, so that the files do not change."""
        key = self._key()
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(message)
        return key.sign(message, ECDSA(SHA256(), deterministic_signing=True))

    def described(self, signature: bytes, message: bytes) -> dict[str, object]:
        """Return what a file says about a signature by this key."""
        return {
            "algorithm": self.algorithm,
            "private_key_hex": self.private.hex(),
            "public_key_hex": self.public.hex(),
            "key_id_hex": self.id.hex(),
            "dsse_hex": message.hex(),
            "signature_hex": signature.hex(),
        }


BUREAU, SCHOOL, DEVICE, ACK = Key("bureau"), Key("institution"), Key("device"), Key("ack")
OFFICE = Key("office", "ecdsa-p256")
ALGORITHMS: Final = {
    "ed25519": pb.ALGORITHM_ED25519,
    "ecdsa-p256": pb.ALGORITHM_ECDSA_P256,
}

LOG: Final = uuid.uuid5(uuid.NAMESPACE_URL, ORIGIN)
BUREAU_ID: Final = uuid.uuid5(LOG, "institution/11320599MA0TEXT02D")
SCHOOL_ID: Final = uuid.uuid5(LOG, "institution/91320599MA0TEXT012")
COHORT: Final = random_uuid("cohort")
SESSION: Final = random_uuid("session").bytes
SIGNED_IN: Final = pb.LearnerSignedIn(session=SESSION, method=pb.PRESENCE_METHOD_ID_CARD)
PERSONS: Final = (random_uuid("first person"), random_uuid("second person"))
ENROLMENTS: Final = tuple(uuid.uuid5(COHORT, str(person)) for person in PERSONS)
CERTIFICATE: Final = uuid.uuid5(PERSONS[0], f"{ENROLMENTS[0]}/1")
POLICY_STREAM: Final = uuid.uuid5(LOG, "policy")
POLICY: Final = b'name = "test policy"\n'


def leaf_of(data: bytes) -> bytes:
    """Return the RFC 6962 leaf hash."""
    return hashlib.sha256(b"\0" + data).digest()


# --- Events --------------------------------------------------------------------------------------


KINDS: Final = {
    "InstitutionRegistered": "institution",
    "PolicyAdopted": "policy",
    **dict.fromkeys(("KeyRegistered", "KeyEnded"), "key"),
    **dict.fromkeys(
        (
            "TrainingCertificateIssued",
            "TrainingCertificateRevoked",
            "TrainingCertificateSuperseded",
            "TrainingCertificateSuspended",
            "TrainingCertificateReinstated",
            "OperationCertificateLinked",
        ),
        "certificate",
    ),
    **dict.fromkeys(
        (
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
        "institution",
    ),
    **dict.fromkeys(
        (
            "StaffAppointed",
            "StaffQualificationRecorded",
            "ContinuingEducationRecorded",
            "StaffExited",
        ),
        "staff",
    ),
}
"""Kinds of streams by the type of event; cohorts' and enrolments' are not named."""


@dataclass
class Emitter:
    """Builds events one minute apart; the device's events form its chain."""

    made: int = 0
    device_chain: list[bytes] = field(default_factory=list)

    def event(
        self, body: Message, stream: uuid.UUID, author: Key = OFFICE, **header: object
    ) -> pb.TrainingEvent:
        """Build an event; header fields given by name win over the usual ones."""
        self.made += 1
        occurred_us = START_US + self.made * MINUTE_US
        name = type(body).__name__
        salt = seed(f"salt {self.made}")
        time_ordered = (occurred_us // 1000).to_bytes(6) + salt[:10]
        event_id = uuid.UUID(int=int.from_bytes(time_ordered) & ~(0xF << 76) | 0x7 << 76)
        event_id = uuid.UUID(int=event_id.int & ~(0x3 << 62) | 0x2 << 62)
        usual: dict[str, object] = {
            "salt": salt,
            "origin": ORIGIN,
            "event_id": event_id.bytes,
            "type": name,
            "author_key": author.id,
            "institution": SCHOOL_ID.bytes,
            "stream": stream.bytes,
            "occurred_us": occurred_us,
            "utc_offset_minutes": 480,
            "record_origin": pb.RECORD_ORIGIN_ENTERED,
            "entered_by": random_uuid("clerk").bytes,
            "synthetic": True,
        }
        if name not in KINDS or KINDS[name] == "certificate":
            usual["cohorts"] = [COHORT.bytes]
        if stream in ENROLMENTS:
            usual["person_ref"] = PERSONS[ENROLMENTS.index(stream)].bytes
        event = pb.TrainingEvent(header=pb.EventHeader(**(usual | header)))  # type: ignore[arg-type]
        getattr(event, BODY_FIELDS[name]).CopyFrom(body)
        return event

    def captured(self, body: Message, stream: uuid.UUID) -> pb.TrainingEvent:
        """Build an event that the device captured: in its chain, with the state of its clock."""
        chain = self.device_chain
        event = self.event(body, stream, DEVICE)
        event.header.ClearField("entered_by")
        event.header.record_origin = pb.RECORD_ORIGIN_DEVICE
        event.header.device = "TERM-0001"
        event.header.device_sequence = len(chain) + 1
        event.header.previous_leaf = chain[-1] if chain else b""
        event.header.clock.last_sync_us = START_US
        event.header.clock.boot_id = seed("boot")[:16]
        event.header.clock.monotonic_us = event.header.occurred_us - START_US
        chain.append(leaf_of(event.SerializeToString()))
        return event


@dataclass(frozen=True)
class Case:
    """One file of admitted events."""

    name: str
    description: str
    events: tuple[pb.TrainingEvent, ...]
    author: Key = OFFICE
    approver: Key | None = None
    rewrite: Callable[[bytes], bytes] = bytes
    resent: bool = False


@dataclass
class Story:
    """Collects one case for each type of event."""

    make: Emitter
    cases: list[Case] = field(default_factory=list)

    def one(
        self, body: Message, stream: uuid.UUID, author: Key = OFFICE, **header: object
    ) -> pb.TrainingEvent:
        """Tell of an event that somebody entered."""
        name = type(body).__name__
        event = self.make.event(body, stream, author, **header)
        self.cases.append(Case(f"event-{name}", f"One {name}.", (event,), author))
        return event

    def captured(self, body: Message, stream: uuid.UUID) -> pb.TrainingEvent:
        """Tell of an event that the device captured."""
        name = type(body).__name__
        event = self.make.captured(body, stream)
        self.cases.append(Case(f"event-{name}", f"One {name}, by a device.", (event,), DEVICE))
        return event


def type_cases(make: Emitter) -> list[Case]:
    """Return one case for each type of a plain training, in an order that a log could have."""
    story = Story(make)
    one, captured = story.one, story.captured
    first, second = ENROLMENTS
    policy = hashlib.sha256(POLICY).digest()
    school = SCHOOL_ID
    key_stream = uuid.uuid5(LOG, f"key/{DEVICE.id.hex()}")
    scan: dict[str, object] = {
        "record_origin": pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
        "source_digest": seed("scan"),
        "approved_by": random_uuid("head of office").bytes,
    }
    export = scan | {"record_origin": pb.RECORD_ORIGIN_IMPORTED}
    one(registered_party(), school, BUREAU)
    one(registered_key(DEVICE, school, pb.KEY_USE_DEVICE, "TERM-0001"), key_stream, SCHOOL)
    one(
        pb.PolicyAdopted(digest=policy, document=POLICY),
        POLICY_STREAM,
        BUREAU,
        institution=BUREAU_ID.bytes,
    )
    one(planned_cohort(policy), COHORT)
    enrolled = pb.LearnerEnrolled(identity_commitment=seed("identity"), basis="LOCAL-WORK")
    one(enrolled, first)
    one(pb.CohortOpened(enrolled=30), COHORT)
    one(scheduled_session(), COHORT)
    captured(pb.SessionStarted(session=SESSION, present=29), COHORT)
    captured(SIGNED_IN, first)
    captured(pb.LearnerSignedOut(session=SESSION, method=pb.PRESENCE_METHOD_FINGERPRINT), first)
    recording = seed("recording")
    captured(pb.SessionEnded(session=SESSION, break_minutes=10, recording_digest=recording), COHORT)
    lesson = pb.OnlineLessonCompleted(lesson="LV-01", started_us=START_US, watched_minutes=45)
    one(lesson, first, OFFICE, **export)
    one(pb.CourseTestRecorded(score_hundredths=8550), first)
    one(pb.TheoryExamResultRecorded(attempt=1, score_hundredths=8800), first, BUREAU, **scan)
    one(pb.PracticalExamResultRecorded(attempt=2, score_hundredths=9000), first, BUREAU, **scan)
    one(pb.LearnerWithdrew(reason="WORK-ELSEWHERE"), second)
    one(archived_item(), COHORT)
    one(issued_certificate(policy), CERTIFICATE, SCHOOL)
    revocation = pb.TrainingCertificateRevoked(reason=pb.REVOCATION_REASON_HOLDER_REQUEST)
    one(revocation, CERTIFICATE, SCHOOL)
    one(pb.CohortClosed(completed=28), COHORT)
    one(
        pb.KeyEnded(ending=pb.KEY_ENDING_COMPROMISED, from_index=11),
        key_stream,
        SCHOOL,
        utc_offset_minutes=-210,
    )
    return story.cases


def registered_party() -> pb.InstitutionRegistered:
    """Return the entry of the school in the register."""
    return pb.InstitutionRegistered(
        kind=pb.PARTY_KIND_INSTITUTION,
        credit_code="91320599MA0TEXT012",
        name="测试职业培训学校",
        area="320599",
        directory_number="TEST-017",
    )


def registered_key(
    key: Key, holder: uuid.UUID, use: pb.KeyUse.ValueType, device: str = ""
) -> pb.KeyRegistered:
    """Return the registration of a key."""
    return pb.KeyRegistered(
        public_key=key.public,
        algorithm=ALGORITHMS[key.algorithm],
        holder=holder.bytes,
        use=use,
        device=device,
    )


def planned_cohort(policy: bytes) -> pb.CohortPlanned:
    """Return the plan of the cohort."""
    return pb.CohortPlanned(
        trade="2010-1.2",
        trade_name="低压电工作业",
        policy=policy,
        capacity=40,
        first_day=20260302,
        last_day=20260402,
        number="C-2026-003",
        platform=uuid.uuid5(LOG, "institution/platform").bytes,
        exam_body=uuid.uuid5(LOG, "institution/exam body").bytes,
    )


def scheduled_session() -> pb.SessionScheduled:
    """Return the session in the timetable."""
    return pb.SessionScheduled(
        session=SESSION,
        start_us=START_US,
        end_us=START_US + 90 * MINUTE_US,
        component=pb.HOUR_COMPONENT_PRACTICAL,
        room="P-LV-1",
        teacher=random_uuid("teacher").bytes,
    )


def archived_item() -> pb.ArchiveItemAdded:
    """Return a document of the cohort file, larger than 4 GiB."""
    return pb.ArchiveItemAdded(
        item_class="07-recording",
        salted_digest=seed("salted document"),
        media_type="video/mp4",
        size=6_442_450_944,
        place="ARCHIVE-02",
    )


def issued_certificate(policy: bytes) -> pb.TrainingCertificateIssued:
    """Return the issue of the certificate."""
    return pb.TrainingCertificateIssued(
        number=NUMBER,
        edition=1,
        core_digest=seed("core"),
        enrolment_digest=seed("enrolment state"),
        policy=policy,
        evaluator_version=1,
        credited=[
            pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=88),
            pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=60),
        ],
    )
