"""The running ledger: every part put together, started and stopped in order.

Start: what is published must match the register before anything is written. Stop: no new calls,
then the groups, the publication and the batch under way.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

import grpc

from ledger.application.acknowledging import Acknowledger
from ledger.application.certificates import CertificatePreparation
from ledger.application.errors import ApplicationError
from ledger.application.group_commit import GroupCommit
from ledger.application.proofs import ProofService
from ledger.application.publishing import INTERVAL_SECONDS
from ledger.commands.background import BackgroundWork, make_publisher, published_size
from ledger.commands.genesis import root_key
from ledger.commands.home import Home
from ledger.commands.publish_process import PublishProcess
from ledger.commands.verdicts import server_verdict
from ledger.log.trust_file import TrustFile
from ledger.server.access import Access
from ledger.server.caller_identities import CallerIdentities
from ledger.server.certificate_histories import CertificateHistories
from ledger.server.certificate_holders import CertificateHolders
from ledger.server.certificate_register import CertificateRegister
from ledger.server.certificate_service import CertificateService
from ledger.server.cohort_service import CohortService
from ledger.server.grpc_server import Services, build_server, mutual_tls
from ledger.server.health import DATABASE, FOLLOWERS, PUBLISHER, SEQUENCER, HealthMonitor
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
from ledger.storage.database import Database, open_database
from ledger.storage.key_files import LogSecrets, load_secrets
from ledger.storage.open_storage import Storage, open_storage
from ledger.storage.spiffe_ids import trust_domain
from ledger.storage.trace_log import TraceLog
from ledger.storage.vault import PersonVault
from ledger.storage.views import PostgresViews, SQLiteViews, open_views
from projections.queries import Queries
from projections.registry import READ_MODELS
from projections.replay_queries import ReplayQueries
from projections.supervision_queries import SupervisionQueries

MAX_LAG: Final = 10_000
"""Entries that checkpoint or read models may be behind before their health is not serving."""

STOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Stores:
    """What is open."""

    storage: Storage
    views: SQLiteViews | PostgresViews
    vault_database: Database
    vault: PersonVault
    trace_log: TraceLog


class RunningLedger:
    """One serving process of a ledger."""

    def __init__(
        self, home: Home, *, interval: float = INTERVAL_SECONDS, apart: bool = False
    ) -> None:
        """Open everything; nothing runs yet.

        Args:
            home: The log's home.
            interval: Seconds between checkpoints while there is something new.
            apart: Publish and keep the read models in a process of their own.

        Raises:
            ApplicationError: when a part cannot be opened; the message names it.
        """
        settings, trust = home.settings(), home.trust()
        secrets = load_secrets(home.secrets)
        self.origin = settings.origin
        self.address = settings.address
        self._stores = stores = _open(home, secrets)
        storage = stores.storage
        self._publisher = make_publisher(home, secrets, storage)
        self.commits = GroupCommit(
            storage.writer, self.origin, root_key(trust, settings.bureau_credit_code)
        )
        self._published_size = published_size(storage)
        self._work = (
            PublishProcess(home, storage, interval)
            if apart
            else BackgroundWork(
                self._publisher, storage, stores.views, self.commits, interval=interval
            )
        )
        self.health = HealthMonitor(
            {
                DATABASE: self._database_answers,
                SEQUENCER: lambda: self.commits.running,
                PUBLISHER: self._publisher_keeps_up,
                FOLLOWERS: self._followers_keep_up,
            }
        )
        preparation = CertificatePreparation(
            trust=trust,
            host=settings.certificate_host,
            reader=storage.reader,
            store=storage.certificates,
            vault=stores.vault,
        )
        self._services = self._make_services(secrets, preparation, trust)
        tls = home.tls
        self._credentials = mutual_tls(
            certificate=(tls / "server.crt").read_bytes(),
            key=(tls / "server.key").read_bytes(),
            authority=(tls / "ca.crt").read_bytes(),
        )
        self._server: grpc.aio.Server | None = None

    def _make_services(
        self,
        secrets: LogSecrets,
        preparation: CertificatePreparation,
        trust: TrustFile,
    ) -> Services:
        stores, reader = self._stores, self._stores.storage.reader
        certificates = stores.storage.certificates
        queries = Queries(stores.views, lambda: reader.head().size)
        lookups = LogLookups(reader)
        access = Access(party=lookups.party, cohort=lookups.cohort)
        tokens = PageTokens(_page_token_key(secrets))
        publications = stores.storage.publications
        proofs = ProofService(self.origin, reader, publications, self._work.published_map)
        histories = CertificateHistories(reader=reader, store=certificates, proofs=proofs)
        recorder = EventRecorder(
            origin=self.origin,
            commits=self.commits,
            acknowledger=Acknowledger(self.origin, secrets.acknowledgement_key),
        )
        wait = self._work.wait_published
        self._recording = RecordingService(
            recorder=recorder,
            watch=LogWatch(reader=reader, commits=self.commits, access=access),
            reader=reader,
            proofs=proofs,
            queries=queries,
            access=access,
            tokens=tokens,
            wait_published=wait,
        )
        return Services(
            recording=self._recording,
            cohorts=CohortService(
                queries=queries,
                history=ReplayQueries(LogCohortHistory(reader, self.origin)),
                access=access,
                tokens=tokens,
            ),
            certificates=CertificateService(
                preparation=preparation,
                recorder=recorder,
                store=certificates,
                histories=histories,
                register=CertificateRegister(queries=queries, access=access, tokens=tokens),
                access=access,
                wait_published=wait,
                verify=server_verdict(trust, histories),
            ),
            persons=PersonService(
                vault=stores.vault,
                holders=CertificateHolders(reader=reader, store=certificates),
                histories=LearnerHistories(
                    vault=stores.vault, queries=queries, access=access, tokens=tokens
                ),
                access=access,
            ),
            institutions=InstitutionService(queries=queries, tokens=tokens),
            staff=StaffService(queries=queries, access=access, tokens=tokens),
            keys=KeyService(queries=queries, tokens=tokens),
            log=LogService(proofs=proofs, reader=reader),
            supervision=SupervisionService(
                queries=SupervisionQueries(stores.views),
                traces=PersonTraces(
                    vault=stores.vault,
                    log=stores.trace_log,
                    certificates=certificates,
                    queries=queries,
                ),
                access=access,
                tokens=tokens,
            ),
            health=self.health.servicer,
        )

    async def start(self, address: str = "", *, with_reflection: bool = False) -> int:
        """Start everything; return the port that is listened on.

        Args:
            address: `host:port`, port 0 for a free one; empty for the configured one.
            with_reflection: Serve descriptors.

        Raises:
            IntegrityBreachError: the database contradicts the register; nothing was started.
            ApplicationError: the address is not free or not this machine's; nothing was started.
        """
        self._publisher.verify_against_register()
        interceptor = CallInterceptor(CallerIdentities(trust_domain(self.origin)))
        self._server = build_server(self._services, interceptor, with_reflection=with_reflection)
        port = self._listen(self._server, address or self.address)
        self.commits.start()
        self._work.start()
        await self._server.start()
        await self.health.start()
        return port

    def _listen(self, server: grpc.aio.Server, address: str) -> int:
        try:
            return server.add_secure_port(address, self._credentials)
        except RuntimeError as error:
            raise ApplicationError(
                f"无法监听 {address}：端口已被占用，或不是本机地址；请用 --address 另选 / "
                f"cannot listen on {address}: in use, or not an address of this machine; "
                "choose another by --address"
            ) from error

    async def stop(self) -> None:
        """Stop everything, after what is under way."""
        await self.health.stop()
        # Streams without an end are told to end; else they would hold the stop for all its grace.
        self._recording.close()
        if self._server is not None:
            await self._server.stop(STOP_SECONDS)
        await self._work.stop()
        await self.commits.stop()
        await self._stores.storage.close()
        self._stores.views.close()
        self._stores.vault_database.close()

    def _database_answers(self) -> bool:
        self._stores.storage.reader.head()
        return True

    def _publisher_keeps_up(self) -> bool:
        if not self._work.healthy:
            return False
        return self._stores.storage.reader.head().size - self._published_size() < MAX_LAG

    def _followers_keep_up(self) -> bool:
        position = self._stores.views.position(READ_MODELS)
        return self._stores.storage.reader.head().size - position < MAX_LAG


def _open(home: Home, secrets: LogSecrets) -> _Stores:
    settings = home.settings()
    storage = open_storage(settings.database)
    vault_database = open_database(settings.vault)
    vault = PersonVault(vault_database, secrets.vault)
    trace_log = TraceLog(vault_database, secrets.vault)
    return _Stores(storage, open_views(settings.database), vault_database, vault, trace_log)


def _page_token_key(secrets: LogSecrets) -> bytes:
    """Return a key that is the same after a restart and in every process of the log."""
    seed = secrets.acknowledgement_key.private_bytes_raw()
    return hmac.digest(seed, b"page tokens", hashlib.sha256)
