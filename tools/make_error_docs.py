"""Writes docs/errors.md, every code with status, reason and fix, from the tables of the server.

Run by `make docs`; `--check` compares instead of writing.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import grpc

from ledger.domain.refusals import CATALOGUE
from ledger.server.errors import RETRY_SECONDS, STATUS
from ledger.server.held_words import HELD_WORDS

TARGET: Final = Path(__file__).parent.parent / "docs" / "errors.md"
# docs/emitter.md section 6: after these nobody knows what became of the events.
_UNKNOWN: Final = frozenset(
    {
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
    }
)
_HEAD: Final = """\
# Errors

Every refusal has a stable code, and a reason and a fix in Chinese and in English. `make docs`
writes this page from the tables that the server uses. Words in braces are filled in.

A code reaches a client in one of three places
([emitter.md section 6](emitter.md#6-the-answer)):

- **An event's answer**: `rejected` holds code, field, reasons and fixes; `unknown` holds a code.
  The call itself succeeds, so there is no status.
- **A failed call**: the gRPC status below, with `google.rpc` details: `ErrorInfo` (domain
  `tledger`, reason = code), `LocalizedMessage` in `zh-CN` and `en` (reason and fix), `BadRequest`
  (one row for each field at fault) and, where the same call may succeed later, `RetryInfo`.
  `INTERNAL` and `HALTED` carry a `request_id` for the operator.
- **A held event**: `accepted.held`, see [below](#held-events).

**again** says whether the same call, byte for byte, may succeed by itself: `after n s` is the pause
that `RetryInfo` names; `unknown` means that nobody knows whether the events were recorded, so the
same bytes are sent again, and nothing is recorded twice. Everything else is refused again until
what the fix names has been done; a refused event that comes again is judged again.

"""
_HELD: Final = """
## Held events

Recorded and acknowledged; they count for nothing until later events make them count. Nothing is
sent again.

"""


def page() -> str:
    """Return the page's text."""
    errors = (
        (
            f"`{code}`",
            f"`{STATUS[code].name}`",
            _again(code),
            f"{_cell(words.reason_zh)}<br>{_cell(words.reason_en)}",
            f"{_cell(words.fix_zh)}<br>{_cell(words.fix_en)}",
        )
        for code, words in sorted(CATALOGUE.items())
    )
    held = (
        (f"`{code}`", f"{_cell(zh)}<br>{_cell(en)}")
        for code, (zh, en) in sorted(HELD_WORDS.items())
    )
    return "".join(
        (
            _HEAD,
            _table(("code", "status", "again", "reason", "fix"), errors),
            _HELD,
            _table(("code", "reason"), held),
        )
    )


def _again(code: str) -> str:
    parts = [f"after {RETRY_SECONDS[code]} s"] if code in RETRY_SECONDS else []
    return ", ".join(parts + ["unknown"] * (STATUS[code] in _UNKNOWN))


def _cell(text: str) -> str:
    """Return text as it stands in a cell."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (heads, ["---"] * len(heads), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Write the page; with `--check` compare it: the exit code is 1 when it differs."""
    text = page()
    if "--check" in sys.argv:
        return int(not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
