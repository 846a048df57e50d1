"""The trace log and the join of a person across institutions, on both databases."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from ledger.storage.database import Database, open_database
from ledger.storage.trace_log import TraceLog
from ledger.storage.vault import PersonVault
from ledger.storage.vault_keys import VaultKeys

KEYS = VaultKeys(bytes(range(64, 96)), bytes(range(96, 128)))
OTHER_KEYS = VaultKeys(bytes(range(64, 96)), bytes(range(95, 127)))
ONE, OTHER = UUID(int=0xA, version=4), UUID(int=0xB, version=4)
# Region 320599 is not assigned; the check digits are right.
NUMBER, NUMBER_TWO = "32059919900101002X", "320599199001010011"
NAME, OTHER_NAME = "金丝雀王小明", "金丝雀王晓明"
QUESTION: dict[str, str | int] = {"id_number": NUMBER, "id_type": 1, "name": NAME}
NOW_US = 1_773_590_400_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'vault.db'}")
    else:
        opened = open_database(request.getfixturevalue("postgres_url"))
    yield opened
    opened.close()


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as transaction:
        return [
            (case, caller, bytes(asked), at_us)
            for case, caller, asked, at_us in transaction.query(
                "SELECT case_number, caller, asked, asked_us FROM trace_log ORDER BY asked_us"
            )
        ]


def test_a_question_is_kept_with_case_caller_and_time_and_names_nobody(database: Database) -> None:
    moments = iter((NOW_US, NOW_US + 1))
    log = TraceLog(database, KEYS, lambda: next(moments))
    log.write("苏应急〔2026〕17号", f"party/{ONE}", QUESTION)
    log.write("2026-18", f"party/{OTHER}", {"certificate": "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"})
    first, second = rows(database)
    assert first == ("苏应急〔2026〕17号", f"party/{ONE}", log.digest(QUESTION), NOW_US)
    assert (second[0], second[3]) == ("2026-18", NOW_US + 1)
    assert NAME not in str(first)
    assert NUMBER not in str(first)


def test_the_same_question_is_found_again_and_another_is_another(database: Database) -> None:
    log = TraceLog(database, KEYS)
    assert len(log.digest(QUESTION)) == 32
    assert TraceLog(database, KEYS).digest(dict(reversed(QUESTION.items()))) == log.digest(QUESTION)
    assert log.digest({**QUESTION, "id_number": NUMBER_TWO}) != log.digest(QUESTION)
    # Keyed: who has not the pepper cannot try all numbers.
    assert TraceLog(database, OTHER_KEYS).digest(QUESTION) != log.digest(QUESTION)


def test_asking_twice_is_two_rows_also_behind_a_restart(database: Database) -> None:
    for _ in range(2):
        TraceLog(database, KEYS, lambda: NOW_US).write("2026-17", "party/x", QUESTION)
    assert len(rows(database)) == 2


def test_a_row_without_a_case_is_not_kept(database: Database) -> None:
    log = TraceLog(database, KEYS)
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        log.write("", "party/x", QUESTION)
    assert rows(database) == []


def test_a_person_is_joined_across_institutions_from_number_or_reference(
    database: Database,
) -> None:
    vault = PersonVault(database, KEYS)
    first = vault.register(ONE, 1, NUMBER, NAME)
    second = vault.register(OTHER, 1, NUMBER, OTHER_NAME)
    vault.register(OTHER, 1, NUMBER_TWO, NAME)
    found = vault.references(1, NUMBER)
    assert [(each.institution, each.person_ref, each.name) for each in found] == [
        (ONE, first.person_ref, NAME),
        (OTHER, second.person_ref, OTHER_NAME),
    ]
    assert vault.references_beside(second.person_ref) == found
    assert NAME not in repr(found)


def test_who_is_not_known_or_was_erased_has_no_references(database: Database) -> None:
    vault = PersonVault(database, KEYS)
    reference = vault.register(ONE, 1, NUMBER, NAME)
    assert vault.references(2, NUMBER) == ()
    assert vault.references(1, NUMBER_TWO) == ()
    assert vault.references_beside(UUID(int=1)) == ()
    vault.erase(reference.person_ref)
    assert vault.references(1, NUMBER) == ()
    assert vault.references_beside(reference.person_ref) == ()
