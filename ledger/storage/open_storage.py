"""Opening a ledger's storage: SQLite, the embedded default, or PostgreSQL (DESIGN section 7)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.application.errors import StorageError
from ledger.application.ports import CertificateStore, LogReader, LogWriter, PublicationStore
from ledger.storage.certificate_store import StoredCertificates
from ledger.storage.database import Database, SQLiteDatabase, open_database
from ledger.storage.log_reader import StoredLog
from ledger.storage.postgres_writer import PostgresWriter
from ledger.storage.publication_store import StoredPublications
from ledger.storage.sqlite_writer import SQLiteWriter

SCHEMA_VERSION: Final = 1
_FOLDER: Final = Path(__file__).parent


class SchemaVersionError(StorageError):
    """The database was made by another version of the ledger; nothing was changed in it."""

    def __init__(self, version: int) -> None:
        """Name both versions."""
        super().__init__(
            f"the database has schema version {version}, this program knows {SCHEMA_VERSION}: run"
            f" the release that made it, or a newer one / 数据库的结构版本为 {version}，本程序支持"
            f" {SCHEMA_VERSION}：请使用建立该数据库的版本或更新的版本"
        )
        self.version = version


@dataclass(frozen=True, slots=True)
class Storage:
    """What one database holds of a ledger.

    Attributes:
        url: Where it is.
        database: Plain access, for other tables of the same database.
        writer: Appends to the log; belongs to one event loop.
        reader: Reads the log.
        publications: The publisher's tables.
        certificates: Prepared certificates and attached files.
    """

    url: str
    database: Database
    writer: LogWriter
    reader: LogReader
    publications: PublicationStore
    certificates: CertificateStore

    async def close(self) -> None:
        """Close all connections; a group under way ends first."""
        await self.writer.close()
        self.database.close()


def open_storage(url: str) -> Storage:
    """Open `sqlite:///PATH` or `postgresql://…`; the tables are made when they are absent.

    Raises:
        SchemaVersionError: when the database is of another version.
        StorageError: when the database does not answer or has no room.
        ValueError: when the URL is of neither kind.
    """
    database = open_database(url)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    writer: LogWriter
    if isinstance(database, SQLiteDatabase):
        writer = SQLiteWriter(database.path)
    else:
        writer = PostgresWriter(url)
    return Storage(
        url,
        database,
        writer,
        StoredLog(database),
        StoredPublications(database),
        StoredCertificates(database),
    )


def _prepare(database: Database) -> None:
    """Make the tables, or check that they are of this version."""
    if not database.has_table("schema_version"):
        script = _FOLDER / f"{database.dialect}_schema.sql"
        database.run_script(script.read_text(encoding="utf-8"))
    with database.reading() as transaction:
        version = transaction.query("SELECT version FROM schema_version WHERE single = 1")[0][0]
    if version != SCHEMA_VERSION:
        raise SchemaVersionError(version)
