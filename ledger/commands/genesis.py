"""The beginning of a log (docs/formats.md section 5): its keys, then the bureau's root key."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.admission import admit
from ledger.application.errors import RefusedError
from ledger.application.event_decision import RootKey
from ledger.application.group_commit import GroupCommit
from ledger.application.outcomes import AppendRequest, Refused
from ledger.application.ports import LogHead, LogWriter, OwnRow
from ledger.application.recorded_clock import wall_clock_us
from ledger.log.entries import build_log_key
from ledger.log.identifiers import party_id
from ledger.log.notes import SigningKey
from ledger.log.trust_file import TrustFile

ALGORITHMS = ("ed25519", "ml-dsa-44")


def root_key(trust: TrustFile, bureau_credit_code: str) -> RootKey:
    """Return the root key that a trust file pins, for the bureau with this credit code."""
    return RootKey(trust.root_key_id, party_id(trust.origin, bureau_credit_code).bytes)


async def write_log_keys(
    writer: LogWriter,
    checkpoint_keys: Sequence[SigningKey],
    acknowledgement_key: Ed25519PrivateKey,
) -> bool:
    """Write the entries that name the log's own keys; false when the log has entries already."""
    recorded = wall_clock_us()
    entries = [
        build_log_key(
            role="checkpoint",
            algorithm=algorithm,
            key=key.verifier_key().public_key,
            recorded=recorded,
        )
        for algorithm, key in zip(ALGORITHMS, checkpoint_keys, strict=True)
    ]
    public = acknowledgement_key.public_key().public_bytes_raw()
    entries.append(
        build_log_key(role="acknowledgement", algorithm="ed25519", key=public, recorded=recorded)
    )
    async with writer.group(()) as transaction:
        if transaction.head.size:
            return False
        rows = [OwnRow(index, entry, recorded) for index, entry in enumerate(entries)]
        await transaction.insert(rows, (), LogHead(len(rows), recorded, None))
    return True


async def record(commits: GroupCommit, origin: str, batch: recording.Batch) -> None:
    """Record a batch, all of it.

    Raises:
        RefusedError: when an event is refused; nothing is recorded then.
    """
    answers = await commits.append(AppendRequest(admit([batch], origin), atomic=True))
    refusals = [answer.refusal for answer in answers if isinstance(answer, Refused)]
    if refusals:
        raise RefusedError(refusals)
