"""Check digits of the numbers that a training record rests on.

Resident identity numbers: GB 11643-1999, ISO/IEC 7064 MOD 11-2. Unified social credit codes:
GB 32100-2015, weights 3^(i-1) modulo 31 over an alphabet without I, O, S, V and Z.
"""

from datetime import date
from typing import Final

ID_LENGTH: Final = "ID_LENGTH"
ID_CHARACTERS: Final = "ID_CHARACTERS"
ID_BIRTH_DATE: Final = "ID_BIRTH_DATE"
ID_CHECK_DIGIT: Final = "ID_CHECK_DIGIT"

_DIGITS: Final = frozenset("0123456789")
_RESIDENT_LENGTH: Final = 18
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_BODY: Final = 17
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}


def check_resident_id(number: str) -> str:
    """Return what is wrong with a resident identity number, or an empty string.

    Args:
        number: 18 characters: region (6), birth date (8), sequence (3), check digit (0-9 or X).

    Returns:
        `ID_LENGTH`, `ID_CHARACTERS`, `ID_BIRTH_DATE`, `ID_CHECK_DIGIT` or "". Whether the region is
        assigned is not looked up, so that synthetic numbers (region 320599) pass.
    """
    if len(number) != _RESIDENT_LENGTH:
        return ID_LENGTH
    body, check = number[:-1], number[-1]
    if not _DIGITS.issuperset(body) or check not in _RESIDENT_CHECKS:
        return ID_CHARACTERS
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return ID_BIRTH_DATE
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return "" if _RESIDENT_CHECKS[total % 11] == check else ID_CHECK_DIGIT


def credit_code_check(body: str) -> str:
    """Return the check character of the first 17 characters of a unified social credit code.

    Returns:
        One character, or an empty string when `body` has another length or a character outside the
        alphabet of GB 32100-2015.
    """
    if len(body) != _CREDIT_BODY or not all(character in _CREDIT_VALUES for character in body):
        return ""
    total = sum(
        _CREDIT_VALUES[character] * pow(3, position, 31) for position, character in enumerate(body)
    )
    return _CREDIT_ALPHABET[-total % 31]


def credit_code_ok(code: str) -> bool:
    """Tell whether a unified social credit code has 18 characters and the right check character."""
    return len(code) == _CREDIT_BODY + 1 and credit_code_check(code[:-1]) == code[-1]
