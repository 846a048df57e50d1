"""Tables stand aligned with Chinese in them, and nobody's name moves the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.output import cut, day, fields, local_time, one_line, pad, table, to_json, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("低压电工", 8),
        ("王*明", 5),
        ("（一）", 6),
        ("𬱖", 2),
        ("䶮㛃", 4),
        ("e\u0301", 1),
        ("a\u200db", 2),
        ("✔", 1),
        ("", 0),
    ],
)
def test_width_is_that_of_a_terminal(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(pad(text, 10)) == 10


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("低压电工", 8, "低压电工"),
        ("低压电工作业", 8, "低压电…"),
        ("低压电工作业", 9, "低压电…"),
        ("abcdef", 5, "abc…"),
        ("", 2, ""),
    ],
)
def test_a_long_text_is_cut_by_columns(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown
    assert width(shown) <= columns


def test_a_table_is_aligned_by_columns_and_numbers_stand_to_the_right() -> None:
    assert table(["名称", "n", "x"], [("低压电工", 7, "a"), ("ab", 148, "")]) == (
        "名称        n  x\n低压电工    7  a\nab        148"
    )


def test_a_table_without_rows_has_its_heads() -> None:
    assert table(["a", "b"], []) == "a  b"


def test_fields_are_aligned() -> None:
    assert fields([("编号", "1"), ("a", ""), ("Log", "x")]) == "编号  1\na\nLog   x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[31mred", "?[2J?[31mred"),
        ("two\nlines\tand", "two lines and"),
        ("\u202ereversed", "?reversed"),
        ("a\u2028b", "a?b"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
    ],
)
def test_a_text_of_others_stays_on_its_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text())
def test_no_text_keeps_a_control_character(text: str) -> None:
    assert all(ord(c) >= 32 and ord(c) != 127 for c in one_line(text))


def test_times_are_of_shanghai_and_absent_ones_are_empty() -> None:
    assert local_time(1_775_005_500_000_000) == "2026-04-01 09:05:00"
    assert local_time(0) == ""
    assert (day(20260302), day(0)) == ("2026-03-02", "")


def test_json_keeps_chinese_and_stays_on_one_line() -> None:
    assert to_json({"名": "王\n明", "n": 1}) == '{"名":"王\\n明","n":1}'
