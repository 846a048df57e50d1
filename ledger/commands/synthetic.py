"""Made-up persons and parties: region 320599 is not assigned, check digits are right."""

from dataclasses import dataclass
from typing import Final

from ledger.domain.check_digits import check_resident_id, credit_code_check

REGION: Final = "320599"
_NAMES: Final = (
    "王晓明",
    "李䶮",
    "欧阳建国",
    "阿卜杜拉·买买提",
    "陈·立",
    "赵小兰",
    "钱学文",
    "孙思远",
)


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """A person who does not exist."""

    name: str
    id_number: str


def synthetic_person(number: int) -> SyntheticPerson:
    """Return the person with this number, 0 to 9,999."""
    day, sequence = 1 + number % 28, 1 + number // 28
    body = f"{REGION}199{number % 10}{1 + number % 12:02}{day:02}{sequence:03}"
    check = next(digit for digit in "0123456789X" if not check_resident_id(body + digit))
    return SyntheticPerson(_NAMES[number % len(_NAMES)], body + check)


def synthetic_credit_code(kind: str, number: int) -> str:
    """Return a credit code on the unassigned region.

    Args:
        kind: Two characters: `91` for an enterprise, `11` for a bureau.
        number: 0 to 999,999,999.
    """
    body = f"{kind}{REGION}{number:09}"
    return body + credit_code_check(body)
