"""The newcomer's first command tells its story to the end, on either database."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def demo(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "ledger.main", "demo", "--keep", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_story(story: str) -> None:
    short = story.index("certificate prepare")
    assert "58" in story[short : story.index("certificate issue", short)]
    offline = story.index("verify PXZM-")
    assert re.search(r"✔ (有效|Valid)", story[offline : story.index("verify edited.json")])
    assert re.search(r"✖ (查无此证|No such record)", story[story.index("verify edited.json") :])
    assert "quorum none" in story
    edited = re.search(r"the score of entry (\d+) is edited", story)
    assert edited is not None
    assert f"first bad entry {edited.group(1)}:" in story[edited.end() :]


def test_the_demo_runs_on_sqlite(tmp_path: Path) -> None:
    check_story(demo(tmp_path))
    assert (tmp_path / "home" / "ledger.sqlite3").exists()


def test_the_demo_runs_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check_story(demo(tmp_path, "--database", postgres_url))
    assert not (tmp_path / "home" / "ledger.sqlite3").exists()


def test_a_database_that_holds_a_log_is_left_alone(tmp_path: Path, postgres_url: str) -> None:
    demo(tmp_path / "first", "--database", postgres_url, "--learners", "2")
    again = [sys.executable, "-m", "ledger.main", "demo", "--database", postgres_url]
    done = subprocess.run(again, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "holds a log already" in done.stderr
    assert "Traceback" not in done.stderr
