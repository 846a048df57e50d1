"""How the values of a refusal read: roles, review stages and hours in words, ids as they are typed.

A refusal keeps the values themselves, for programs; people get these in their language.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

_WORDS: Final[Mapping[str, Mapping[object, tuple[str, str]]]] = MappingProxyType(
    {
        "role": {
            "institution": ("培训机构", "training institution"),
            "bureau": ("应急管理局", "bureau"),
            "exam_body": ("考试机构", "exam body"),
            "platform": ("线上平台", "online platform"),
        },
        "stage": {"COUNTY": ("县", "county's"), "CITY": ("市", "city's")},
        "component": {
            "theory": ("理论", "theory"),
            "theory_offline": ("线下理论", "theory in a classroom"),
            "theory_online": ("线上理论", "theory online"),
            "practical": ("实操", "practical work"),
            "total": ("合计", "the total"),
        },
    }
)
_IDS: Final = frozenset({"party", "report"})
_ID_DIGITS: Final = 32


def readable(values: Mapping[str, object], language: str) -> dict[str, object]:
    """Return the values of a refusal as `zh` or `en` shows them; what has no words stays."""
    return {name: _shown(name, value, language) for name, value in values.items()}


def _shown(name: str, value: object, language: str) -> object:
    if name in _IDS and isinstance(value, str) and len(value) == _ID_DIGITS:
        return UUID(hex=value)
    words = _WORDS.get(name, {}).get(value)
    return value if words is None else words[language != "zh"]
