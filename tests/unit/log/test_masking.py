"""Masked names and ID numbers, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.masking import mask_id_number, mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("欧阳娜娜", "欧**娜"),
        ("李四", "李*"),
        ("李", "*"),
        (" 王小明 ", "王*明"),
        ("阿卜杜拉·买买提", "阿***·***"),
        ("John Smith", "J*** *****"),
    ],
)
def test_a_name_shows_its_ends_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize("name", ["", "  ", "·", "王*明", "王\n明", "王" * 101])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        mask_name(name)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("32059919900101001X", "3205************1X"),
        ("320599900101001", "3205*********01"),
        ("E12345678", "E******78"),
        ("123456", "******"),
    ],
)
def test_an_id_number_shows_region_and_end_only(number: str, masked: str) -> None:
    assert mask_id_number(number) == masked


@given(st.dates())
def test_the_birth_date_never_shows(birth: object) -> None:
    digits = str(birth).replace("-", "")
    masked = mask_id_number(f"320599{digits}001X")
    assert masked[4:16] == "*" * 12


@pytest.mark.parametrize("number", ["", "3205 99", "三二零五", "3205************1X", "1" * 41])
def test_what_is_no_id_number_is_refused(number: str) -> None:
    with pytest.raises(FormatError):
        mask_id_number(number)
