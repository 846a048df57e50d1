"""Check digits of GB 11643 and GB 32100, computed by hand; region 320599 is assigned to nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.check_digits import (
    ID_BIRTH_DATE,
    ID_CHARACTERS,
    ID_CHECK_DIGIT,
    ID_LENGTH,
    check_resident_id,
    credit_code_check,
    credit_code_ok,
)

RESIDENT_CHECKS = "0123456789X"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2. Region 320599 gives 21+18+0+25+72+36 = 172; the birth
# date 1990-01-01 2+9+54+0 + 0+9 + 0+5 = 79, together 251; 2000-02-29 4+0+0+0 + 0+18 + 20+45 = 87,
# together 259. The sequence adds to that; the remainder modulo 11 picks from 1 0 X 9 8 7 6 5 4 3 2.
RIGHT = [
    "320599199001010011",  # 251 + 2 = 253 = 23 * 11 + 0
    "32059919900101002X",  # 251 + 4 = 255 = 23 * 11 + 2
    "320599199001010038",  # 251 + 6 = 257 = 23 * 11 + 4
    "320599200002290014",  # 259 + 2 = 261 = 23 * 11 + 8
]
# Weights 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28; A = 10, M = 21, Y = 30.
CREDIT_CODES = [
    # 9+3+27+135+0+26+0+0+420+0+0+0+8+0+0+900+112 = 1640 = 52 * 31 + 28, and 31 - 28 = 3.
    ("91350100M000100Y4", "3"),
    # 9+3+27+54+0+130+144+153 and 28 for the last character: 548 = 17 * 31 + 21, and 31 - 21 = 10.
    ("91320599000000001", "A"),
    # Nothing but zeros: 31 - 0 is written as 0.
    ("00000000000000000", "0"),
]


@pytest.mark.parametrize("number", RIGHT)
def test_a_number_computed_by_hand_is_right_and_no_other_check_digit_is(number: str) -> None:
    assert check_resident_id(number) == ""
    for check in RESIDENT_CHECKS.replace(number[-1], ""):
        assert check_resident_id(number[:-1] + check) == ID_CHECK_DIGIT


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", ID_LENGTH),
        ("32059919900101001", ID_LENGTH),
        ("3205991990010100111", ID_LENGTH),
        ("320599900101001", ID_LENGTH),  # 15 digits, as issued before 1999
        ("32059919900101002x", ID_CHARACTERS),
        ("3205991990010100X1", ID_CHARACTERS),
        ("32059919900101 011", ID_CHARACTERS),
        ("32059919900101001１", ID_CHARACTERS),
        ("３20599199001010011", ID_CHARACTERS),
        ("320599199013010011", ID_BIRTH_DATE),
        ("320599190002290014", ID_BIRTH_DATE),  # 1900 was no leap year
        ("320599000001010011", ID_BIRTH_DATE),
        ("320599199001100011", ID_CHECK_DIGIT),  # day 01 written as 10
    ],
)
def test_a_number_with_a_fault_is_told_which(number: str, problem: str) -> None:
    assert check_resident_id(number) == problem


@given(
    st.sampled_from(RIGHT),
    st.sampled_from([0, 1, 2, 3, 4, 5, 14, 15, 16]),
    st.sampled_from("0123456789"),
)
def test_one_digit_that_was_misread_is_always_found(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assert check_resident_id(wrong) == ("" if wrong == number else ID_CHECK_DIGIT)


@pytest.mark.parametrize(("body", "check"), CREDIT_CODES)
def test_a_credit_code_has_the_check_character_computed_by_hand(body: str, check: str) -> None:
    assert credit_code_check(body) == check
    for character in CREDIT_ALPHABET + "IOSVZ":
        assert credit_code_ok(body + character) == (character == check)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100m000100Y43",
        "91350100I000100Y43",
        "91350100M00010OY43",
        "９1350100M000100Y43",
        "91350100M000100Y4３",
    ],
)
def test_what_is_no_credit_code_is_refused(code: str) -> None:
    assert not credit_code_ok(code)


@pytest.mark.parametrize("body", ["", "9" * 16, "9" * 18, "9135010OM000100Y4", "9" * 16 + "９"])
def test_what_is_no_body_of_a_credit_code_has_no_check_character(body: str) -> None:
    assert credit_code_check(body) == ""


@given(st.sampled_from(CREDIT_CODES), st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_one_character_of_a_credit_code_that_was_misread_is_always_found(
    code: tuple[str, str], place: int, character: str
) -> None:
    body, check = code
    wrong = body[:place] + character + body[place + 1 :]
    assert credit_code_ok(wrong + check) == (wrong == body)
