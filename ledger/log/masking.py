"""How a name and an ID number look on a certificate, which anyone may see.

Masked, never hashed: a Chinese ID number (GB 11643) has about 7·10^10 possible values, so a hash
of it, with whatever public salt, is undone in a minute.
"""

import re
from typing import Final

from ledger.log.errors import FormatError

MASK: Final = "*"

_LONG: Final = 15
_SHORT: Final = 7
_MAX_LENGTH: Final = 100
_ID_NUMBER: Final = re.compile(r"[0-9A-Za-z()/-]{1,40}")
# Between the parts of minority and foreign names; they stay, so that a name keeps its shape.
_SEPARATORS: Final = frozenset(" ·•・‧.-")
_PLAIN_NAME: Final = 3


def mask_name(name: str) -> str:
    """A name with its first character, and from three on also its last: `王*明`, `李*`, `*`.

    In a name of several parts (阿卜杜拉·买买提, John Smith) only the first character and the
    separators stay: `阿***·***`.

    Raises:
        FormatError: empty, longer than 100 characters, or without any letter.
    """
    text = name.strip()
    if not text.strip("".join(_SEPARATORS)) or len(text) > _MAX_LENGTH or not text.isprintable():
        raise FormatError(f"a name must be 1 to {_MAX_LENGTH} printable characters")
    if MASK in text:
        raise FormatError("the name is masked already")
    if len(text) == 1:
        return MASK
    if _SEPARATORS.isdisjoint(text):
        last = text[-1] if len(text) >= _PLAIN_NAME else MASK
        return text[0] + MASK * (len(text) - 2) + last
    return text[0] + "".join(letter if letter in _SEPARATORS else MASK for letter in text[1:])


def mask_id_number(number: str) -> str:
    """An ID number with its first four and last two characters: `3205************1X`.

    That shows region and check character of a Chinese ID number, and nothing of the birth date.
    Shorter numbers (passports) show the first and the last two; below seven characters, nothing.

    Raises:
        FormatError: empty, longer than 40 characters, or not letters, digits and `()/-`.
    """
    if not _ID_NUMBER.fullmatch(number):
        raise FormatError("an ID number must be 1 to 40 letters and digits")
    length = len(number)
    if length >= _LONG:
        return number[:4] + MASK * (length - 6) + number[-2:]
    if length >= _SHORT:
        return number[:1] + MASK * (length - 3) + number[-2:]
    return MASK * length
