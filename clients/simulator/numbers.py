"""Numbers and names of persons and parties that do not exist, check digits right.

The region 320599 is not assigned. Identity numbers: GB 11643-1999 (ISO/IEC 7064 MOD 11-2). Unified
social credit codes: GB 32100-2015 (weights 3^(i-1) modulo 31).
"""

from random import Random
from typing import Final

REGION: Final = "320599"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚英"
_RARE: Final = ("欧阳建国", "阿卜杜拉·买买提", "李䶮", "司马青")
_RARE_SHARE: Final = 0.02


def resident_id(year: int, month: int, day: int, sequence: int) -> str:
    """Return an identity number of 18 characters.

    Args:
        year: Year of birth.
        month: Month of birth.
        day: Day of birth.
        sequence: 0 to 999; odd for men, even for women.
    """
    body = f"{REGION}{year:04}{month:02}{day:02}{sequence:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


def credit_code(kind: str, number: int) -> str:
    """Return a unified social credit code of 18 characters.

    Args:
        kind: Two characters: `91` for an enterprise, `12` for a public institution.
        number: 0 to 999,999,999.
    """
    body = f"{kind}{REGION}{number:09}"
    values = (_ALPHABET.index(character) for character in body)
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values))
    return body + _ALPHABET[-total % 31]


def person_name(random: Random) -> str:
    """Return a name from the list, now and then one that strains what prints it."""
    if random.random() < _RARE_SHARE:
        return random.choice(_RARE)
    return random.choice(_SURNAMES) + "".join(random.choices(_GIVEN, k=random.choice((1, 2))))
