"""Certificate numbers and ISO/IEC 7064 MOD 37,36."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.certificate_numbers import CROCKFORD, check_character, check_number, new_number
from ledger.log.errors import FormatError

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLACES = [place for place, character in enumerate(NUMBER) if place > 4 and character != "-"]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        # p = 36, s = (36 + 0) mod 36 = 0, so 36; p = 72 mod 37 = 35; 37 - 35 = 2.
        ("0", "2"),
        # s = (36 + 1) mod 36 = 1; p = 2; 37 - 2 = 35.
        ("1", "Z"),
        # s = (36 + 10) mod 36 = 10; p = 20; 37 - 20 = 17.
        ("A", "H"),
        # s = 35, p = 70 mod 37 = 33; s = (33 + 3) mod 36 = 0, so 36; p = 35; 37 - 35 = 2.
        ("Z3", "2"),
        # The example of the Global Release Identifier, which uses MOD 37,36: A1-2425G-ABC1234002-M.
        ("A12425GABC1234002", "M"),
    ],
)
def test_check_characters_computed_by_hand(text: str, check: str) -> None:
    assert check_character(text) == check


def test_a_number_is_accepted_with_its_own_check_character_alone() -> None:
    # Its last four steps from p = 11, for 9, T, 3, H: s 20, p 3; s 32, p 27; s 30, p 23; s 4, p 8;
    # and 37 - 8 = 29, a T.
    assert check_number(NUMBER) == NUMBER
    for character in ALPHABET.replace("T", ""):
        with pytest.raises(FormatError, match="check character"):
            check_number(NUMBER[:-1] + character)


@pytest.mark.parametrize(
    "number",
    [
        "",
        NUMBER[:-2],
        NUMBER + "\n",
        " " + NUMBER,
        NUMBER.lower(),
        NUMBER.replace("-", ""),
        NUMBER.replace("PXZM", "PXZN"),
        NUMBER.replace("320599", "32059"),
        NUMBER.replace("2026", "2O26"),
        NUMBER.replace("K7Q2", "K7I2"),
        NUMBER.replace("K7Q2", "K7L2"),
        NUMBER.replace("K7Q2", "K7O2"),
        NUMBER.replace("K7Q2", "K7U2"),
        NUMBER.replace("2026", "２０２６"),
        NUMBER.replace("-T", "-t"),
    ],
)
def test_another_form_is_refused(number: str) -> None:
    with pytest.raises(FormatError, match="of the form"):
        check_number(number)


@given(st.sampled_from(PLACES), st.sampled_from(ALPHABET))
def test_one_character_that_was_misread_is_always_found(place: int, character: str) -> None:
    wrong = NUMBER[:place] + character + NUMBER[place + 1 :]
    if wrong != NUMBER:
        with pytest.raises(FormatError):
            check_number(wrong)


@given(st.integers(5, len(NUMBER) - 2))
def test_two_neighbours_that_were_swapped_are_always_found(place: int) -> None:
    swapped = NUMBER[:place] + NUMBER[place + 1] + NUMBER[place] + NUMBER[place + 2 :]
    if swapped != NUMBER:
        with pytest.raises(FormatError):
            check_number(swapped)


def test_a_new_number_is_well_formed_and_another_each_time() -> None:
    numbers = {new_number("320599", 2026) for _ in range(50)}
    assert len(numbers) == 50
    form = re.compile(f"PXZM-320599-2026(-[{CROCKFORD}]{{4}}){{3}}-[{ALPHABET}]")
    for number in numbers:
        assert form.fullmatch(number)
        assert check_number(number) == number
