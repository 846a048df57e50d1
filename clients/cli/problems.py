"""Problems as the command line tells them: one shape for people, one for machines.

    CODE  one sentence with the values that differ
      identifiers
      what to do: 1) … 2) …
      retryable or not

Exit codes are fixed: 0 ok, 1 negative result, 2 could not be checked, 64 usage.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from clients.cli.language import Language, Text
from clients.cli.output import one_line


class ExitCode(IntEnum):
    """What the command's end says to a script."""

    OK = 0
    NEGATIVE = 1
    UNCHECKED = 2
    USAGE = 64
    # 128 + the signal, as shells have it: the command did not end by itself.
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Problem(Exception):  # noqa: N818 - most are answers, not faults of the program
    """Something that the user has to know and can do something about.

    Attributes:
        code: Stable code, the same in every language.
        text: One sentence.
        exit_code: How the command ends.
        values: Identifiers and values by name.
        fixes: What to do, in order.
        retryable: Whether the same command may succeed later.
    """

    def __init__(
        self,
        code: str,
        text: Text,
        exit_code: ExitCode,
        *,
        values: Mapping[str, str] | None = None,
        fixes: Sequence[Text] = (),
        retryable: bool = False,
    ) -> None:
        """Keep what is to be said."""
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
        self.exit_code = exit_code
        self.values = dict(values or {})
        self.fixes = tuple(fixes)
        self.retryable = retryable

    def render(self, language: Language) -> str:
        """Return it for people."""
        lines = [f"{self.code}  {one_line(language.of(self.text))}"]
        lines += [f"  {name} {one_line(value)}" for name, value in self.values.items() if value]
        if self.fixes:
            lead = language.of(Text("怎么办: ", "what to do: "))
            steps = [one_line(language.of(fix)) for fix in self.fixes]
            if len(steps) > 1:
                steps = [f"{number}) {step}" for number, step in enumerate(steps, 1)]
            lines.append(f"  {lead}{'  '.join(steps)}")
        retry = Text("可重试", "retryable") if self.retryable else Text("不可重试", "not retryable")
        lines.append(f"  {language.of(retry)}")
        return "\n".join(lines)

    def to_document(self) -> dict[str, object]:
        """Return it for machines."""
        return {
            "error": {
                "code": self.code,
                "message_zh": self.text.zh,
                "message_en": self.text.en,
                "values": self.values,
                "fixes_zh": [fix.zh for fix in self.fixes],
                "fixes_en": [fix.en for fix in self.fixes],
                "retryable": self.retryable,
                "exit_code": int(self.exit_code),
            }
        }


def misuse(
    zh: str,
    en: str,
    *,
    code: str = "USAGE",
    values: Mapping[str, str] | None = None,
    fixes: Sequence[Text] = (),
) -> Problem:
    """Return the problem of a command that was called with something that cannot be."""
    return Problem(code, Text(zh, en), ExitCode.USAGE, values=values, fixes=fixes)
