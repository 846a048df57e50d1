"""`tledger archive seal`: a cohort file is sealed over the documents that are in it."""

from datetime import datetime
from typing import Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.language import Text
from clients.cli.recording import record_one
from clients.cli.session import Session
from clients.sdk import Emitter
from ledger.log.merkle import root

_DAY: Final = click.DateTime(["%Y-%m-%d"])


@command(
    "archive seal",
    examples=[
        Example(
            "tledger archive seal --cohort 8a6e0804-2bd0-4672-b79d-d97027f9071a "
            "--retain-until 2036-04-30",
            "结班后封存，保管到该日",
            "seal after the closing, to be kept until that day",
        )
    ],
    more=Text(
        "版本、材料数和摘要树根取自一期一档所列材料；须已结班。封存是一个版本而不是锁：之后入账的显示为"
        "“其后 n 件”，再次封存即为下一版本。",
        "Version, number and root are those of the documents that the cohort file lists; the "
        "cohort has to be closed. A seal is a version, not a lock: what is recorded later shows "
        "as later events, and sealing again makes the next version.",
    ),
)
@click.option("--cohort", type=click.UUID, required=True, help="班次  The cohort.")
@click.option(
    "--retain-until", type=_DAY, required=True, help="保管期限末日  Last day of retention."
)
@click.option("--synthetic", is_flag=True, help="标记为虚构数据  Mark the event as made-up data.")
def seal(session: Session, *, cohort: UUID, retain_until: datetime, synthetic: bool) -> None:
    """Seal a cohort file."""
    with session.ledger() as ledger:
        found = ledger.registers.cohort_file(cohort)
        digests = [bytes.fromhex(item.salted_digest) for item in found.items]
        version = 1 + max((each.version for each in found.seals), default=0)
        event = Emitter(ledger.identity, synthetic=synthetic).cohort_archive_sealed(
            cohort=cohort,
            version=version,
            items=len(digests),
            items_root=root(digests),
            retain_until=retain_until.date(),
        )
        accepted = record_one(session, ledger, event)
    session.show(
        {
            "cohort": str(cohort),
            "version": version,
            "items": len(digests),
            "items_root": root(digests).hex(),
            "event_id": str(accepted.event_id),
            "index": accepted.index,
        },
        lambda: session.say(
            f"✔ 已封存 v{version}，材料 {len(digests)} 件，账本第 {accepted.index} 条，"
            f"事件 {accepted.event_id}",
            f"✔ sealed v{version}, {len(digests)} documents: entry {accepted.index}, "
            f"event {accepted.event_id}",
        ),
    )
