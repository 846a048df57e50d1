"""A cohort's past on the command line: moments, the timeline, two moments apart."""

from datetime import UTC, datetime, timedelta

import pytest

from clients.cli.event_json import BodyError
from clients.cli.moments import read_moment
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.verifier.small_log import COHORT, ENROLMENT

MICROSECOND = timedelta(microseconds=1)


def test_a_day_is_over_at_midnight_in_shanghai() -> None:
    midnight = datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert read_moment("2026-03-16") == midnight - MICROSECOND
    assert read_moment("2026-03-17T00:00+08:00") == midnight
    for text in ("2026-03-16T12:00", "2026-13-01", "tomorrow", ""):
        with pytest.raises(BodyError):
            read_moment(text)


def test_a_file_is_asked_for_as_of_an_index(office: Office) -> None:
    asked = office.tledger("cohort", "file", str(COHORT), "--as-of-index", "5", "--json")
    assert documents(asked)[0]["events"] == 5
    now = office.tledger("cohort", "file", str(COHORT), "--json")
    assert documents(now)[0]["events"] == 17


@pytest.mark.parametrize("command", ["show", "file"])
def test_moments_that_are_none_are_misuse(command: str, office: Office) -> None:
    for options in (
        ("--as-of-index", "5", "--as-known-on", "2026-03-16"),
        ("--as-of-index", "-1"),
        ("--as-known-on", "2026-03-16T12:00"),
        ("--as-happened-by", "yesterday"),
    ):
        result = office.tledger("cohort", command, str(COHORT), *options, "--json")
        assert (result.exit_code, error(result)["code"]) == (64, "USAGE")
    both = ("--as-happened-by", "2026-03-16", "--as-known-on", "2026-03-16T12:00+08:00")
    assert office.tledger("cohort", command, str(COHORT), *both).exit_code == 0


def test_a_replay_is_a_line_for_each_step(office: Office) -> None:
    lines = office.tledger("cohort", "replay", str(COHORT), "--lang", "en").stdout.splitlines()
    assert len(lines) == 6
    assert lines[0].split()[:2] == ["Index", "Recorded"]
    assert lines[4].endswith("from paper  held CLOCK_AHEAD; about #1; practical 0→2 h (0→95 min)")
    assert str(ENROLMENT)[:8] in lines[4]
    assert str(ENROLMENT) not in lines[4]
    found = documents(office.tledger("cohort", "replay", str(COHORT), "--from", "3", "--json"))
    assert [each["event"]["index"] for each in found] == [3, 4]
    assert found[0]["hours"][0]["enrolment"] == str(ENROLMENT)
    chinese = office.tledger("cohort", "replay", str(COHORT), "--lang", "zh").stdout
    assert "挂起 CLOCK_AHEAD; 针对 #1; 实操 0→2 学时（0→95 分钟）" in chinese


def test_a_difference_says_what_became_known_and_what_it_changed(office: Office) -> None:
    result = office.tledger("cohort", "diff", str(COHORT), "3", "8", "--lang", "en")
    text = result.stdout
    assert text.startswith("log size 3 → 8\n")
    assert "became known; voided by #4; late; held CLOCK_AHEAD; about #1" in text
    assert "and 8 more" in text
    assert f"Hours\n{str(ENROLMENT)[:8]} practical 0→2 h (0→95 min)" in text
    assert "Documents added\n#2 04-roster" in text
    assert "Certificates\nnone → PXZM-1 valid" in text


@pytest.mark.parametrize(
    "moment", ["recorded:2026-03-16T12:00+08:00", "happened:2026-03-16", "2026-03-16", "0"]
)
def test_a_difference_takes_moments_of_both_clocks(moment: str, office: Office) -> None:
    assert office.tledger("cohort", "diff", str(COHORT), moment).exit_code == 0


@pytest.mark.parametrize("moment", ["recorded:", "happened:noon", "x", str(2**53), "-1"])
def test_a_difference_of_what_is_no_moment_is_misuse(moment: str, office: Office) -> None:
    result = office.tledger("cohort", "diff", str(COHORT), moment)
    assert result.exit_code == 64
