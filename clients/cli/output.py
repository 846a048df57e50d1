"""What is printed: tables aligned for Chinese characters, and JSON for machines.

Wide characters (UAX #11) take two columns. Texts of others, names for instance, never reach the
terminal with control characters in them.
"""

import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import click

# China has had no daylight-saving time since 1991: no time-zone database is needed.
SHANGHAI: Final = timezone(timedelta(hours=8))
_GAP: Final = "  "
_ELLIPSIS_COLUMNS: Final = 2
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Marks that combine with the character before, formats and controls take no column.
_NO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def width(text: str) -> int:
    """Return the number of terminal columns of a text."""
    return sum(
        0
        if unicodedata.category(character) in _NO_WIDTH
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def pad(text: str, columns: int) -> str:
    """Return a text filled up with spaces to so many terminal columns."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return a text that takes at most so many terminal columns, `…` for what is cut off."""
    if width(text) <= columns:
        return text
    end = len(text)
    # The ellipsis takes two columns where terminals show East Asian text.
    while width(text[:end]) > columns - _ELLIPSIS_COLUMNS:
        end -= 1
    return f"{text[:end]}…"


def one_line(text: str) -> str:
    """Return a text that cannot move the cursor: other than printable characters are shown as ?."""
    return "".join(
        " "
        if character in "\n\t"
        else "?"
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in text
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an aligned table; numbers stand to the right."""
    body = [tuple(rows_cell) for rows_cell in rows]
    cells = [tuple(heads), *(tuple(one_line(str(cell)) for cell in row) for row in body)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(heads))]
    right = [
        bool(body) and all(isinstance(row[column], int) for row in body)
        for column in range(len(heads))
    ]
    return "\n".join(_line(row, widths, right) for row in cells)


def filled_table(heads: Sequence[str], rows: Iterable[Sequence[object]], always: int) -> str:
    """Return a table without the columns in which no row has anything: an empty text, or 0.

    Args:
        heads: Headings of all columns.
        rows: The rows.
        always: So many columns from the left are shown whatever is in them.
    """
    body = [tuple(row) for row in rows]
    kept = [
        column
        for column in range(len(heads))
        if column < always or any(row[column] not in ("", 0) for row in body)
    ]
    return table(
        [heads[column] for column in kept], [[row[column] for column in kept] for row in body]
    )


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [
        " " * (columns - width(cell)) + cell if to_right else pad(cell, columns)
        for cell, columns, to_right in zip(row, widths, right, strict=True)
    ]
    return _GAP.join(cells).rstrip()


def fields(pairs: Iterable[tuple[str, object]]) -> str:
    """Return labels with their values, one a line."""
    rows = [(label, one_line(str(value))) for label, value in pairs]
    columns = max((width(label) for label, _ in rows), default=0)
    return "\n".join(f"{pad(label, columns)}{_GAP}{value}".rstrip() for label, value in rows)


def tolerate_narrow_encodings() -> None:
    """Let a terminal that lacks a character show its code instead of stopping the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def echo(text: str) -> None:
    """Print to standard output."""
    click.echo(text)


def echo_json(document: object) -> None:
    """Print one JSON document on one line of standard output."""
    click.echo(to_json(document))


def to_json(document: object) -> str:
    """Return a JSON document on one line, Chinese as it is."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def note(text: str) -> None:
    """Tell a person something beside the result: standard error."""
    click.echo(text, err=True)


def local_time(microseconds: int) -> str:
    """Return a time of the ledger in Asia/Shanghai, to the second; empty for 0."""
    if not microseconds:
        return ""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def day(number: int) -> str:
    """Return a day given as YYYYMMDD; empty for 0."""
    text = str(number)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if number else ""
