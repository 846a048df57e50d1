"""CSV of institutions: `kind,credit_code,name,area,directory_number,public_key`.

`public_key` is a file (PEM or DER, relative to the CSV's folder), base64 of the DER, or empty. Two
more columns, `trades,listed_since`, take existing institutions over with their scope: trade codes
with spaces between them, and the day of the listing; both or neither.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from clients.cli.event_json import short_names
from clients.cli.inputs import KEY_LIMIT, STDIN, decoded, public_key_der, read_bytes
from clients.cli.language import Text
from clients.cli.parties import CREDIT_CODE
from clients.cli.problems import Problem, misuse
from ledger.api.v1 import events_pb2 as pb
from ledger.log.errors import FormatError

HEADER: Final = ("kind", "credit_code", "name", "area", "directory_number", "public_key")
SCOPE_HEADER: Final = ("trades", "listed_since")
CSV_LIMIT: Final = 16 * 1024 * 1024
_AREA: Final = re.compile(r"[0-9]{2}([0-9]{2}){0,2}")
_TRADE: Final = re.compile(r"[0-9A-Za-z.-]{1,32}")
_TRADES_LIMIT: Final = 32
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A row as read.

    Attributes:
        line: Number of its line.
        kind: Short name of the kind.
        credit_code: Unified social credit code.
        name: Name as registered.
        area: Area code.
        directory_number: Number in the directory, may be empty.
        public_key: The party's own key in DER, empty where none is given.
        trades: Trade codes of an existing institution's scope, none for others.
        listed_since: Day of its listing, None for others.
    """

    line: int
    kind: str
    credit_code: str
    name: str
    area: str
    directory_number: str
    public_key: bytes
    trades: tuple[str, ...] = ()
    listed_since: date | None = None


class _RowError(Exception):
    """A row that is wrong; the message says why."""


def read_rows(path: Path, encoding: str) -> tuple[list[PartyRow], bytes]:
    """Return the rows of a CSV, and the SHA-256 of the file.

    Raises:
        Problem: when header or rows are wrong; it names all such lines.
    """
    data = read_bytes(path, CSV_LIMIT)
    reader = csv.DictReader(io.StringIO(decoded(data, path, encoding), newline=""))
    header = tuple(reader.fieldnames or ())
    if header not in {HEADER, HEADER + SCOPE_HEADER}:
        raise misuse(
            f"首行应为 {','.join(HEADER)}，其后可加 {','.join(SCOPE_HEADER)}",
            f"the first line has to be {','.join(HEADER)}, and may go on {','.join(SCOPE_HEADER)}",
            code="INPUT_WRONG",
            values={"found": ",".join(reader.fieldnames or ())},
        )
    folder = Path() if path == STDIN else path.parent
    rows: list[PartyRow] = []
    wrong: dict[int, str] = {}
    seen: dict[str, int] = {}
    for cells in reader:
        line = reader.line_num
        try:
            row = _row(line, cells, header, folder)
        except _RowError as error:
            wrong[line] = str(error)
            continue
        if row.credit_code in seen:
            wrong[line] = f"{row.credit_code} stands in line {seen[row.credit_code]} already"
        seen[row.credit_code] = line
        rows.append(row)
    if wrong:
        raise misuse(
            f"{len(wrong)} 行不成立，未发送任何内容",
            f"{len(wrong)} lines are wrong; nothing was sent",
            code="INPUT_WRONG",
            values={f"line {line}:": wrong[line] for line in list(wrong)[:_SHOWN]},
            fixes=[Text("改正后重新导入", "correct them and import again")],
        )
    return rows, sha256(data).digest()


def _row(
    line: int, cells: Mapping[str, str | None], header: Sequence[str], folder: Path
) -> PartyRow:
    # A short line has None, a long one keeps the rest under the key None.
    if any(not isinstance(cells.get(name), str) for name in header) or len(cells) != len(header):
        raise _RowError(f"not {len(header)} columns")
    kind, code, name, area, number, key = ((cells[column] or "").strip() for column in HEADER)
    kinds = short_names(pb.PartyKind.DESCRIPTOR)
    if kind.upper() not in kinds:
        raise _RowError(f"kind {kind!r} is none of {', '.join(kinds)}")
    if not CREDIT_CODE.fullmatch(code):
        raise _RowError(f"credit_code {code!r} is not 18 characters of GB 32100")
    if not name:
        raise _RowError("name is empty")
    if not _AREA.fullmatch(area):
        raise _RowError(f"area {area!r} is not 2, 4 or 6 digits")
    own_key = _key(key, folder) if key else b""
    row = PartyRow(line, kind.upper(), code, name, area, number, own_key)
    trades, listed = ((cells.get(column) or "").strip() for column in SCOPE_HEADER)
    return _with_scope(row, trades.split(), listed) if trades or listed else row


def _with_scope(row: PartyRow, trades: Sequence[str], listed: str) -> PartyRow:
    if row.kind != "INSTITUTION":
        raise _RowError("trades and listed_since are for institutions")
    if not trades or len(trades) > _TRADES_LIMIT or not all(map(_TRADE.fullmatch, trades)):
        raise _RowError(f"trades {' '.join(trades)!r} are not 1 to {_TRADES_LIMIT} trade codes")
    try:
        day = date.fromisoformat(listed)
    except ValueError as error:
        raise _RowError(f"listed_since {listed!r} is no day such as 2024-05-06") from error
    return replace(row, trades=tuple(trades), listed_since=day)


def _key(text: str, folder: Path) -> bytes:
    path = folder / text
    try:
        # Base64 of a key may be a file name that no system takes.
        data = read_bytes(path, KEY_LIMIT) if _is_file(path) else text.encode()
        return public_key_der(data)
    except (FormatError, Problem) as error:
        raise _RowError(f"public_key: {error}") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
