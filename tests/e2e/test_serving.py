"""`tledger serve` as an operator meets it."""

from pathlib import Path

from tests.server_process import served_world, tledger


def test_an_address_in_use_is_said_in_both_languages_and_nothing_is_started(
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1, learners=1) as served:
        served.server.start()
        served.server.wait_ready()
        address = served.home.settings().address
        second = tledger("serve", "--home", str(served.home.folder))
        assert second.code == 1
        assert f"无法监听 {address}" in second.err
        assert f"cannot listen on {address}" in second.err
        assert "Traceback" not in second.err
