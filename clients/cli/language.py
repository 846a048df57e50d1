"""The two languages of the command line: Chinese and English, and which of them to speak."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

VARIABLE: Final = "TLEDGER_LANG"
# The order in which POSIX has programs look for the language of messages.
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


class Text(NamedTuple):
    """The same words in Chinese and in English."""

    zh: str
    en: str


class Language(StrEnum):
    """A language to speak."""

    ZH = "zh"
    EN = "en"

    def of(self, text: Text) -> str:
        """Return a text in this language."""
        return text.zh if self is Language.ZH else text.en


def chosen_language(option: str | None, environment: Mapping[str, str]) -> Language:
    """Return the language to speak.

    Args:
        option: What the command line says; None when it says nothing.
        environment: Environment variables: TLEDGER_LANG, then those of the locale.
    """
    for wanted in (option, environment.get(VARIABLE)):
        if wanted in tuple(Language):
            return Language(wanted)
    locale = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
