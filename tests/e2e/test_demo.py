"""The newcomer's first command plays its three acts to the end, on either database."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def demo(folder: Path, language: str, *options: str) -> dict[str, str]:
    """Return what is told under each English heading."""
    command = [sys.executable, "-m", "ledger.main", "demo", "--keep", str(folder), *options]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
        env={**os.environ, "TLEDGER_LANG": language},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = re.split(r"^── [^\n]* / ([^\n]*)$", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def counts(text: str) -> list[list[int]]:
    """Return the figures of each `send`: on disk, in the ledger, new, before."""
    figures = re.findall(r"^ +(\d+)  \S+ / (?:on disk|entries|recorded)", text, re.MULTILINE)
    return [[int(figure) for figure in figures[at : at + 4]] for at in range(0, len(figures), 4)]


def check_class(told: dict[str, str]) -> None:
    crash = told["A terminal goes offline, dies, comes back 26 min fast"]
    assert re.search(r"^\$ kill -9 \d+$", crash, re.MULTILINE)
    # 10 were delivered before the line was cut, 4 and 11 are on disk alone.
    assert counts(told["Back online, the backlog is sent twice"]) == [
        [25, 25, 15, 10],
        [25, 25, 0, 25],
    ]
    lists = told["Held: on record, and counting for nothing yet"].split("$ tledger held list")
    codes = [re.findall(r"CLOCK_AHEAD|ENROLMENT_NOT_OPEN", text) for text in lists[1:]]
    # The end of the session and all sign-outs; of two learners both sign-in and sign-out.
    assert [len(found) for found in codes] == [13, 11, 0]
    assert [found.count("ENROLMENT_NOT_OPEN") for found in codes] == [4, 0, 0]
    power = told["Twenty minutes without power: minutes less"]
    assert re.findall(r"\d+→\d+ (?:min|分钟)", power)[0].startswith("2645→2475")
    assert re.findall(r"\d+→\d+ (?:min|分钟)", power)[1].startswith("2475→2625")
    paper = told["A paper roll, a mistyped score: two persons"]
    assert len(re.findall("LearnerSigned(?:In|Out)", paper)) == 2
    assert len(re.findall("RecordCorrected", paper)) == 1
    assert not re.search("device's chain|设备链", paper)


def check_officer(told: dict[str, str]) -> None:
    refused = told["Refused, with every reason"]
    assert "HOURS_SHORT" in refused
    assert "TEST_NOT_PASSED" in refused
    assert re.search(r"credited 58\n", refused)
    waiting = told["Made up in another institution's class"].split("$ tledger held list")[1:]
    assert [text.count("GUEST_NOT_PLANNED") for text in waiting] == [2, 0]
    signs = re.findall(
        r"^[✔✖] ", told["A forgery with the same number, and an edited file"], re.MULTILINE
    )
    assert signs == ["✔ ", "✖ ", "✖ "]
    explained = told["Which events make these 148 hours"]
    assert "148/148" in explained
    shown = re.search(r"^\$ tledger log prove (\d+) ", explained, re.MULTILINE)
    assert shown is not None
    assert f"\nindex {shown.group(1)}\n" in explained
    revoked = told["Revoked, and verified with the old and the new status"]
    verdicts = re.findall(r"^[✔✖] (?:有效|Valid|无效|Not valid)", revoked, re.MULTILINE)
    assert [verdict[0] for verdict in verdicts] == ["✔", "✖"]


def check_auditor(told: dict[str, str]) -> None:
    apart = told["From then to now: what became known, was corrected"]
    # Each of the 13 that were held counts; one score was corrected.
    assert len(re.findall("held before, counts now|由挂起转为计入", apart)) == 13
    assert len(re.findall(r"(?:corrected by|被) #\d+", apart)) == 1
    assert len(re.findall("from paper|纸质转录", apart)) == 2
    now, then = told["The cohort file as it is now"], told["The cohort file as it was known then"]
    assert [len(re.findall(r" 60/60 ", text)) for text in (now, then)] == [8, 0]
    assert [len(re.findall(r" 56/60 ", text)) for text in (now, then)] == [0, 6]
    edited = re.search(
        r"the score of entry (\d+) is edited(.*)",
        told["One row edited in the database"],
        re.DOTALL,
    )
    assert edited is not None
    assert f"first bad entry {edited.group(1)}:" in edited.group(2)
    alone = told["An empty folder, no server: it still verifies"]
    assert re.search(r"^✔ (有效|Valid)", alone, re.MULTILINE)
    assert "quorum none" in alone


def check(told: dict[str, str]) -> None:
    check_class(told)
    check_officer(told)
    check_auditor(told)


def test_the_demo_runs_on_sqlite(tmp_path: Path) -> None:
    check(demo(tmp_path, "en"))
    assert (tmp_path / "home" / "ledger.sqlite3").exists()


def test_the_demo_runs_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(demo(tmp_path, "zh", "--database", postgres_url))
    assert not (tmp_path / "home" / "ledger.sqlite3").exists()


def test_a_database_that_holds_a_log_is_left_alone(tmp_path: Path, postgres_url: str) -> None:
    demo(tmp_path / "first", "en", "--database", postgres_url, "--learners", "5")
    again = [sys.executable, "-m", "ledger.main", "demo", "--database", postgres_url]
    done = subprocess.run(
        [*again, "--keep", str(tmp_path / "second")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "holds a log already" in done.stderr
    assert "Traceback" not in done.stderr
