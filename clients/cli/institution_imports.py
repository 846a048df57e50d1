"""`tledger institution import`: parties, scopes and keys from a CSV, as often as one likes.

What is registered already is left alone; what the ledger has with other values is shown with both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click
import grpc

from clients.cli.append_files import LineEvent, cut
from clients.cli.command import Example, command
from clients.cli.event_json import short_name
from clients.cli.institution_csv import PartyRow, read_rows
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, table
from clients.cli.problems import ExitCode
from clients.cli.session import Session
from clients.sdk import CapturedEvent, Circumstances, Emitter, Outcome, RefusedError, Rejected
from ledger.api.v1 import events_pb2 as pb
from ledger.log.identifiers import key_id, party_id

if TYPE_CHECKING:
    from clients.sdk import Ledger
    from ledger.api.v1.institution_service_pb2 import Institution

_ALREADY: Final = frozenset({"ALREADY_REGISTERED", "ALREADY_IMPORTED"})
_WORDS: Final = {
    "registered": Text("已登记", "registered"),
    "imported": Text("已导入", "imported"),
    "already": Text("原已登记", "already registered"),
    "differs": Text("与账本不符", "differs from the ledger"),
    "rejected": Text("被拒绝", "rejected"),
    "none": Text("无", "none"),
}


@dataclass(slots=True)
class Item:
    """What became of a party, its scope or its key.

    Attributes:
        outcome: A key of `_WORDS`; empty while it is to be sent.
        detail: Both values that differ, or the refusal.
        event: The event to be sent.
    """

    outcome: str
    detail: str = ""
    event: CapturedEvent | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """A row with what became of it."""

    row: PartyRow
    party: UUID
    institution: Item
    scope: Item
    key: Item

    @property
    def items(self) -> tuple[Item, Item, Item]:
        """Its items in the order in which they are sent."""
        return self.institution, self.scope, self.key


@command(
    "institution import",
    examples=[
        Example(
            "tledger institution import directory.csv --identity bureau",
            "按名录登记",
            "register a directory",
        ),
        Example(
            "tledger institution import directory.csv --encoding gb18030",
            "Excel 另存的 CSV",
            "a CSV that Excel saved",
        ),
    ],
    more=Text(
        "首行 kind,credit_code,name,area,directory_number,public_key；public_key 为文件"
        "（PEM 或 DER）或 base64，可空。其后可加 trades,listed_since：存量机构的工种（空格分隔）"
        "与纳入名录日。可重复运行，已登记的不再登记。",
        "First line: kind,credit_code,name,area,directory_number,public_key; public_key is a file "
        "(PEM or DER) or base64, or empty. Two more columns, trades,listed_since, take existing "
        "institutions over: trade codes with spaces between, day of the listing. It can be "
        "repeated: what is registered stays.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "gb18030"]),
    default="utf-8-sig",
    show_default=True,
    help="文件编码  Encoding of the file.",
)
@click.option("--synthetic", is_flag=True, help="标记为虚构数据  Mark the events as made-up data.")
def import_file(session: Session, file: Path, encoding: str, *, synthetic: bool) -> None:
    """Register parties and their keys."""
    rows, digest = read_rows(file, encoding)
    with session.ledger() as ledger:
        emitter = Emitter(ledger.identity, synthetic=synthetic)
        imports = [_plan(ledger, emitter, row, digest) for row in rows]
        _send(session, ledger, [item for each in imports for item in each.items])
    if session.as_json:
        for each in imports:
            echo_json(_document(each))
    else:
        echo(_table(session, imports))
    outcomes = {item.outcome for each in imports for item in each.items}
    bad = outcomes & {"differs", "rejected"}
    click.get_current_context().exit(ExitCode.NEGATIVE if bad else ExitCode.OK)


def _plan(ledger: "Ledger", emitter: Emitter, row: PartyRow, digest: bytes) -> Import:
    party = party_id(ledger.identity.origin, row.credit_code)
    found = _found(ledger, party)
    return Import(
        row,
        party,
        _plan_party(emitter, row, found),
        _plan_scope(emitter, row, party, found, digest),
        _plan_key(ledger, emitter, row, party),
    )


def _found(ledger: "Ledger", party: UUID) -> "Institution | None":
    try:
        return ledger.registers.institution(party)
    except RefusedError as error:
        if error.failure.status is not grpc.StatusCode.NOT_FOUND:
            raise
        return None


def _plan_party(emitter: Emitter, row: PartyRow, found: "Institution | None") -> Item:
    if found is None:
        event = emitter.institution_registered(
            kind=pb.PartyKind.Value(f"PARTY_KIND_{row.kind}"),
            credit_code=row.credit_code,
            name=row.name,
            area=row.area,
            directory_number=row.directory_number,
        )
        return Item("", event=event)
    pairs = (
        (row.kind, short_name(pb.PartyKind.DESCRIPTOR, found.kind)),
        (row.name, found.name),
        (row.area, found.area),
        (row.directory_number, found.directory_number),
    )
    differing = "; ".join(f"{stated!r} ≠ {known!r}" for stated, known in pairs if stated != known)
    return Item("differs", differing) if differing else Item("already")


def _plan_scope(
    emitter: Emitter, row: PartyRow, party: UUID, found: "Institution | None", digest: bytes
) -> Item:
    """Plan the import of an existing institution; the list itself is the document as filed."""
    if row.listed_since is None:
        return Item("none")
    if found is not None and found.listed_since:
        missing = sorted(set(row.trades) - set(found.scope))
        return Item("differs", f"+ {' '.join(missing)}") if missing else Item("already")
    event = emitter.institution_imported(
        institution=party,
        trades=row.trades,
        listed_since=row.listed_since,
        document_digest=digest,
        how=Circumstances(record_origin=pb.RECORD_ORIGIN_IMPORTED, source_digest=digest),
    )
    return Item("", event=event)


def _plan_key(ledger: "Ledger", emitter: Emitter, row: PartyRow, party: UUID) -> Item:
    if not row.public_key:
        return Item("none")
    try:
        found = ledger.registers.key(key_id(row.public_key))
    except RefusedError as error:
        if error.failure.status is not grpc.StatusCode.NOT_FOUND:
            raise
        event = emitter.key_registered(
            public_key=row.public_key, holder=party, use=pb.KEY_USE_PARTY
        )
        return Item("", event=event)
    if found.holder != str(party):
        return Item("differs", f"{party} ≠ {found.holder}")
    return Item("already")


def _send(session: Session, ledger: "Ledger", items: Sequence[Item]) -> None:
    """Send what is to be registered; each party comes before its scope and its key."""
    waiting = {item.event.event_id: item for item in items if item.event is not None}
    events = [LineEvent(0, item.event) for item in items if item.event is not None]
    for batch in cut(events):
        outcomes = ledger.append([each.event for each in batch], timeout=session.timeout)
        for outcome in outcomes:
            _settle(session, waiting[outcome.event_id], outcome)


def _settle(session: Session, item: Item, outcome: Outcome) -> None:
    if not isinstance(outcome, Rejected):
        imported = item.event is not None and item.event.type == "InstitutionImported"
        item.outcome = "imported" if imported else "registered"
    elif outcome.code in _ALREADY:
        # The register's view was behind the log.
        item.outcome = "already"
    else:
        item.outcome = "rejected"
        reason = session.say(outcome.reason_zh, outcome.reason_en)
        item.detail = f"{outcome.code}: {reason}"


def _document(each: Import) -> dict[str, object]:
    key = each.row.public_key
    return {
        "line": each.row.line,
        "credit_code": each.row.credit_code,
        "institution": str(each.party),
        "institution_outcome": each.institution.outcome,
        "institution_detail": each.institution.detail,
        "scope_outcome": each.scope.outcome,
        "scope_detail": each.scope.detail,
        "key": key_id(key).hex() if key else None,
        "key_outcome": each.key.outcome,
        "key_detail": each.key.detail,
    }


def _table(session: Session, imports: Sequence[Import]) -> str:
    say = session.say
    heads = (
        say("行", "Line"),
        say("信用代码", "Credit code"),
        say("名称", "Name"),
        say("机构", "Institution"),
        say("工种", "Scope"),
        say("密钥", "Key"),
        say("说明", "Detail"),
    )
    return table(heads, _rows(session, imports))


def _rows(session: Session, imports: Sequence[Import]) -> Iterator[tuple[object, ...]]:
    for each in imports:
        details = (item.detail for item in each.items)
        yield (
            each.row.line,
            each.row.credit_code,
            each.row.name,
            *(session.say_text(_WORDS[item.outcome]) for item in each.items),
            "; ".join(detail for detail in details if detail),
        )
