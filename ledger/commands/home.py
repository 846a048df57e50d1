"""The server's home: one folder with configuration, secrets, register and, by default, database.

ledger.toml            origin, databases, address, host of certificates
trust.json             the trust file, to be given to everyone
secrets/               keys of the log, of acknowledgements and of the vault
tls/                   the small authority, the server's certificate and key
checkpoint.register    the last signed checkpoint, outside the database on purpose
ledger.sqlite3, vault.sqlite3
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.application.errors import ApplicationError
from ledger.log.errors import FormatError
from ledger.log.trust_file import TrustFile

_FORMAT: Final = 1
_TEXTS: Final = (
    "origin",
    "bureau_credit_code",
    "database",
    "vault",
    "address",
    "certificate_host",
)


class HomeError(ApplicationError):
    """A home folder that is missing, incomplete or malformed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ledger.toml says.

    Attributes:
        origin: Origin of the log.
        bureau_credit_code: Credit code of the bureau that holds the root key.
        database: URL of the ledger's database.
        vault: URL of the person vault's database.
        address: `host:port` to listen on.
        certificate_host: Host that stands in certificates' addresses.
    """

    origin: str
    bureau_credit_code: str
    database: str
    vault: str
    address: str
    certificate_host: str

    def to_toml(self) -> str:
        """Return the file."""
        lines = [f"format = {_FORMAT}"]
        lines += [f'{name} = "{getattr(self, name)}"' for name in _TEXTS]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        """The configuration."""
        return self.folder / "ledger.toml"

    @property
    def trust_path(self) -> Path:
        """The trust file."""
        return self.folder / "trust.json"

    @property
    def secrets(self) -> Path:
        """Folder of the log's secrets."""
        return self.folder / "secrets"

    @property
    def tls(self) -> Path:
        """Folder of the authority and the server's certificate."""
        return self.folder / "tls"

    @property
    def register(self) -> Path:
        """The checkpoint register."""
        return self.folder / "checkpoint.register"

    def default_database(self, name: str) -> str:
        """Return the URL of an SQLite file in the home."""
        return f"sqlite:///{self.folder.resolve() / name}.sqlite3"

    def settings(self) -> Settings:
        """Read the configuration.

        Raises:
            HomeError: when it is missing or malformed.
        """
        try:
            document = tomllib.loads(self.settings_file.read_text("utf-8"))
        except FileNotFoundError as error:
            raise HomeError(
                f"{self.folder} 不是账本目录，请先运行 tledger init / "
                f"{self.folder} is no ledger home; run tledger init first"
            ) from error
        except (OSError, ValueError) as error:
            raise HomeError(f"{self.settings_file}: {error}") from error
        texts = {name: document.pop(name, None) for name in _TEXTS}
        if document != {"format": _FORMAT} or not all(isinstance(t, str) for t in texts.values()):
            raise HomeError(
                f"{self.settings_file}: 应有且仅有 / must have exactly format, {', '.join(_TEXTS)}"
            )
        return Settings(**texts)

    def trust(self) -> TrustFile:
        """Read the trust file.

        Raises:
            HomeError: when it is missing or malformed.
        """
        try:
            return TrustFile.from_bytes(self.trust_path.read_bytes())
        except (OSError, FormatError) as error:
            raise HomeError(f"{self.trust_path}: {error}") from error
