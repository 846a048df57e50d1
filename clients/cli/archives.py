"""`tledger archive add`: documents enter the cohort file, and their salts the manifest.

The manifest is written before anything is sent: an event that is recorded has its salt on disk,
whatever happens. It is written again only for events that are known not to be recorded.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import click
import protovalidate

from clients.cli.append_files import LineEvent, cut
from clients.cli.archive_folder import media_type, names_within, salted_digest
from clients.cli.archive_manifest import (
    MANIFEST,
    SALT_SIZE,
    ArchivedFile,
    forget_events,
    keep_files,
    read_manifest,
)
from clients.cli.archive_outcomes import show_outcomes
from clients.cli.command import Example, command
from clients.cli.keeping import NOTHING_LEFT_OPEN, kept_until_known, pending_files, read_pending
from clients.cli.language import Text
from clients.cli.parties import party
from clients.cli.problems import ExitCode, Problem, misuse
from clients.cli.session import Session
from clients.sdk import (
    CapturedEvent,
    Emitter,
    Ledger,
    Outcome,
    Rejected,
    StillUnknownError,
    sign_batch,
)
from ledger.api.v1 import events_pb2 as pb


@dataclass(frozen=True, slots=True)
class _Filing:
    """Where documents go: cohort, class, place, custodian, and the folder with the manifest."""

    folder: Path
    cohort: UUID
    item_class: str
    place: str
    custodian: UUID | None
    media_type: str


@dataclass(frozen=True, slots=True)
class _Document:
    file: ArchivedFile
    event: CapturedEvent


@command(
    "archive add",
    examples=[
        Example(
            "tledger archive add roster.pdf --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a "
            "--class 04-roster --place CABINET-3",
            "学员名册入档",
            "the roster enters the cohort file",
        ),
        Example(
            "tledger archive add archive/exams/*.pdf --dir archive --class 15-exams "
            "--cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a --place ROOM-2 "
            "--custodian 91320599000000025P",
            "由另一方保管",
            "kept by another party",
        ),
    ],
    more=Text(
        "账本只存加盐摘要、类别、格式、大小、保管方和位置，文件本身不上传。盐值写入文件所在目录的 "
        f"{MANIFEST}：请与文件一同备份，丢失后无法再证明文件即归档材料。结果未知的批次用 tledger "
        "append --pending 重发。退出码：0 全部入账，1 有材料被拒绝，2 有结果未知。",
        "The ledger keeps a salted digest, class, media type, size, custodian and place; the "
        f"documents stay where they are. The salts go into {MANIFEST} in the folder of the files: "
        "back it up with them, without it nobody can show that a file is the document. Send what "
        "is open again with tledger append --pending. Exit code 0: all recorded, 1: some refused, "
        "2: some not known.",
    ),
)
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--cohort", type=click.UUID, required=True, help="班次  The cohort.")
@click.option(
    "--class", "item_class", required=True, help="清单类别，如 04-roster  Class in the checklist."
)
@click.option("--place", required=True, help="存放位置代码  Code of the place where it is kept.")
@click.option(
    "--custodian",
    metavar="PARTY",
    help="保管方（UUID 或信用代码），默认本机构  Party that keeps it; default: the institution.",
)
@click.option(
    "--media-type", "stated_type", help="格式，默认按文件名  Media type; default: by file name."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="清单所在目录，默认文件所在目录  Folder of the manifest; default: that of the files.",
)
@click.option("--synthetic", is_flag=True, help="标记为虚构数据  Mark the events as made-up data.")
def add(  # noqa: PLR0913 - a document has this many particulars
    session: Session,
    *,
    files: tuple[Path, ...],
    cohort: UUID,
    item_class: str,
    place: str,
    custodian: str | None,
    stated_type: str | None,
    folder: Path | None,
    synthetic: bool,
) -> None:
    """Add documents."""
    identity = session.identity()
    keeper = None if custodian is None else party(identity.origin, custodian)
    filing = _Filing(
        folder or files[0].parent, cohort, item_class, place, keeper, stated_type or ""
    )
    _check_terms(filing)
    names = names_within(filing.folder, files)
    with session.ledger() as ledger:
        _refuse_known(session, ledger, filing, names)
        emitter = Emitter(identity, synthetic=synthetic)
        documents = [
            _document(emitter, filing, name, file) for name, file in zip(names, files, strict=True)
        ]
        refused = 0
        for batch in _batches(documents):
            outcomes = _send(session, ledger, filing, batch)
            refused += sum(isinstance(outcome, Rejected) for outcome in outcomes)
    click.get_current_context().exit(ExitCode.NEGATIVE if refused else ExitCode.OK)


def _check_terms(filing: _Filing) -> None:
    """Hold what the command line says to the contract's rules before any file is read."""
    body = pb.ArchiveItemAdded(
        item_class=filing.item_class,
        salted_digest=bytes(SALT_SIZE),
        media_type=filing.media_type or media_type(""),
        place=filing.place,
    )
    for violation in protovalidate.collect_violations(body):
        path = violation.proto.field
        field = "" if path is None else ".".join(each.field_name for each in path.elements)
        raise misuse(
            f"{field} 不合要求",
            f"{field}: {violation.proto.message}",
            code="INPUT_WRONG",
            values={"value": str(getattr(body, field, ""))},
        )


def _refuse_known(session: Session, ledger: Ledger, filing: _Filing, names: Sequence[str]) -> None:
    """Refuse names that are in the cohort file, or may come to be: an item never leaves it."""
    known = [
        row
        for row in read_manifest(filing.folder, filing.cohort).files
        if row.name in frozenset(names)
    ]
    if not known:
        return
    kept = (read_pending(path) for path in pending_files(session.identity_folder()))
    pending = {event.event_id for batch in kept for event in batch.events}
    items = ledger.registers.cohort_file(filing.cohort).items
    recorded = {item.salted_digest for item in items}
    for row in known:
        if row.event in pending:
            raise Problem(
                "OUTCOME_UNKNOWN",
                Text("该文件已发送，结果未知", "the file was sent; its outcome is not known"),
                ExitCode.UNCHECKED,
                values={"file": row.name, "event": str(row.event)},
                fixes=[Text("先重发：tledger append --pending", "run tledger append --pending")],
                retryable=True,
            )
        if row.salted_digest.hex() in recorded:
            raise misuse(
                "该文件已入档",
                "the file is in the cohort file already",
                code="ALREADY_ARCHIVED",
                values={"file": row.name, "event": str(row.event)},
                fixes=[
                    Text(
                        "入档后不可替换：保留原文件，新版本另取文件名入档",
                        "an item never leaves: keep the file, add a new version by another name",
                    )
                ],
            )


def _document(emitter: Emitter, filing: _Filing, name: str, path: Path) -> _Document:
    salt = secrets.token_bytes(SALT_SIZE)
    digest, size = salted_digest(path, salt)
    kind = filing.media_type or media_type(name)
    event = emitter.archive_item_added(
        cohort=filing.cohort,
        item_class=filing.item_class,
        salted_digest=digest,
        media_type=kind,
        size=size,
        place=filing.place,
        custodian=filing.custodian,
    )
    return _Document(
        ArchivedFile(
            name, filing.item_class, kind, size, filing.place, salt, digest, event.event_id
        ),
        event,
    )


def _batches(documents: Sequence[_Document]) -> Iterator[list[_Document]]:
    # A line's number stands for the document: batches are cut by what one request carries.
    lines = [LineEvent(number, each.event) for number, each in enumerate(documents)]
    for batch in cut(lines):
        yield [documents[line.line] for line in batch]


def _send(
    session: Session, ledger: Ledger, filing: _Filing, batch: Sequence[_Document]
) -> Sequence[Outcome]:
    keep_files(filing.folder, filing.cohort, [each.file for each in batch])
    try:
        signed = sign_batch(ledger.identity, [each.event for each in batch])
        with kept_until_known(session.identity_folder(), signed):
            outcomes = ledger.append(signed, timeout=session.timeout)
    except StillUnknownError as error:
        show_outcomes(session, [each.file for each in batch], error.outcomes)
        raise
    except (*NOTHING_LEFT_OPEN, Problem):
        # Nothing was recorded: no salt of these is needed.
        forget_events(filing.folder, filing.cohort, {each.file.event for each in batch})
        raise
    show_outcomes(session, [each.file for each in batch], outcomes)
    refused = {outcome.event_id for outcome in outcomes if isinstance(outcome, Rejected)}
    if refused:
        forget_events(filing.folder, filing.cohort, refused)
    return outcomes
