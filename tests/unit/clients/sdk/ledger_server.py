"""A small ledger behind a real gRPC server on loopback; it can be told to fail and to forge.

What it records is the small log of the verifier's tests, fed with events as they come in.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from clients.sdk import Identity, Retries
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.log_service_pb2_grpc import add_LogServiceServicer_to_server
from ledger.api.v1.recording_service_pb2_grpc import (
    RecordingServiceServicer,
    add_RecordingServiceServicer_to_server,
)
from ledger.log import merkle
from ledger.log.acknowledgements import acknowledgement_message
from ledger.log.entries import (
    build_event_entry,
    build_log_key,
    entry_hash,
    event_keys,
)
from ledger.log.event_reader import read_event
from ledger.log.head_map import Head, located_leaf, map_key
from ledger.log.identifiers import number_map_id, uuid_text
from ledger.log.opened_event import OpenedEvent
from tests.unit.clients.sdk.log_view import LogView
from tests.unit.clients.sdk.tls_files import tls_files
from tests.unit.clients.verifier.small_log import (
    INSTITUTION,
    ISSUER,
    ORIGIN,
    Published,
    Row,
    SmallLog,
    author,
    spki,
    trust_file,
)

ACKNOWLEDGER = author("acknowledger")
KINDS = {
    "InstitutionRegistered": "institution",
    "InstitutionImported": "institution",
    "KeyRegistered": "key",
    "KeyEnded": "key",
    "PolicyAdopted": "policy",
    "TrainingCertificateIssued": "certificate",
    "TrainingCertificateRevoked": "certificate",
    "TrainingCertificateSuperseded": "certificate",
    "TrainingCertificateSuspended": "certificate",
    "TrainingCertificateReinstated": "certificate",
    "OperationCertificateLinked": "certificate",
}
COHORT_TYPES = ("Cohort", "Session", "Archive")

Call: TypeAlias = grpc.ServicerContext
Request: TypeAlias = pb.AppendEventsRequest | pb.RecordEventsRequest
Response: TypeAlias = pb.AppendEventsResponse | pb.RecordEventsResponse


def kind_of(event_type: str) -> str:
    if event_type.startswith(COHORT_TYPES):
        return "cohort"
    return KINDS.get(event_type, "enrolment")


@dataclass
class LedgerLog(SmallLog):
    """The small log with an acknowledgement key, taking events as they were signed."""

    places: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        key = ACKNOWLEDGER.public_key().public_bytes_raw()
        self.rows.append(
            Row(
                build_log_key(
                    role="acknowledgement", algorithm="ed25519", key=key, recorded=self.recorded()
                )
            )
        )

    def take(self, opened: OpenedEvent) -> tuple[int, bool]:
        """Record an event once; return its index, and whether it had been there before."""
        event = read_event(opened.event)
        known = self.places.get(event.header.event_id)
        if known is not None:
            return known, True
        index, kind = len(self.rows), kind_of(event.type)
        stream = uuid_text(event.header.stream)
        before = self.streams.setdefault(stream, [])
        number = event.body.number if event.type == "TrainingCertificateIssued" else ""
        keys = event_keys(
            kind,
            len(before) + 1,
            [uuid_text(cohort) for cohort in event.header.cohorts],
            uuid_text(event.header.institution),
            number_map_id(number, ORIGIN) if number else None,
        )
        entry = build_event_entry(
            event=uuid_text(event.header.event_id),
            keys=keys,
            kind=kind,
            payload=merkle.leaf_hash(opened.event),
            prev=entry_hash(self.rows[before[-1]].entry) if before else None,
            recorded=self.recorded(),
            seq=len(before) + 1,
            stream=stream,
        )
        self.rows.append(Row(entry, opened.event, opened))
        before.append(index)
        digest = entry_hash(entry)
        for key in (map_key("stream", stream.encode()), *map(bytes.fromhex, keys)):
            head = self.heads.get(key)
            self.heads[key] = (
                Head.first(index, digest) if head is None else head.advance(index, digest)
            )
        self.places[event.header.event_id] = index
        return index, False


@dataclass(frozen=True)
class Step:
    """What the server does with one request, beside what it should.

    Attributes:
        unknown: Positions answered "unknown", though recorded.
        reject: Codes of the positions that are refused.
        held: Codes of the positions that are held.
        lose: Record all of it, then break the call.
        refuse: Refuse the call with this status.
        forge: Changes the answer.
    """

    unknown: frozenset[int] = frozenset()
    reject: dict[int, str] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)
    lose: grpc.StatusCode | None = None
    refuse: status_pb2.Status | None = None
    forge: Callable[[Response], None] | None = None


GOOD = Step()


def status(code: int, reason: str, *details: Message) -> status_pb2.Status:
    """Return a status as the ledger sends it."""
    packed = []
    for detail in (error_details_pb2.ErrorInfo(reason=reason, domain="tledger"), *details):
        holder = any_pb2.Any()
        holder.Pack(detail)
        packed.append(holder)
    return status_pb2.Status(code=code, message=reason.lower(), details=packed)


OVERLOADED = status(code_pb2.RESOURCE_EXHAUSTED, "OVERLOADED")


@dataclass
class Recording(RecordingServiceServicer):
    """The recording service; `steps` are taken one for each request, then all goes well."""

    log: LedgerLog
    steps: deque[Step] = field(default_factory=deque)
    requests: list[bytes] = field(default_factory=list)
    broken_watches: deque[int] = field(default_factory=deque)
    watched_from: list[int] = field(default_factory=list)
    watching: Callable[[pb.WatchRequest, Call], Iterator[pb.WatchResponse]] | None = None
    held_is_lost: bool = False
    held_asked: int = 0
    published: Published | None = None
    sign_as: Ed25519PrivateKey = ACKNOWLEDGER
    sign_for: str = ORIGIN

    def AppendEvents(
        self, request: pb.AppendEventsRequest, context: Call
    ) -> pb.AppendEventsResponse:
        response = pb.AppendEventsResponse()
        self.answer(request, response, context)
        return response

    def RecordEvents(
        self, request_iterator: Iterator[pb.RecordEventsRequest], context: Call
    ) -> Iterator[pb.RecordEventsResponse]:
        for request in request_iterator:
            response = pb.RecordEventsResponse()
            self.answer(request, response, context)
            yield response

    def answer(self, request: Request, response: Response, context: Call) -> None:
        self.requests.append(request.SerializeToString())
        step = self.steps.popleft() if self.steps else GOOD
        if step.refuse is not None:
            context.abort_with_status(rpc_status.to_status(step.refuse))
        self.fill(request.batches, response, step)
        if step.lose is not None:
            context.abort(step.lose, "gone")
        if step.forge is not None:
            step.forge(response)

    def fill(self, batches: Iterable[pb.Batch], response: Response, step: Step) -> None:
        accepted: list[pb.Accepted] = []
        position = 0
        for batch in batches:
            for event in batch.events:
                result = response.results.add(event_id=read_event(event).header.event_id)
                if position in step.reject:
                    result.rejected.CopyFrom(
                        pb.Rejected(
                            code=step.reject[position],
                            field="header.cohorts",
                            reason_zh="该班次不属于作者的机构",
                            reason_en="The cohort is another's",
                            fix_zh="检查班次标识与密钥",
                            fix_en="Check the cohort id and the key",
                        )
                    )
                else:
                    index, repeated = self.log.take(opened_in(batch, event))
                    if position in step.unknown:
                        result.unknown.code = "STORAGE_UNAVAILABLE"
                    else:
                        result.accepted.entry = self.log.rows[index].entry
                        result.accepted.index = index
                        result.accepted.held = step.held.get(position, "")
                        result.accepted.repeated = repeated
                        accepted.append(result.accepted)
                position += 1
        if accepted:
            self.acknowledge(accepted, response.acknowledgement)

    def acknowledge(self, accepted: list[pb.Accepted], into: pb.Acknowledgement) -> None:
        leaves = [located_leaf(each.index, entry_hash(each.entry)) for each in accepted]
        for position, each in enumerate(accepted):
            each.position = position
            each.path = b"".join(merkle.inclusion_path(leaves, position))
        root = merkle.root(leaves)
        into.key_id = sha256(spki(self.sign_as)).digest()
        into.root, into.size = root, len(leaves)
        into.signature = self.sign_as.sign(acknowledgement_message(self.sign_for, root))

    def GetReceipt(self, request: pb.GetReceiptRequest, context: Call) -> pb.GetReceiptResponse:
        index = self.log.places[UUID(request.event_id).bytes]
        published = self.published
        if published is None or request.wait:
            published = self.published = self.log.publish()
        return pb.GetReceiptResponse(
            entry=self.log.rows[index].entry, proof=self.log.inclusion(index, published)
        )

    def Watch(self, request: pb.WatchRequest, context: Call) -> Iterator[pb.WatchResponse]:
        self.watched_from.append(request.start_index)
        if self.watching is not None:
            yield from self.watching(request, context)
            return
        stop = self.broken_watches.popleft() if self.broken_watches else len(self.log.rows)
        for index in range(request.start_index, stop):
            row = self.log.rows[index]
            if row.event is not None:
                yield pb.WatchResponse(index=index, entry=row.entry, event=row.event)
        context.abort(grpc.StatusCode.UNAVAILABLE, "gone")

    def ListHeld(self, request: pb.ListHeldRequest, context: Call) -> pb.ListHeldResponse:
        self.held_asked += 1
        if self.held_is_lost:
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
        start = int(request.page_token or "0")
        rows = [pb.HeldEvent(index=index, code="NOT_ENROLLED") for index in range(5)]
        more = start + 2 < len(rows)
        return pb.ListHeldResponse(
            events=rows[start : start + 2], next_page_token=str(start + 2) if more else ""
        )


def opened_in(batch: pb.Batch, event: bytes) -> OpenedEvent:
    """Return an event with its author's signature, as a history proof opens it."""
    leaves = list(batch.leaves)
    place = leaves.index(merkle.leaf_hash(event))
    path = merkle.inclusion_path(leaves, place)
    algorithm = {
        events_pb2.ALGORITHM_ED25519: "ed25519",
        events_pb2.ALGORITHM_ECDSA_P256: "ecdsa-p256",
    }[batch.algorithm]
    return OpenedEvent(event, batch.key_id, algorithm, place, len(leaves), path, batch.signature)


@dataclass
class FakeTime:
    """Time that passes only by sleeping."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def retries(self) -> Retries:
        # Attempts have real time: a slow machine is not a ledger that does not answer.
        return Retries(attempt=60.0, sleep=self.sleep, random=lambda: 0.5, clock=lambda: self.now)


@dataclass
class Running:
    """A server with what stands behind it."""

    address: str
    recording: Recording
    view: LogView
    log: LedgerLog
    server: grpc.Server
    time: FakeTime = field(default_factory=FakeTime)

    def identity(self, key: Ed25519PrivateKey = ISSUER) -> Identity:
        return Identity(
            ORIGIN,
            INSTITUTION,
            self.address,
            "localhost",
            key,
            tls_files("client"),
            trust_file(),
        )

    def publish(self) -> None:
        """Publish what is recorded and show it."""
        self.view.shown = self.recording.published = self.log.publish()


def start(*more: Callable[[grpc.Server, Recording], None]) -> Running:
    """Start a ledger with its first entries published."""
    log = LedgerLog().start()
    assert isinstance(log, LedgerLog)
    view = LogView(log.publish(), log)
    recording = Recording(log)
    server = grpc.server(ThreadPoolExecutor(8))
    add_RecordingServiceServicer_to_server(recording, server)
    add_LogServiceServicer_to_server(view, server)
    for add in more:
        add(server, recording)
    files = tls_files("server")
    credentials = grpc.ssl_server_credentials(
        [(files.key, files.certificate)], files.authority, require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    return Running(f"127.0.0.1:{port}", recording, view, log, server)
