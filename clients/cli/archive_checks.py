"""`tledger archive check`: is what the cohort file lists there, byte for byte?"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from clients.cli.archive_comparison import Comparison, Finding, State, compare
from clients.cli.archive_folder import files_below, salted_digest
from clients.cli.archive_manifest import MANIFEST, read_manifest
from clients.cli.command import Example, command
from clients.cli.language import Text
from clients.cli.output import table
from clients.cli.problems import ExitCode
from clients.cli.session import Session

if TYPE_CHECKING:
    from ledger.api.v1.cohort_service_pb2 import CohortFileItem, GetCohortFileResponse

_STATES: Final = {
    State.PRESENT: Text("✔ 在档", "✔ present"),
    State.CHANGED: Text("✖ 已改动", "✖ changed"),
    State.MISSING: Text("✖ 缺失", "✖ missing"),
    State.WITHOUT_SALT: Text("？无盐值", "? without salt"),
}
_UNLISTED: Final = Text("－ 未入档", "- unlisted")


@command(
    "archive check",
    examples=[
        Example(
            "tledger archive check archive --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "目录与一期一档逐字节核对",
            "compare a folder with the cohort file, byte for byte",
        ),
        Example(
            "tledger archive check . --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a --json",
            "供程序读取",
            "for programs",
        ),
    ],
    more=Text(
        f"以一期一档所列材料为准，用目录中 {MANIFEST} 的盐值重算摘要；含子目录，不含隐藏文件。"
        "在档：逐字节一致；已改动；缺失；无盐值：清单中没有该材料的盐值，无法核对；未入档：目录中"
        "有而一期一档没有的文件，不影响退出码。退出码：0 全部在档，1 有缺失或改动，2 有材料无法"
        "核对。",
        f"What the cohort file lists counts; digests are made again with the salts of {MANIFEST} "
        "in the folder. Subfolders are read too, hidden files are not. present: the same bytes; "
        "changed; missing; without salt: the manifest has none, so nothing can be compared; "
        "unlisted: a file that the cohort file does not have, which does not change the exit "
        "code. Exit code 0: all present, 1: something is missing or changed, 2: something could "
        "not be checked.",
    ),
)
@click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--cohort", type=click.UUID, required=True, help="班次  The cohort.")
def check(session: Session, folder: Path, cohort: UUID) -> None:
    """Check documents."""
    manifest = read_manifest(folder, cohort)
    with session.ledger() as ledger:
        found = ledger.registers.cohort_file(cohort)

    def digest(name: str, salt: bytes) -> tuple[bytes, int] | None:
        path = folder / name
        return salted_digest(path, salt) if path.is_file() else None

    comparison = compare(found.items, manifest.files, files_below(folder), digest)
    code = _exit_code(comparison)
    session.show(
        _json(cohort, found, comparison, code), lambda: _people(session, found, comparison)
    )
    click.get_current_context().exit(code)


def _exit_code(comparison: "Comparison[CohortFileItem]") -> ExitCode:
    if comparison.count(State.CHANGED, State.MISSING):
        return ExitCode.NEGATIVE
    return ExitCode.UNCHECKED if comparison.count(State.WITHOUT_SALT) else ExitCode.OK


def _people(
    session: Session, found: "GetCohortFileResponse", comparison: "Comparison[CohortFileItem]"
) -> str:
    say = session.say
    heads = (
        say("状态", "State"),
        say("类别", "Class"),
        say("文件", "File"),
        say("字节", "Bytes"),
        say("存放", "Place"),
        say("保管方", "Custodian"),
        say("账本序号", "Index"),
    )
    rows: list[tuple[object, ...]] = [
        (
            session.say_text(_STATES[finding.state]),
            finding.item.item_class,
            "" if finding.file is None else finding.file.name,
            str(finding.item.size),
            finding.item.place,
            finding.item.custodian,
            f"#{finding.item.index}",
        )
        for finding in comparison.findings
    ]
    mark = session.say_text(_UNLISTED)
    rows += [(mark, "", name, "", "", "", "") for name in comparison.unlisted]
    counts = Counter(finding.state for finding in comparison.findings)
    sums = [f"{session.say_text(text)} {counts[state]}" for state, text in _STATES.items()]
    sums.append(f"{mark} {len(comparison.unlisted)}")
    as_of = say(
        f"截至账本规模 {found.cohort.as_of_size}", f"as of log size {found.cohort.as_of_size}"
    )
    return f"{table(heads, rows)}\n\n{say('，', ', ').join([*sums, as_of])}"


def _json(
    cohort: UUID,
    found: "GetCohortFileResponse",
    comparison: "Comparison[CohortFileItem]",
    code: ExitCode,
) -> dict[str, Any]:
    verdicts = {
        ExitCode.OK: "complete",
        ExitCode.NEGATIVE: "incomplete",
        ExitCode.UNCHECKED: "unchecked",
    }
    return {
        "cohort": str(cohort),
        "as_of_size": found.cohort.as_of_size,
        "verdict": verdicts[code],
        "items": [_item(finding) for finding in comparison.findings],
        "unlisted": list(comparison.unlisted),
    }


def _item(finding: "Finding[CohortFileItem]") -> dict[str, Any]:
    item, file = finding.item, finding.file
    return {
        "state": finding.state.value,
        "class": item.item_class,
        "file": None if file is None else file.name,
        "media_type": item.media_type,
        "size": item.size,
        "salted_digest": item.salted_digest,
        "place": item.place,
        "custodian": item.custodian,
        "index": item.index,
        "event_id": None if file is None else str(file.event),
    }
