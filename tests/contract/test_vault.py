"""The person vault, on both databases."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from ledger.application.errors import IntegrityBreachError, NotFoundError, RefusedError
from ledger.log.identity_commitment import identity_commitment
from ledger.storage.database import Database, PostgresDatabase, SQLiteDatabase, open_database
from ledger.storage.vault import PersonVault
from ledger.storage.vault_keys import VaultKeys

KEYS = VaultKeys(bytes(range(64, 96)), bytes(range(96, 128)))
ONE, OTHER = UUID(int=0xA, version=4), UUID(int=0xB, version=4)
# Region 320599 is not assigned; the check digits are right.
NUMBER, NUMBER_TWO = "32059919900101002X", "320599199001010011"
NAME = "金丝雀王小明"
DIGEST, DIGEST_TWO = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vault.db'}"
    postgres: str = request.getfixturevalue("postgres_url")
    return postgres


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def vault(database: Database) -> PersonVault:
    return PersonVault(database, KEYS)


def _change(database: Database, statement: str, *parameters: object) -> None:
    """What the owner of the database can do."""
    with database.writing() as transaction:
        transaction.query(statement, parameters)


def _rows(database: Database, table: str) -> int:
    with database.reading() as transaction:
        count: int = transaction.query(f"SELECT count(*) FROM {table}")[0][0]
        return count


def _raw(database: Database) -> bytes:
    """Every byte that the database keeps of its rows."""
    if isinstance(database, SQLiteDatabase):
        return b"".join(
            path.read_bytes()
            for path in sorted(database.path.parent.glob(f"{database.path.name}*"))
            if not path.name.endswith("-shm")
        )
    assert isinstance(database, PostgresDatabase)
    dump = b""
    with psycopg.connect(database.url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(
                sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
            ):
                dump += b"|".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in row
                )
    return dump


def _together(work: Callable[[], object], threads: int) -> None:
    """Run `work` in several threads that start at one moment."""
    gate, failures = threading.Barrier(threads), list[BaseException]()

    def run() -> None:
        try:
            gate.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures


# --- Registering ---------------------------------------------------------------------------------


def test_the_same_institution_gets_the_same_reference(vault: PersonVault) -> None:
    first = vault.register(ONE, 1, NUMBER, NAME)
    assert vault.register(ONE, 1, NUMBER, NAME) == first
    assert first.person_ref.version == 4
    assert len(first.identity_commitment) == 32


def test_another_institution_gets_another_reference_and_commitment(vault: PersonVault) -> None:
    first, second = (vault.register(party, 1, NUMBER, NAME) for party in (ONE, OTHER))
    assert first.person_ref != second.person_ref
    assert first.identity_commitment != second.identity_commitment


def test_another_number_or_kind_of_document_is_another_person(vault: PersonVault) -> None:
    references = {
        vault.register(ONE, id_type, number, NAME).person_ref
        for id_type, number in [(1, NUMBER), (1, NUMBER_TWO), (2, NUMBER), (2, "E12345678")]
    }
    assert len(references) == 4


def test_another_vault_gives_other_references(vault: PersonVault, tmp_path: Path) -> None:
    elsewhere = SQLiteDatabase(tmp_path / "other.db")
    other = PersonVault(elsewhere, KEYS).register(ONE, 1, NUMBER, NAME)
    elsewhere.close()
    assert vault.register(ONE, 1, NUMBER, NAME).person_ref != other.person_ref


def test_the_commitment_is_to_what_was_registered(vault: PersonVault) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME)
    person = vault.open(reference.person_ref)
    assert (person.id_type, person.id_number, person.name) == (1, NUMBER, NAME)
    assert person.institution == ONE
    assert len(person.opening) == 32
    expected = identity_commitment(person.opening, 1, NUMBER, NAME)
    assert reference.identity_commitment == expected


def test_another_name_for_the_number_is_refused(vault: PersonVault) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME)
    with pytest.raises(RefusedError) as caught:
        vault.register(ONE, 1, NUMBER, "李四")
    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.field) == ("PERSON_NAME_DIFFERS", "name")
    for language in ("zh", "en"):
        assert refusal.reason(language)
        assert NAME not in refusal.reason(language) + refusal.fix(language)
    assert vault.register(ONE, 1, NUMBER, NAME) == reference


def test_what_one_institution_registered_changes_nothing_for_the_next(vault: PersonVault) -> None:
    vault.register(ONE, 1, NUMBER, NAME)
    # Under another name: an error here would tell that somebody knows the number.
    other = vault.register(OTHER, 1, NUMBER, "李四")
    assert vault.open(other.person_ref).name == "李四"


@pytest.mark.parametrize(
    "number", ["320599199001010012", "32059919900101002x", "320599199013010011", "32059", ""]
)
def test_a_wrong_resident_number_is_refused(
    vault: PersonVault, database: Database, number: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        vault.register(ONE, 1, number, NAME)
    assert [(one.code, one.field) for one in caught.value.refusals] == [
        ("BAD_ID_NUMBER", "id_number")
    ]
    assert _rows(database, "vault_person") == 0


@pytest.mark.parametrize("id_type", [2, 3, 4])
def test_other_documents_have_no_check_digit(vault: PersonVault, id_type: int) -> None:
    reference = vault.register(ONE, id_type, "320599199001010012", NAME)
    assert vault.open(reference.person_ref).id_type == id_type


@pytest.mark.parametrize(
    "name",
    [
        "䶮",  # U+4DAE, outside GB 2312
        "𬱖",  # U+2CC56, outside the basic plane
        "\ufa19",  # NFC would make it U+795E
        "阿卜杜拉·买买提",
        "e\u0301",  # NFC would make it one character
        ' "\\ ',
    ],
)
def test_rare_characters_stay_what_they_are(vault: PersonVault, name: str) -> None:
    reference = vault.register(ONE, 1, NUMBER, name)
    opened = vault.open(reference.person_ref).name
    assert [ord(character) for character in opened] == [ord(character) for character in name]


def test_the_normalised_name_is_another_name(vault: PersonVault) -> None:
    vault.register(ONE, 1, NUMBER, "\ufa19")
    with pytest.raises(RefusedError):
        vault.register(ONE, 1, NUMBER, "\u795e")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=60),
    st.text("0123456789ABCXYZ()-", min_size=5, max_size=30),
)
def test_whatever_was_registered_is_opened(vault: PersonVault, name: str, number: str) -> None:
    institution = uuid4()
    reference = vault.register(institution, 2, number, name)
    person = vault.open(reference.person_ref)
    assert (person.id_number, person.name, person.institution) == (number, name, institution)


def test_threads_that_register_one_person_get_one_reference(
    vault: PersonVault, database: Database
) -> None:
    got = list[UUID]()
    _together(lambda: got.append(vault.register(ONE, 1, NUMBER, NAME).person_ref), threads=4)
    assert len(got) == 4
    assert len(set(got)) == 1
    assert _rows(database, "vault_reference") == 1


def test_two_processes_that_register_one_person_get_one_reference(
    url: str, vault: PersonVault
) -> None:
    # Connections of their own, as two processes have them, on a vault that exists.
    got = list[UUID]()

    def process() -> None:
        own = open_database(url)
        try:
            got.append(PersonVault(own, KEYS).register(ONE, 1, NUMBER, NAME).person_ref)
        finally:
            own.close()

    _together(process, threads=2)
    assert len(got) == 2
    assert len(set(got)) == 1


def test_institutions_that_register_at_once_share_the_persons_key(
    vault: PersonVault, database: Database
) -> None:
    institutions, got = [UUID(int=number) for number in range(1, 5)], list[UUID]()
    _together(
        lambda: got.append(vault.register(institutions.pop(), 1, NUMBER, NAME).person_ref),
        threads=4,
    )
    assert len(set(got)) == 4
    assert _rows(database, "vault_person") == 1
    assert {vault.open(reference).name for reference in got} == {NAME}


# --- What the database shows ---------------------------------------------------------------------


def test_no_name_and_no_number_stands_in_the_database(
    vault: PersonVault, database: Database
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME)
    vault.seal_certificate(reference.person_ref, DIGEST, f"core {NAME} {NUMBER}".encode())
    raw = _raw(database)
    # The dump does see what is there in clear.
    assert reference.person_ref.bytes in raw
    for clear in (NAME, NUMBER, NAME[3:], NUMBER[6:14]):
        assert clear.encode() not in raw
    assert NAME.encode("unicode_escape") not in raw
    opening = vault.open(reference.person_ref).opening
    assert opening not in raw
    assert opening.hex().encode() not in raw
    assert KEYS.key_encryption_key not in raw
    assert KEYS.pepper not in raw


def test_a_person_is_found_by_no_hash_without_the_pepper() -> None:
    other = VaultKeys(KEYS.key_encryption_key, bytes(32))
    assert other.lookup(1, NUMBER) != KEYS.lookup(1, NUMBER)
    assert KEYS.lookup(1, NUMBER) != KEYS.lookup(2, NUMBER)
    assert KEYS.lookup(1, "1/2") != KEYS.lookup(11, "/2")


@pytest.mark.parametrize("lost", ["key_encryption_key", "pepper"])
def test_other_keys_do_not_open_the_vault(
    vault: PersonVault, database: Database, lost: str
) -> None:
    parts = {"key_encryption_key": KEYS.key_encryption_key, "pepper": KEYS.pepper}
    with pytest.raises(IntegrityBreachError, match="other keys"):
        PersonVault(database, VaultKeys(**{**parts, lost: bytes(32)}))
    PersonVault(database, KEYS)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        VaultKeys(bytes(size), bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        VaultKeys(bytes(32), bytes(size))


def test_keys_and_persons_are_not_printed(vault: PersonVault) -> None:
    person = vault.open(vault.register(ONE, 1, NUMBER, NAME).person_ref)
    assert NAME not in repr(person)
    assert NUMBER not in repr(person)
    assert repr(KEYS) == "VaultKeys()"


# --- What the owner of the database cannot do ----------------------------------------------------


def test_an_unknown_reference_is_not_found(vault: PersonVault) -> None:
    with pytest.raises(NotFoundError):
        vault.open(uuid4())


@pytest.mark.parametrize("other_person", [False, True])
def test_swapped_rows_are_a_breach(
    vault: PersonVault, database: Database, other_person: bool
) -> None:
    number = NUMBER_TWO if other_person else NUMBER
    one = vault.register(ONE, 1, NUMBER, NAME).person_ref
    other = vault.register(OTHER, 1, number, NAME).person_ref
    _change(
        database,
        "UPDATE vault_reference SET sealed ="
        " (SELECT sealed FROM vault_reference WHERE person_ref = ?) WHERE person_ref = ?",
        other.bytes,
        one.bytes,
    )
    with pytest.raises(IntegrityBreachError):
        vault.open(one)
    with pytest.raises(IntegrityBreachError):
        vault.register(ONE, 1, NUMBER, NAME)
    assert vault.open(other).id_number == number


@pytest.mark.parametrize("column", ["sealed", "wrapped_key"])
@pytest.mark.parametrize("position", [0, 11, 12, -1])
def test_one_changed_bit_is_a_breach(
    vault: PersonVault, database: Database, column: str, position: int
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    table = "vault_reference" if column == "sealed" else "vault_person"
    with database.reading() as transaction:
        stored = bytearray(transaction.query(f"SELECT {column} FROM {table}")[0][0])
    stored[position] ^= 1
    _change(database, f"UPDATE {table} SET {column} = ?", bytes(stored))
    with pytest.raises(IntegrityBreachError):
        vault.open(reference)


@pytest.mark.parametrize("short", [b"", b"\0" * 11, b"\0" * 12, b"\0" * 27])
def test_what_is_too_short_to_be_sealed_is_a_breach(
    vault: PersonVault, database: Database, short: bytes
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    _change(database, "UPDATE vault_reference SET sealed = ?", short)
    with pytest.raises(IntegrityBreachError):
        vault.open(reference)


def test_a_persons_key_does_not_serve_another_person(
    vault: PersonVault, database: Database
) -> None:
    one = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.register(ONE, 1, NUMBER_TWO, NAME)
    _change(
        database,
        "UPDATE vault_person SET wrapped_key ="
        " (SELECT wrapped_key FROM vault_person WHERE lookup = ?)",
        KEYS.lookup(1, NUMBER_TWO),
    )
    with pytest.raises(IntegrityBreachError):
        vault.open(one)


def test_a_reference_moved_to_another_institution_is_a_breach(
    vault: PersonVault, database: Database
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    _change(database, "UPDATE vault_reference SET institution = ?", OTHER.bytes)
    with pytest.raises(IntegrityBreachError):
        vault.open(reference)


def test_a_persons_key_that_was_taken_away_is_no_erasure(
    vault: PersonVault, database: Database
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    if database.dialect == "postgresql":
        with database.writing() as transaction:
            transaction.query("SET LOCAL session_replication_role = replica")
            transaction.query("DELETE FROM vault_person")
    else:
        _change(database, "DELETE FROM vault_person")
    with pytest.raises(IntegrityBreachError):
        vault.open(reference)


# --- Prepared certificates -----------------------------------------------------------------------


def test_a_prepared_certificate_comes_back(vault: PersonVault) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    sealed = vault.seal_certificate(reference, DIGEST, b"core and salt")
    assert (sealed.person_ref, sealed.content) == (reference, b"core and salt")
    assert vault.open_certificate(DIGEST) == sealed


def test_what_was_prepared_first_stays(vault: PersonVault, database: Database) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    first = vault.seal_certificate(reference, DIGEST, b"core, salt 1")
    assert vault.seal_certificate(reference, DIGEST, b"core, salt 2") == first
    assert vault.open_certificate(DIGEST).content == b"core, salt 1"
    assert _rows(database, "vault_certificate") == 1


def test_a_digest_belongs_to_one_reference(vault: PersonVault) -> None:
    one, other = (vault.register(party, 1, NUMBER, NAME).person_ref for party in (ONE, OTHER))
    vault.seal_certificate(one, DIGEST, b"core")
    with pytest.raises(ValueError, match="another reference"):
        vault.seal_certificate(other, DIGEST, b"core")
    assert vault.open_certificate(DIGEST).person_ref == one


def test_what_was_not_prepared_is_not_found(vault: PersonVault) -> None:
    with pytest.raises(NotFoundError):
        vault.open_certificate(DIGEST)
    with pytest.raises(NotFoundError):
        vault.seal_certificate(uuid4(), DIGEST, b"core")


def test_swapped_certificates_are_a_breach(vault: PersonVault, database: Database) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.seal_certificate(reference, DIGEST, b"core one")
    vault.seal_certificate(reference, DIGEST_TWO, b"core two")
    _change(
        database,
        "UPDATE vault_certificate SET sealed ="
        " (SELECT sealed FROM vault_certificate WHERE core_digest = ?)",
        DIGEST_TWO,
    )
    with pytest.raises(IntegrityBreachError):
        vault.open_certificate(DIGEST)
    assert vault.open_certificate(DIGEST_TWO).content == b"core two"


def test_a_certificate_moved_to_another_reference_is_a_breach(
    vault: PersonVault, database: Database
) -> None:
    # Both references are the same person's: the key alone would not tell.
    one, other = (vault.register(party, 1, NUMBER, NAME).person_ref for party in (ONE, OTHER))
    vault.seal_certificate(one, DIGEST, b"core")
    _change(database, "UPDATE vault_certificate SET person_ref = ?", other.bytes)
    with pytest.raises(IntegrityBreachError):
        vault.open_certificate(DIGEST)


# --- Erasure -------------------------------------------------------------------------------------


def test_erasing_the_last_reference_destroys_everything(
    vault: PersonVault, database: Database
) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.seal_certificate(reference, DIGEST, b"core")
    vault.erase(reference)
    with pytest.raises(NotFoundError):
        vault.open(reference)
    with pytest.raises(NotFoundError):
        vault.open_certificate(DIGEST)
    for table in ("vault_person", "vault_reference", "vault_certificate"):
        assert _rows(database, table) == 0
    assert KEYS.lookup(1, NUMBER) not in _raw(database)


def test_an_erased_key_is_overwritten_in_sqlites_file(tmp_path: Path) -> None:
    database = SQLiteDatabase(tmp_path / "vault.db")
    # Some builds of SQLite overwrite anyway, some do not.
    database.run_script("PRAGMA secure_delete = OFF")
    vault = PersonVault(database, KEYS)
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    with database.reading() as transaction:
        wrapped: bytes = transaction.query("SELECT wrapped_key FROM vault_person")[0][0]
        sealed: bytes = transaction.query("SELECT sealed FROM vault_reference")[0][0]
    assert wrapped in _raw(database)
    assert sealed in _raw(database)
    # Its page stays in use.
    vault.register(ONE, 1, NUMBER_TWO, NAME)
    vault.erase(reference)
    assert wrapped not in _raw(database)
    assert sealed not in _raw(database)
    database.close()


def test_erasing_one_reference_leaves_the_others(vault: PersonVault, database: Database) -> None:
    one, other = (vault.register(party, 1, NUMBER, NAME).person_ref for party in (ONE, OTHER))
    vault.seal_certificate(one, DIGEST, b"core one")
    vault.seal_certificate(other, DIGEST_TWO, b"core two")
    vault.erase(one)
    with pytest.raises(NotFoundError):
        vault.open(one)
    assert vault.open(other).name == NAME
    assert vault.open_certificate(DIGEST_TWO).content == b"core two"
    assert _rows(database, "vault_person") == 1
    vault.erase(other)
    assert _rows(database, "vault_person") == 0


def test_who_was_erased_and_comes_again_is_new(vault: PersonVault) -> None:
    first = vault.register(ONE, 1, NUMBER, NAME)
    vault.erase(first.person_ref)
    again = vault.register(ONE, 1, NUMBER, "王小明")
    assert again.person_ref != first.person_ref
    assert again.identity_commitment != first.identity_commitment
    assert vault.open(again.person_ref).name == "王小明"


def test_nothing_is_erased_twice(vault: PersonVault) -> None:
    reference = vault.register(ONE, 1, NUMBER, NAME).person_ref
    vault.erase(reference)
    with pytest.raises(NotFoundError):
        vault.erase(reference)
    with pytest.raises(NotFoundError):
        vault.seal_certificate(reference, DIGEST, b"core")


def test_erasing_and_registering_at_once_never_leaves_a_reference_without_its_key(
    vault: PersonVault, database: Database
) -> None:
    institutions = [UUID(int=number) for number in range(1, 5)]

    def register_and_erase() -> None:
        institution = institutions.pop()
        for _ in range(10):
            reference = vault.register(institution, 1, NUMBER, NAME).person_ref
            assert vault.open(reference).institution == institution
            vault.erase(reference)

    _together(register_and_erase, threads=4)
    assert _rows(database, "vault_reference") == 0
    assert _rows(database, "vault_person") == 0
