"""The database under test is a real one: durable, empty for each test, and gone afterwards."""

import psycopg
import pytest

from tests.postgres_server import fresh_database


def _value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_the_server_flushes_what_it_commits(postgres_url: str, setting: str) -> None:
    assert _value(postgres_url, f"SHOW {setting}") == "on"


def test_the_server_is_the_version_that_the_pinned_wheel_carries(postgres_url: str) -> None:
    assert str(_value(postgres_url, "SHOW server_version")).startswith("18.")


def test_the_server_listens_on_no_network_address(postgres_url: str) -> None:
    assert _value(postgres_url, "SHOW listen_addresses") == ""


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_an_empty_database(postgres_url: str, turn: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE mine (turn text NOT NULL)")
        connection.execute("INSERT INTO mine VALUES (%s)", (turn,))
    assert _value(postgres_url, "SELECT string_agg(turn, ',') FROM mine") == turn


def test_text_is_stored_as_utf_8(postgres_url: str) -> None:
    assert _value(postgres_url, "SHOW server_encoding") == "UTF8"
    assert _value(postgres_url, "SELECT '培训证明'") == "培训证明"


def test_a_database_is_dropped_even_while_someone_is_connected(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        straggler = psycopg.connect(url)
        assert str(_value(url, "SELECT current_database()")).startswith("t_")
    with pytest.raises(psycopg.OperationalError):
        straggler.execute("SELECT 1")
    straggler.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
