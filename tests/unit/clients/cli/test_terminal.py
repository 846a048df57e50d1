"""What a person at a terminal gets: progress while the lines go elsewhere, and a question first."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from clients.cli.event_examples import example_line
from clients.cli.output import to_json
from tests.unit.clients.cli.conftest import Office

RUN = (
    "from clients.cli import RemoteGroup, remote_commands\n"
    "RemoteGroup('tledger', commands=remote_commands()).main()\n"
)


def at_a_terminal(
    office: Office, *args: str, typed: bytes = b"", output: Path | None = None
) -> tuple[int, str]:
    """Run with a terminal for input and messages; return the exit code and what it showed."""
    ours, theirs = pty.openpty()
    with (output or Path(os.devnull)).open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *args],
            stdin=theirs,
            stdout=out,
            stderr=theirs,
            env=os.environ | {"TLEDGER_IDENTITY": str(office.folder), "TLEDGER_LANG": "en"},
        )
        os.write(ours, typed)
        code = process.wait()
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    os.close(theirs)
    return code, shown


def test_progress_is_shown_while_the_lines_go_into_a_file(office: Office, tmp_path: Path) -> None:
    events, out = tmp_path / "events", tmp_path / "out"
    events.write_text(f"{to_json(example_line('SessionStarted'))}\n" * 1001, "utf-8")
    code, shown = at_a_terminal(office, "append", str(events), output=out)
    assert code == 0
    assert shown.splitlines() == [
        "",
        "1000/1001",
        "1001/1001",
        "counted 1001, held 0, rejected 0, unknown 0",
    ]
    assert len(out.read_text("utf-8").splitlines()) == 1001


def test_a_no_does_nothing_and_ends_with_1(office: Office) -> None:
    args = ("key", "end", "ab" * 32, "--ending", "ROTATED")
    code, shown = at_a_terminal(office, *args, typed=b"n\n")
    assert code == 1
    assert "cannot be undone. Go on? [y/N]" in shown
    assert "NOT_CONFIRMED  not confirmed; nothing was done" in shown
    assert office.running.recording.requests == []


def test_a_name_and_a_number_are_asked_for(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    typed = "王小明\n320599199001010011\n".encode()
    code, shown = at_a_terminal(office, "person", "register", "--json", typed=typed, output=out)
    assert code == 0
    assert "Name: " in shown
    assert "ID number: " in shown
    assert out.read_text("utf-8").startswith('{"person_ref":"')
