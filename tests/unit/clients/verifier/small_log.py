"""A complete small log, built by hand: what the tests of history proofs and of the verifier read.

Everything is deterministic: keys from fixed seeds, salts and ids counted up, one minute per entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.log import dsse, head_map, merkle
from ledger.log.certificate_file import Evidence, assemble, core_digest, to_file
from ledger.log.certificate_numbers import check_character
from ledger.log.checkpoints import Checkpoint, sign_checkpoint, sign_line
from ledger.log.data_integrity import add_proof
from ledger.log.entries import (
    build_event_entry,
    build_log_key,
    build_map_commit,
    entry_hash,
    event_keys,
    read_entry,
)
from ledger.log.head_map import Head, MapProof
from ledger.log.history_proof import HistoryProof, OpenedEvent, ProvedEntry, ProvedStream
from ledger.log.identifiers import (
    certificate_id,
    enrolment_id,
    key_id,
    key_stream,
    number_map_id,
    party_id,
    uuid_text,
)
from ledger.log.notes import SignatureType, SigningKey
from ledger.log.open_badges import CoreFields, build_core
from ledger.log.signatures import public_bytes
from ledger.log.status_file import StatusFile
from ledger.log.tlog_proof import TlogProof
from ledger.log.trust_file import TrustFile

ORIGIN = "log.example/city"
START = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
BUREAU_CODE = "11320500014149121R"
INSTITUTION_CODE = "91320500MA1XK0TW1J"
INSTITUTION_NAME = "示例安全生产培训中心"
NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-" + check_character("3205992026K7Q2M4XB9T3H")
OTHER_NUMBER = "PXZM-320599-2026-0000-0000-0001-" + check_character("3205992026000000000001")
COHORT = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
PERSON = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
ENROLMENT = enrolment_id(COHORT, PERSON)
CERTIFICATE = certificate_id(PERSON, ENROLMENT, 1)
OTHER_CERTIFICATE = certificate_id(PERSON, ENROLMENT, 2)
BUREAU = party_id(ORIGIN, BUREAU_CODE)
INSTITUTION = party_id(ORIGIN, INSTITUTION_CODE)
DID = "did:web:cert.example:institutions:1"
METHOD = f"{DID}#key-2026-1"


def author(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def spki(key: Ed25519PrivateKey) -> bytes:
    return public_bytes(key.public_key())


ROOT = author("root")
ISSUER = author("issuer")
STRANGER = author("stranger")
DEVICE = author("device")
LOG_KEYS = (
    SigningKey(ORIGIN, SignatureType.ED25519, sha256(b"log ed25519").digest()),
    SigningKey(ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE, sha256(b"log ml-dsa").digest()),
)
WITNESS = SigningKey("w.example", SignatureType.ED25519_COSIGNATURE, sha256(b"w").digest())
WITNESS_POLICY = f"witness auditor {WITNESS.verifier_key().vkey()}\nquorum auditor\n"


def trust_file(
    *,
    policy: str = "quorum none\n",
    root: Ed25519PrivateKey = ROOT,
    log_keys: Iterable[SigningKey] = LOG_KEYS,
    max_age_hours: int = 24,
) -> TrustFile:
    keys = tuple(key.verifier_key() for key in log_keys)
    return TrustFile(ORIGIN, keys, policy, spki(root), max_age_hours)


def core(
    number: str = NUMBER,
    *,
    hours: int = 148,
    name: str = INSTITUTION_NAME,
    code: str = INSTITUTION_CODE,
    issued_at: datetime = START,
    valid_until: datetime | None = None,
) -> dict[str, object]:
    fields = CoreFields(
        number=number,
        subject_id="5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11",
        host="cert.example",
        issuer_did=DID,
        issuer_name=name,
        issuer_credit_code=code,
        masked_name="王*明",
        masked_id_number="3205************1X",
        id_type="nationalIdentityNumber",
        achievement_id="https://cert.example/standards/2010-1.2",
        achievement_code="2010-1.2",
        achievement_name="低压电工作业（初次培训）",
        trade="电工作业",
        category="特种作业人员",
        criteria="培训不少于148学时。",
        required_hours=Decimal(148),
        credited_hours=Decimal(hours),
        period_from=date(2026, 3, 2),
        period_to=date(2026, 4, 1),
        issued_at=issued_at,
        valid_until=valid_until,
    )
    return build_core(fields)


@dataclass
class Row:
    """One entry of the log with the event behind it."""

    entry: bytes
    event: bytes | None = None
    opened: OpenedEvent | None = None


@dataclass
class Published:
    """A signed checkpoint and the map that its map-commit names."""

    size: int
    note: str
    items: list[head_map.Item]
    rows: list[Row]


@dataclass
class SmallLog:
    """The log: append events, publish, prove."""

    rows: list[Row] = field(default_factory=list)
    heads: dict[bytes, Head] = field(default_factory=dict)
    streams: dict[str, list[int]] = field(default_factory=dict)
    last_commit: int | None = None

    def __post_init__(self) -> None:
        for key, algorithm in zip(LOG_KEYS, ("ed25519", "ml-dsa-44"), strict=True):
            raw = key.verifier_key().public_key
            self.rows.append(
                Row(
                    build_log_key(
                        role="checkpoint", algorithm=algorithm, key=raw, recorded=self.recorded()
                    )
                )
            )

    def recorded(self) -> int:
        moment = START + timedelta(minutes=len(self.rows))
        return int(moment.timestamp()) * 1_000_000

    def append(
        self,
        kind: str,
        stream: UUID,
        body: Message,
        by: Ed25519PrivateKey,
        *,
        institution: UUID = INSTITUTION,
        origin: str = ORIGIN,
        signer: Ed25519PrivateKey | None = None,
        seq: int | None = None,
        recorded: int | None = None,
        neighbours: int = 2,
        hide_number: bool = False,
    ) -> int:
        """Append an event signed in a batch with `neighbours` others; return its index."""
        index, text = len(self.rows), str(stream)
        name = type(body).__name__
        cohorts = [COHORT.bytes] if kind in {"certificate", "enrolment", "cohort"} else []
        header = pb.EventHeader(
            salt=sha256(b"salt %d" % index).digest(),
            origin=origin,
            event_id=bytes.fromhex("0196a0000000700080000000") + index.to_bytes(4, "big"),
            type=name,
            author_key=key_id(spki(by)),
            institution=institution.bytes,
            stream=stream.bytes,
            cohorts=cohorts,
            occurred_us=self.recorded(),
            record_origin=pb.RECORD_ORIGIN_ENTERED,
            synthetic=True,
        )
        event = _with_body(header, body).SerializeToString()
        payload = merkle.leaf_hash(event)
        leaves = [payload, *(sha256(b"n %d %d" % (index, n)).digest() for n in range(neighbours))]
        signature = (signer or by).sign(dsse.batch_message(merkle.root(leaves)))
        path = merkle.inclusion_path(leaves, 0)
        opened = OpenedEvent(event, key_id(spki(by)), "ed25519", 0, len(leaves), path, signature)
        before = self.streams.setdefault(text, [])
        number = len(before) + 1 if seq is None else seq
        number_id = None
        if isinstance(body, pb.TrainingCertificateIssued) and not hide_number:
            number_id = number_map_id(body.number, ORIGIN)
        named = [uuid_text(raw) for raw in cohorts]
        keys = event_keys(kind, number, named, str(institution), number_id)
        entry = build_event_entry(
            event=uuid_text(header.event_id),
            keys=keys,
            kind=kind,
            payload=payload,
            prev=entry_hash(self.rows[before[-1]].entry) if before else None,
            recorded=self.recorded() if recorded is None else recorded,
            seq=number,
            stream=text,
        )
        self.rows.append(Row(entry, event, opened))
        before.append(index)
        digest = entry_hash(entry)
        touched = [head_map.map_key("stream", text.encode()), *map(bytes.fromhex, keys)]
        for key in touched:
            known = self.heads.get(key)
            self.heads[key] = (
                Head.first(index, digest) if known is None else known.advance(index, digest)
            )
        return index

    def publish(self, *, witnesses: Iterable[SigningKey] = ()) -> Published:
        """Append a map-commit, sign the checkpoint over it."""
        covers = len(self.rows)
        items = sorted(
            (key, head_map.map_leaf(key, head.value())) for key, head in self.heads.items()
        )
        hashes = [entry_hash(row.entry) for row in self.rows]
        commit = build_map_commit(
            covers=covers,
            tree=merkle.root(hashes),
            head_map=head_map.map_root(items),
            keys_total=len(items),
            previous=self.last_commit,
            recorded=read_entry(self.rows[-1].entry).recorded,
        )
        self.rows.append(Row(commit))
        self.last_commit = covers
        tree = Checkpoint(ORIGIN, covers + 1, merkle.root([*hashes, entry_hash(commit)]))
        stamp = int(START.timestamp()) + 60 * covers
        note = sign_checkpoint(tree, LOG_KEYS, stamp)
        note += "".join(sign_line(tree, witness, stamp).line() for witness in witnesses)
        return Published(covers + 1, note, items, list(self.rows))

    def inclusion(self, index: int, published: Published) -> str:
        """Return the tlog-proof of an entry at a checkpoint."""
        hashes = [entry_hash(row.entry) for row in published.rows]
        return TlogProof(index, merkle.inclusion_path(hashes, index), published.note).format()

    def proved(self, stream: UUID, published: Published, *, opened: bool = True) -> ProvedStream:
        """Return one stream as of a checkpoint."""
        text = str(stream)
        indexes = [index for index in self.streams[text] if index < published.size]
        key = head_map.map_key("stream", text.encode())
        _, steps = head_map.bucket_proof(published.items, key)
        entries = tuple(
            ProvedEntry(index, row.entry, row.opened if opened else None)
            for index in indexes
            for row in (published.rows[index],)
        )
        first: Any = read_entry(entries[0].entry)
        return ProvedStream(text, first.kind, MapProof(steps).to_bytes(), entries)

    def history(self, published: Published, streams: Iterable[UUID]) -> HistoryProof:
        """Return the history proof of streams as of a checkpoint."""
        commit = published.size - 1
        return HistoryProof(
            published.rows[commit].entry,
            self.inclusion(commit, published),
            tuple(self.proved(stream, published) for stream in streams),
        )

    def register_party(
        self,
        code: str,
        kind: pb.PartyKind.ValueType,
        *,
        by: Ed25519PrivateKey = ROOT,
        name: str = INSTITUTION_NAME,
    ) -> int:
        body = pb.InstitutionRegistered(
            kind=kind, credit_code=code, name=name, area="320599", directory_number="17"
        )
        party = party_id(ORIGIN, code)
        return self.append("institution", party, body, by, institution=party)

    def register_key(
        self,
        key: Ed25519PrivateKey,
        holder: UUID,
        *,
        by: Ed25519PrivateKey = ROOT,
        use: pb.KeyUse.ValueType = pb.KEY_USE_PARTY,
    ) -> int:
        body = pb.KeyRegistered(
            public_key=spki(key), algorithm=pb.ALGORITHM_ED25519, holder=holder.bytes, use=use
        )
        return self.append("key", stream_of(key), body, by, institution=holder)

    def end_key(
        self,
        key: Ed25519PrivateKey,
        ending: pb.KeyEnding.ValueType,
        *,
        by: Ed25519PrivateKey = ROOT,
        from_index: int = 0,
        until_us: int = 0,
    ) -> int:
        body = pb.KeyEnded(ending=ending, from_index=from_index, accepted_until_us=until_us)
        return self.append("key", stream_of(key), body, by)

    def start(self) -> "SmallLog":
        """Register the bureau's root key, the institution and its key."""
        self.register_key(ROOT, BUREAU)
        self.register_party(INSTITUTION_CODE, pb.PARTY_KIND_INSTITUTION)
        self.register_key(ISSUER, INSTITUTION)
        return self

    def issue(
        self,
        document: dict[str, object],
        *,
        number: str = NUMBER,
        certificate: UUID = CERTIFICATE,
        by: Ed25519PrivateKey = ISSUER,
        signer: Ed25519PrivateKey | None = None,
    ) -> int:
        body = pb.TrainingCertificateIssued(
            number=number,
            edition=1,
            core_digest=core_digest(document),
            enrolment_digest=bytes(32),
            policy=bytes(32),
            evaluator_version=1,
            credited=[
                pb.CreditedHours(component=pb.HOUR_COMPONENT_THEORY_OFFLINE, hours=44),
                pb.CreditedHours(component=pb.HOUR_COMPONENT_PRACTICAL, hours=104),
            ],
        )
        return self.append("certificate", certificate, body, by, signer=signer)

    def revoke(
        self,
        *,
        by: Ed25519PrivateKey = ISSUER,
        certificate: UUID = CERTIFICATE,
        reason: pb.RevocationReason.ValueType = pb.REVOCATION_REASON_ERROR,
    ) -> int:
        body = pb.TrainingCertificateRevoked(reason=reason)
        return self.append("certificate", certificate, body, by)


def _with_body(header: pb.EventHeader, body: Message) -> pb.TrainingEvent:
    event = pb.TrainingEvent(header=header)
    for name in pb.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields:
        if name.message_type is body.DESCRIPTOR:
            getattr(event, name.name).CopyFrom(body)
    return event


def stream_of(key: Ed25519PrivateKey) -> UUID:
    return key_stream(ORIGIN, key_id(spki(key)))


def streams(*keys: Ed25519PrivateKey, certificate: UUID = CERTIFICATE) -> list[UUID]:
    """The streams of a certificate's evidence: certificate, institution, keys up to the root."""
    return [certificate, INSTITUTION, *(stream_of(key) for key in keys or (ISSUER, ROOT))]


def certificate_file(
    log: SmallLog,
    document: dict[str, object],
    index: int,
    published: Published,
    history: HistoryProof,
    *,
    issue_proof: str | None = None,
    signer: Ed25519PrivateKey = ISSUER,
) -> bytes:
    """The file of a certificate, signed as Open Badges."""
    evidence = [
        Evidence(
            f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
            "账本证明",
            genre,
            narrative,
        )
        for number, (genre, narrative) in enumerate(
            (
                (
                    "https://c2sp.org/tlog-proof@v1",
                    log.inclusion(index, published) if issue_proof is None else issue_proof,
                ),
                ("urn:tledger:history-proof:v1", history.to_bytes().decode()),
            )
        )
    ]
    whole = assemble(document, evidence)
    return to_file(add_proof(whole, signer, METHOD, "2026-04-01T02:00:00Z"))


@dataclass(frozen=True)
class Issued:
    """A log with one certificate in it, and the certificate's file."""

    log: SmallLog
    core: dict[str, object]
    index: int
    published: Published
    history: HistoryProof
    file: bytes

    def status(
        self, *keys: Ed25519PrivateKey, number: str = NUMBER, certificate: UUID = CERTIFICATE
    ) -> bytes:
        """Publish what the log holds by now and return the status file."""
        published = self.log.publish()
        history = self.log.history(published, streams(*keys, certificate=certificate))
        return StatusFile(number, history).to_bytes()


def issued(
    log: SmallLog | None = None,
    document: dict[str, object] | None = None,
    *,
    keys: tuple[Ed25519PrivateKey, ...] = (),
    witnesses: Iterable[SigningKey] = (),
    by: Ed25519PrivateKey = ISSUER,
    signer: Ed25519PrivateKey | None = None,
    number: str = NUMBER,
) -> Issued:
    """Issue a certificate at the end of `log`, publish, and make its file."""
    ledger = SmallLog().start() if log is None else log
    stated = core() if document is None else document
    index = ledger.issue(stated, by=by, signer=signer, number=number)
    published = ledger.publish(witnesses=witnesses)
    history = ledger.history(published, streams(*keys))
    file = certificate_file(ledger, stated, index, published, history)
    return Issued(ledger, stated, index, published, history, file)
