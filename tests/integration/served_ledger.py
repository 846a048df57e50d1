"""A whole ledger on loopback: storage, sequencer, publisher, read models, services, mutual TLS.

Nothing is replaced. Parties and what they sign come from the tests' town; TLS looks at the
machine's own clock, so certificates are made when they are needed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent
from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.api.v1.cohort_service_pb2_grpc import CohortServiceStub
from ledger.api.v1.institution_service_pb2_grpc import InstitutionServiceStub
from ledger.api.v1.key_service_pb2_grpc import KeyServiceStub
from ledger.api.v1.log_service_pb2_grpc import LogServiceStub
from ledger.api.v1.person_service_pb2_grpc import PersonServiceStub
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceStub
from ledger.api.v1.staff_service_pb2_grpc import StaffServiceStub
from ledger.api.v1.supervision_service_pb2_grpc import SupervisionServiceStub
from ledger.application.acknowledging import Acknowledger
from ledger.application.certificates import CertificatePreparation
from ledger.application.group_commit import GroupCommit
from ledger.application.ports import LogHead, LogWriter, OwnRow
from ledger.application.proofs import ProofService
from ledger.application.publisher import Publisher
from ledger.application.publishing import PublishingLoop
from ledger.log.entries import build_log_key
from ledger.log.notes import SignatureType, SigningKey
from ledger.log.signatures import public_bytes
from ledger.log.trust_file import TrustFile
from ledger.server.access import Access
from ledger.server.call_limits import CallLimits
from ledger.server.caller_identities import CallerIdentities
from ledger.server.certificate_histories import CertificateHistories
from ledger.server.certificate_holders import CertificateHolders
from ledger.server.certificate_register import CertificateRegister
from ledger.server.certificate_service import CertificateService, VerifyFile
from ledger.server.cohort_service import CohortService
from ledger.server.grpc_server import Services, build_server, mutual_tls
from ledger.server.health import HealthMonitor
from ledger.server.institution_service import InstitutionService
from ledger.server.interceptors import CallInterceptor
from ledger.server.key_service import KeyService
from ledger.server.learner_histories import LearnerHistories
from ledger.server.log_lookups import LogLookups
from ledger.server.log_service import LogService
from ledger.server.page_tokens import PageTokens
from ledger.server.person_service import PersonService
from ledger.server.person_traces import PersonTraces
from ledger.server.recording import EventRecorder
from ledger.server.recording_service import RecordingService
from ledger.server.staff_service import StaffService
from ledger.server.supervision_service import SupervisionService
from ledger.server.watching import LogWatch
from ledger.storage.cohort_history import LogCohortHistory
from ledger.storage.database import open_database
from ledger.storage.event_feed import LogEventFeed
from ledger.storage.open_storage import Storage, open_storage
from ledger.storage.register_file import FileRegister
from ledger.storage.spiffe_ids import operator_uri, party_uri, trust_domain
from ledger.storage.tls_files import create_ca, issue_client, issue_server
from ledger.storage.trace_log import TraceLog
from ledger.storage.vault import PersonVault
from ledger.storage.vault_keys import VaultKeys
from ledger.storage.views import PostgresViews, SQLiteViews, open_views
from projections.follower import Follower
from projections.queries import Queries
from projections.replay_queries import ReplayQueries
from projections.supervision_queries import SupervisionQueries
from tests.unit.application.town import ORIGIN, START_US, Member, Town, batch

DOMAIN: Final = trust_domain(ORIGIN)
NOW: Final = datetime.now(UTC)
CA: Final = create_ca(DOMAIN, NOW)
CHECKPOINT_KEYS: Final = (
    SigningKey(ORIGIN, SignatureType.ED25519, sha256(b"served ed25519").digest()),
    SigningKey(ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE, sha256(b"served ml-dsa").digest()),
)
ACKNOWLEDGER: Final = Ed25519PrivateKey.from_private_bytes(sha256(b"served ack").digest())
VAULT_KEYS: Final = VaultKeys(bytes(range(32)), bytes(range(32, 64)))
TOKEN_KEY: Final = sha256(b"served tokens").digest()
VERDICT: Final = certificate_pb.VerifyCertificateResponse(verdict="unchecked")


def trust_of(town: Town) -> TrustFile:
    """The trust file of the town's log."""
    return TrustFile(
        ORIGIN,
        tuple(key.verifier_key() for key in CHECKPOINT_KEYS),
        "quorum none\n",
        public_bytes(town.bureau.key.public_key()),
        24,
    )


@dataclass
class Client:
    """What one caller does over its connection."""

    channel: grpc.aio.Channel
    recording: Any = field(init=False)
    cohorts: Any = field(init=False)
    certificates: Any = field(init=False)
    persons: Any = field(init=False)
    institutions: Any = field(init=False)
    staff: Any = field(init=False)
    keys: Any = field(init=False)
    log: Any = field(init=False)
    supervision: Any = field(init=False)

    def __post_init__(self) -> None:
        self.recording = RecordingServiceStub(self.channel)
        self.cohorts = CohortServiceStub(self.channel)
        self.certificates = CertificateServiceStub(self.channel)
        self.persons = PersonServiceStub(self.channel)
        self.institutions = InstitutionServiceStub(self.channel)
        self.staff = StaffServiceStub(self.channel)
        self.keys = KeyServiceStub(self.channel)
        self.log = LogServiceStub(self.channel)
        self.supervision = SupervisionServiceStub(self.channel)

    async def append(
        self, member: Member, *events: CapturedEvent, atomic: bool = False
    ) -> pb.AppendEventsResponse:
        """Send events that a member signed together."""
        request = pb.AppendEventsRequest(batches=[batch(member.key, events)], atomic=atomic)
        response: pb.AppendEventsResponse = await self.recording.AppendEvents(request, timeout=60)
        return response


@dataclass
class ServedLedger:
    """A running ledger with what stands behind it."""

    town: Town
    address: str
    follower: Follower
    services: Services
    stack: AsyncExitStack
    clients: dict[UUID | None, Client] = field(default_factory=dict)

    async def client(self, member: Member | None) -> Client:
        """The connection of a member, or of the operator."""
        party = None if member is None else member.party
        if party not in self.clients:
            uri = operator_uri(DOMAIN) if party is None else party_uri(DOMAIN, party)
            self.clients[party] = await self.connect(issue_client(CA, uri, NOW))
        return self.clients[party]

    async def connect(self, pair: tuple[bytes, bytes]) -> Client:
        """A connection with a certificate and its key."""
        certificate, key = pair
        credentials = grpc.ssl_channel_credentials(CA.certificate_pem(), key, certificate)
        options = (("grpc.max_receive_message_length", 64 * 1024 * 1024),)
        channel = grpc.aio.secure_channel(self.address, credentials, options)
        await self.stack.enter_async_context(channel)
        return Client(channel)

    async def follow(self) -> None:
        """Bring the read models up to the log; beside the loop, which may be in a transaction."""
        while await asyncio.to_thread(self.follower.step):
            pass

    async def publication_of(self, event: UUID) -> pb.GetReceiptResponse:
        """The receipt of an event, once there is one."""
        client = await self.client(self.town.bureau)
        request = pb.GetReceiptRequest(event_id=str(event), wait=True)
        receipt: pb.GetReceiptResponse = await client.recording.GetReceipt(request, timeout=60)
        return receipt

    async def found(self) -> None:
        """Register the parties, adopt the policy."""
        bureau = await self.client(self.town.bureau)
        request = pb.AppendEventsRequest(batches=[self.town.founding()])
        response = await bureau.recording.AppendEvents(request, timeout=60)
        assert all(result.HasField("accepted") for result in response.results)
        await self.follow()


@dataclass
class Options:
    """What a test asks for beyond the usual.

    Attributes:
        limits: Calls and streams at once.
        reflection: Serve reflection.
        clock: What certificates are judged by.
        health_checks: Parts of the health service.
        verify: The server's verdict on a file.
        publishes: Run the publisher.
        founded: Register the town's parties first.
    """

    limits: CallLimits = field(default_factory=CallLimits)
    reflection: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    health_checks: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    verify: VerifyFile = lambda _file: VERDICT
    publishes: bool = True
    founded: bool = True


@asynccontextmanager
async def serving(folder: Path, options: Options | None = None) -> AsyncIterator[ServedLedger]:
    """Run a ledger in a folder of its own."""
    options = options or Options()
    async with AsyncExitStack() as stack:
        parts = await _parts(folder, stack, publishes=options.publishes)
        health = HealthMonitor(options.health_checks)
        await health.start()
        stack.push_async_callback(health.stop)
        services = _services(parts, health, options.verify)
        server = build_server(
            services,
            CallInterceptor(CallerIdentities(DOMAIN, options.clock), options.limits),
            with_reflection=options.reflection,
        )
        certificate, key = issue_server(CA, (), NOW)
        port = server.add_secure_port(
            "127.0.0.1:0",
            mutual_tls(certificate=certificate, key=key, authority=CA.certificate_pem()),
        )
        await server.start()
        stack.push_async_callback(server.stop, None)
        follower = Follower(LogEventFeed(parts.storage.reader), parts.views)
        ledger = ServedLedger(parts.town, f"127.0.0.1:{port}", follower, services, stack)
        if options.founded:
            await ledger.found()
        yield ledger


@dataclass
class _Parts:
    """What services are made of."""

    town: Town
    storage: Storage
    views: SQLiteViews | PostgresViews
    vault: PersonVault
    trace_log: TraceLog
    commits: GroupCommit
    proofs: ProofService
    publishing: PublishingLoop


async def _parts(folder: Path, stack: AsyncExitStack, *, publishes: bool) -> _Parts:
    town = Town()
    storage = open_storage(f"sqlite:///{folder / 'ledger.db'}")
    stack.push_async_callback(storage.close)
    views = open_views(storage.url)
    stack.callback(views.close)
    vault_database = open_database(f"sqlite:///{folder / 'vault.db'}")
    stack.callback(vault_database.close)
    await _write_log_keys(storage.writer)
    commits = GroupCommit(storage.writer, ORIGIN, town.root, town.clock())
    commits.start()
    stack.push_async_callback(commits.stop)
    publisher = Publisher(
        ORIGIN,
        CHECKPOINT_KEYS,
        storage.reader,
        storage.publications,
        FileRegister(folder / "register"),
        lambda: town.time.now_us,
    )
    publishing = PublishingLoop(
        commits, publisher, lambda: (storage.publications.published() or (0, ""))[0], 0.05
    )
    if publishes:
        publishing.start()
    stack.push_async_callback(publishing.stop)
    return _Parts(
        town,
        storage,
        views,
        PersonVault(vault_database, VAULT_KEYS),
        TraceLog(vault_database, VAULT_KEYS, lambda: town.time.now_us),
        commits,
        ProofService(ORIGIN, storage.reader, storage.publications, publisher.published_map),
        publishing,
    )


def _services(parts: _Parts, health: HealthMonitor, verify: VerifyFile) -> Services:
    storage, commits, proofs = parts.storage, parts.commits, parts.proofs
    reader = storage.reader
    lookups = LogLookups(reader)
    access = Access(party=lookups.party, cohort=lookups.cohort)
    queries = Queries(parts.views, lambda: reader.head().size)
    tokens = PageTokens(TOKEN_KEY)
    acknowledger = Acknowledger(ORIGIN, ACKNOWLEDGER)
    recorder = EventRecorder(origin=ORIGIN, commits=commits, acknowledger=acknowledger)
    return Services(
        recording=RecordingService(
            recorder=recorder,
            watch=LogWatch(reader=reader, commits=commits, access=access, poll_seconds=0.05),
            reader=reader,
            proofs=proofs,
            queries=queries,
            access=access,
            tokens=tokens,
            wait_published=parts.publishing.wait_published,
        ),
        cohorts=CohortService(
            queries=queries,
            history=ReplayQueries(LogCohortHistory(reader, ORIGIN)),
            access=access,
            tokens=tokens,
        ),
        certificates=CertificateService(
            preparation=CertificatePreparation(
                trust=trust_of(parts.town),
                host="cert.example",
                reader=reader,
                store=storage.certificates,
                vault=parts.vault,
                clock=lambda: parts.town.time.now_us,
            ),
            recorder=recorder,
            store=storage.certificates,
            histories=CertificateHistories(
                reader=reader, store=storage.certificates, proofs=proofs
            ),
            register=CertificateRegister(queries=queries, access=access, tokens=tokens),
            access=access,
            wait_published=parts.publishing.wait_published,
            verify=verify,
        ),
        persons=PersonService(
            vault=parts.vault,
            holders=CertificateHolders(reader=reader, store=storage.certificates),
            histories=LearnerHistories(
                vault=parts.vault, queries=queries, access=access, tokens=tokens
            ),
            access=access,
        ),
        institutions=InstitutionService(queries=queries, tokens=tokens),
        staff=StaffService(queries=queries, access=access, tokens=tokens),
        keys=KeyService(queries=queries, tokens=tokens),
        log=LogService(proofs=proofs, reader=reader),
        supervision=SupervisionService(
            queries=SupervisionQueries(parts.views),
            traces=PersonTraces(
                vault=parts.vault,
                log=parts.trace_log,
                certificates=storage.certificates,
                queries=queries,
            ),
            access=access,
            tokens=tokens,
        ),
        health=health.servicer,
    )


async def _write_log_keys(writer: LogWriter) -> None:
    named = [
        ("checkpoint", algorithm, key.verifier_key().public_key)
        for algorithm, key in zip(("ed25519", "ml-dsa-44"), CHECKPOINT_KEYS, strict=True)
    ]
    named.append(("acknowledgement", "ed25519", ACKNOWLEDGER.public_key().public_bytes_raw()))
    rows = [
        OwnRow(
            index,
            build_log_key(role=role, algorithm=algorithm, key=raw, recorded=START_US),
            START_US,
        )
        for index, (role, algorithm, raw) in enumerate(named)
    ]
    async with writer.group(()) as transaction:
        await transaction.insert(rows, (), LogHead(len(rows), START_US, None))


def outcomes(results: Sequence[pb.EventResult]) -> list[str]:
    """What became of each event: empty, a held code, the code of a refusal, or UNKNOWN."""
    return [
        result.rejected.code
        if result.HasField("rejected")
        else "UNKNOWN"
        if result.HasField("unknown")
        else result.accepted.held
        for result in results
    ]
