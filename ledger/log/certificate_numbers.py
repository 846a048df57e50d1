"""Certificate numbers (docs/formats.md section 2), checked with ISO/IEC 7064 MOD 37,36.

`PXZM-320599-2026-K7Q2-M4XB-9T3H-T`: region (GB/T 2260), year, twelve random Crockford base32
characters (60 bits), check character.
"""

import re
import secrets

from ledger.log.errors import FormatError

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GROUP = "([0-9A-HJKMNP-TV-Z]{4})"
_NUMBER = re.compile(rf"PXZM-([0-9]{{6}})-([0-9]{{4}})-{_GROUP}-{_GROUP}-{_GROUP}-([0-9A-Z])")


def check_character(text: str) -> str:
    """Return the ISO/IEC 7064 MOD 37,36 check character of `text` over `0-9A-Z`."""
    product = 36
    for character in text:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def new_number(region: str, year: int) -> str:
    """Return a new number for a region of six digits and a year."""
    serial = "".join(secrets.choice(CROCKFORD) for _ in range(12))
    check = check_character(f"{region}{year:04d}{serial}")
    return f"PXZM-{region}-{year:04d}-{serial[:4]}-{serial[4:8]}-{serial[8:]}-{check}"


def check_number(number: str) -> str:
    """Return `number` when it is well formed and its check character is right.

    Raises:
        FormatError: when it is not.
    """
    match = _NUMBER.fullmatch(number)
    if match is None:
        message = "not of the form PXZM-rrrrrr-yyyy-xxxx-xxxx-xxxx-c"
        raise FormatError(message)
    *parts, check = match.groups()
    if check_character("".join(parts)) != check:
        message = "the check character does not fit: a character is wrong or two are swapped"
        raise FormatError(message)
    return number
