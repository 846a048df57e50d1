"""`tledger init`: a new log in a new home, with keys, trust file and the bureau's identity."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from clients.sdk import Emitter, Identity, sign_batch
from clients.sdk.identity import TlsFiles, new_author_key
from ledger.api.v1 import events_pb2 as pb
from ledger.application.group_commit import GroupCommit
from ledger.commands.genesis import record, root_key, write_log_keys
from ledger.commands.home import Home, HomeError, Settings
from ledger.domain.check_digits import credit_code_ok
from ledger.log.identifiers import party_id
from ledger.log.signatures import PrivateKey, public_bytes
from ledger.log.trust_file import TrustFile
from ledger.storage.key_files import LogSecrets, create_secrets
from ledger.storage.open_storage import open_storage
from ledger.storage.spiffe_ids import party_uri, trust_domain
from ledger.storage.tls_files import (
    CertificateAuthority,
    create_ca,
    issue_client,
    issue_server,
    save_pair,
)

QUORUM_NONE: Final = "quorum none\n"
STATUS_MAX_AGE_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Bureau:
    """The bureau that holds the root key."""

    name: str
    credit_code: str
    area: str


async def initialise(
    home: Home, settings: Settings, bureau: Bureau, hosts: tuple[str, ...], *, synthetic: bool
) -> Identity:
    """Make a new log.

    Args:
        home: Its home; must not hold a log yet.
        settings: Its configuration.
        bureau: The bureau that pins its root key.
        hosts: Names and addresses of the server beside localhost.
        synthetic: Mark the log's first events as made-up data.

    Returns:
        The bureau's identity, saved in the home's `bureau` folder: the bureau takes it away.

    Raises:
        HomeError: when the home or the database holds a log already, or a value is malformed.
    """
    if home.settings_file.exists():
        raise HomeError(f"{home.folder} 已有账本 / holds a log already")
    if not credit_code_ok(bureau.credit_code):
        raise HomeError(
            f"统一社会信用代码校验位错误 / the check character of {bureau.credit_code} does not fit"
        )
    home.folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    secrets = create_secrets(home.secrets, settings.origin)
    authority = create_ca(trust_domain(settings.origin), now)
    authority.save(home.tls)
    save_pair(home.tls, "server", issue_server(authority, hosts, now))
    key = new_author_key()
    trust = TrustFile(
        settings.origin,
        tuple(each.verifier_key() for each in secrets.checkpoint_keys),
        QUORUM_NONE,
        public_bytes(key.public_key()),
        STATUS_MAX_AGE_HOURS,
    )
    identity = party_identity(settings, trust, authority, key, bureau.credit_code)
    identity.save(home.folder / "bureau")
    await _write_genesis(settings, trust, secrets, identity, bureau, synthetic=synthetic)
    home.trust_path.write_bytes(trust.to_bytes())
    home.settings_file.write_text(settings.to_toml(), "utf-8")
    return identity


def party_identity(
    settings: Settings,
    trust: TrustFile,
    authority: CertificateAuthority,
    key: PrivateKey,
    credit_code: str,
) -> Identity:
    """Return the identity of a party: its author key and a new TLS certificate."""
    party = party_id(settings.origin, credit_code)
    uri = party_uri(authority.trust_domain, party)
    certificate, tls_key = issue_client(authority, uri, datetime.now(UTC))
    tls = TlsFiles(authority.certificate_pem(), certificate, tls_key)
    return Identity(settings.origin, party, settings.address, "localhost", key, tls, trust)


async def _write_genesis(
    settings: Settings,
    trust: TrustFile,
    secrets: LogSecrets,
    identity: Identity,
    bureau: Bureau,
    *,
    synthetic: bool,
) -> None:
    storage = open_storage(settings.database)
    try:
        keys = secrets.checkpoint_keys
        if not await write_log_keys(storage.writer, keys, secrets.acknowledgement_key):
            raise HomeError(f"数据库已有账本 / the database holds a log already: {storage.url}")
        root = root_key(trust, bureau.credit_code)
        commits = GroupCommit(storage.writer, settings.origin, root)
        commits.start()
        try:
            emitter = Emitter(identity, synthetic=synthetic)
            events = [
                emitter.key_registered(
                    public_key=identity.public_key.spki,
                    holder=identity.party,
                    use=pb.KEY_USE_PARTY,
                ),
                emitter.institution_registered(
                    kind=pb.PARTY_KIND_BUREAU,
                    credit_code=bureau.credit_code,
                    name=bureau.name,
                    area=bureau.area,
                ),
            ]
            await record(commits, settings.origin, sign_batch(identity, events).to_message())
        finally:
            await commits.stop()
    finally:
        await storage.writer.close()
        storage.database.close()


def identity_folder(folder: Path) -> Path:
    """Return a folder for a new identity.

    Raises:
        HomeError: when it is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise HomeError(f"{folder} 不是空目录 / is not empty")
    return folder
