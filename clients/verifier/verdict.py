"""Verdicts: the five words in which every check of a certificate ends, and what stands behind them.

The vocabulary and its rules are the same on every screen, in the command line and in the SDK. A
positive verdict needs every answer; a proven negative outranks a missing one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Word(StrEnum):
    """The five verdicts."""

    VALID = "valid"
    ATTENTION = "attention"
    NOT_VALID = "not_valid"
    FORGED = "forged"
    UNCHECKED = "unchecked"


class SubState(StrEnum):
    """Why a certificate is not valid, the gravest first."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class CheckName(StrEnum):
    """The five checks, in the order in which they are shown."""

    CONTENT = "content"
    RECORDED = "recorded"
    STATUS = "status"
    ISSUER = "issuer"
    WITNESSED = "witnessed"


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    ATTENTION = "attention"
    FAILED = "failed"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check behind the verdict, with one sentence."""

    name: CheckName
    outcome: Outcome
    text: Text


CHECK_LABELS: Final[Mapping[CheckName, Text]] = MappingProxyType(
    {
        CheckName.CONTENT: Text("内容未改动", "Content unchanged"),
        CheckName.RECORDED: Text("已入账", "Recorded in the ledger"),
        CheckName.STATUS: Text("未撤销", "Status"),
        CheckName.ISSUER: Text("签发机构可信", "Issuer trusted"),
        CheckName.WITNESSED: Text("见证", "Witnessed"),
    }
)
_WORDS: Final[Mapping[Word, Text]] = MappingProxyType(
    {
        Word.VALID: Text("有效", "Valid"),
        Word.ATTENTION: Text("需注意", "Valid, attention"),
        Word.NOT_VALID: Text("无效", "Not valid"),
        Word.FORGED: Text("查无此证，疑似伪造", "No such record, possibly forged"),
        Word.UNCHECKED: Text("暂时无法核验", "Could not check"),
    }
)
_SUB_STATES: Final[Mapping[SubState, Text]] = MappingProxyType(
    {
        SubState.REVOKED: Text("已撤销", "revoked"),
        SubState.SUSPENDED: Text("已暂停", "suspended"),
        SubState.SUPERSEDED: Text("已换发", "superseded"),
        SubState.EXPIRED: Text("已过期", "expired"),
    }
)
_NEXT_STEPS: Final[Mapping[Word, Text]] = MappingProxyType(
    {
        Word.VALID: Text(
            "请核对持证人与证书所载是否为同一人。",
            "Check that the person before you is the one that the certificate names.",
        ),
        Word.ATTENTION: Text(
            "可以采信，请先看标“注意”的一项。",
            "It may be relied on; read the item marked attention first.",
        ),
        Word.NOT_VALID: Text(
            "不要采信此证；如有异议，请向签发机构或应急管理部门查询。",
            "Do not rely on it; for objections ask the issuer or the emergency management bureau.",
        ),
        Word.FORGED: Text(
            "不要采信此证，请保留文件并向应急管理部门举报。",
            "Do not rely on it; keep the file and report it to the emergency management bureau.",
        ),
        Word.UNCHECKED: Text(
            "不要据此认定有效或无效；请取得最新的状态文件后重新核验。",
            "This says neither valid nor not valid; get the newest status file and check again.",
        ),
    }
)
_EXIT_CODES: Final[Mapping[Word, int]] = MappingProxyType(
    {Word.VALID: 0, Word.ATTENTION: 0, Word.NOT_VALID: 1, Word.FORGED: 1, Word.UNCHECKED: 2}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is this certificate real and good?".

    Attributes:
        word: One of the five verdicts.
        sub_state: Why it is not valid; None for the other verdicts.
        checks: The five checks in order.
        number: The certificate's number as its file states it; None when it could not be read.
        as_of_us: Moment of the status that the verdict rests on, microseconds since 1970 UTC; None
            when no status was proven.
        levels: What is known without any network, the lowest level first.
        successor: Number of the certificate that replaces it; None unless it is not valid.
    """

    word: Word
    sub_state: SubState | None
    checks: tuple[Check, ...]
    number: str | None
    as_of_us: int | None
    levels: tuple[Text, ...]
    successor: str | None = None

    @property
    def text(self) -> Text:
        """The verdict in words."""
        text = _WORDS[self.word]
        if self.sub_state is None:
            return text
        why = _SUB_STATES[self.sub_state]
        return Text(f"{text.zh}：{why.zh}", f"{text.en}: {why.en}")

    @property
    def next_step(self) -> Text:
        """What to do now."""
        return _NEXT_STEPS[self.word]

    @property
    def exit_code(self) -> int:
        """Exit status of the command line: 0 positive, 1 proven negative, 2 could not check."""
        return _EXIT_CODES[self.word]

    def check(self, name: CheckName) -> Check:
        """Return one of the five checks."""
        return next(check for check in self.checks if check.name is name)

    def to_json(self) -> dict[str, object]:
        """Return the verdict as a JSON object."""
        return {
            "verdict": self.word.value,
            "sub_state": None if self.sub_state is None else self.sub_state.value,
            "verdict_zh": self.text.zh,
            "verdict_en": self.text.en,
            "number": self.number,
            "successor": self.successor,
            "status_as_of_us": self.as_of_us,
            "checks": [
                {
                    "name": check.name.value,
                    "outcome": check.outcome.value,
                    "detail_zh": check.text.zh,
                    "detail_en": check.text.en,
                }
                for check in self.checks
            ],
            "levels": [{"zh": level.zh, "en": level.en} for level in self.levels],
            "next_step_zh": self.next_step.zh,
            "next_step_en": self.next_step.en,
        }


def decide(checks: tuple[Check, ...], sub_state: SubState | None) -> Word:
    """Return the verdict that five checks amount to.

    Args:
        checks: The five checks.
        sub_state: The gravest proven reason why the certificate is not valid, if any.
    """
    # Content, record and issuer say whether there is such a certificate at all; only the status
    # can fail of a real one.
    if any(
        check.outcome is Outcome.FAILED and check.name is not CheckName.STATUS for check in checks
    ):
        return Word.FORGED
    if sub_state is not None:
        return Word.NOT_VALID
    outcomes = {check.outcome for check in checks}
    if not outcomes.issubset({Outcome.PASSED, Outcome.ATTENTION}):
        return Word.UNCHECKED
    return Word.ATTENTION if Outcome.ATTENTION in outcomes else Word.VALID
