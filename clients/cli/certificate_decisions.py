"""`tledger certificate revoke|suspend|reinstate|link`: what is decided about a certificate."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from clients.cli.certificates import Number
from clients.cli.command import Example, command
from clients.cli.confirming import confirm
from clients.cli.event_json import short_names
from clients.cli.inputs import read_text
from clients.cli.language import Text
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

if TYPE_CHECKING:
    from clients.sdk import Accepted

_NUMBER: Final = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T"
_NUMBER_FILE_LIMIT: Final = 256
_REASON: Final = click.option(
    "--reason", required=True, metavar="CODE", help="理由代码，如 COMPLAINT  Reason code."
)
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@command(
    "certificate revoke",
    examples=[
        Example(
            f"tledger certificate revoke {_NUMBER} --reason ERROR --yes",
            "因出具有误撤销",
            "revoke because it was issued in error",
        )
    ],
    more=Text(
        "撤销不能撤回。机构可因 ERROR、HOLDER_REQUEST 撤销；FRAUD、AUTHORITY_ORDER 由主管部门决定。"
        "内容有误而应有证明的，用 certificate supersede 换发。",
        "A revocation is final. An institution revokes for ERROR or HOLDER_REQUEST; FRAUD and "
        "AUTHORITY_ORDER are the regulator's to say. Where only what it states is wrong, replace "
        "it with certificate supersede.",
    ),
)
@click.argument("number", type=Number())
@click.option(
    "--reason",
    required=True,
    type=click.Choice(short_names(pb.RevocationReason.DESCRIPTOR)),
    help="理由类别  Class of the reason.",
)
@click.option("--yes", is_flag=True, help="不再询问  Do not ask.")
def revoke(session: Session, number: str, reason: str, *, yes: bool) -> None:
    """Revoke a certificate."""
    confirm(session, f"撤销 {number} ", f"revoking {number}", yes=yes)
    value = pb.RevocationReason.Value(f"REVOCATION_REASON_{reason}")
    with session.ledger() as ledger:
        accepted = ledger.certificates.revoke(number, value, timeout=session.timeout)
    _show(session, Text("撤销", "revoked"), number, reason, accepted)


@command(
    "certificate suspend",
    examples=[
        Example(
            f"tledger certificate suspend {_NUMBER} --reason COMPLAINT",
            "核查期间暂停",
            "suspend while a complaint is looked into",
        )
    ],
    more=Text(
        "由应急管理部门暂停：核验结果即为“无效：已暂停”，至 certificate reinstate 恢复为止；"
        "暂停期间机构不能换发。查实弄虚作假的用 certificate revoke。",
        "A bureau suspends: the verdict is 'not valid: suspended' until certificate reinstate, and "
        "the institution cannot replace it meanwhile. Where fraud is found, use certificate "
        "revoke.",
    ),
)
@click.argument("number", type=Number())
@_REASON
def suspend(session: Session, number: str, reason: str) -> None:
    """Suspend a certificate."""
    with session.ledger() as ledger:
        accepted = ledger.certificates.suspend(number, reason, timeout=session.timeout)
    _show(session, Text("暂停", "suspended"), number, reason, accepted)


@command(
    "certificate reinstate",
    examples=[
        Example(
            f"tledger certificate reinstate {_NUMBER} --reason CLEARED",
            "查无问题，恢复有效",
            "nothing was found: it is valid again",
        )
    ],
    more=Text(
        "由应急管理部门恢复已暂停的证明；暂停与恢复都留在履历中。已撤销的不能恢复。",
        "A bureau lifts a suspension; both stay in the history. What is revoked stays revoked.",
    ),
)
@click.argument("number", type=Number())
@_REASON
def reinstate(session: Session, number: str, reason: str) -> None:
    """Reinstate a suspended certificate."""
    with session.ledger() as ledger:
        accepted = ledger.certificates.reinstate(number, reason, timeout=session.timeout)
    _show(session, Text("恢复", "reinstated"), number, reason, accepted)


@command(
    "certificate link",
    examples=[
        Example(
            f"tledger certificate link {_NUMBER} --first-issued 2026-06-01 "
            "--review-due 2029-05-31 --valid-to 2032-05-31",
            "操作证编号在提示后输入",
            "asks for the number of the official certificate",
        )
    ],
    more=Text(
        "由应急管理部门把考试合格后核发的操作证与培训证明关联。账本只记日期与对编号的承诺，"
        "编号本身只入学员保险库；换证后再次关联，以最近一次为准。",
        "A bureau links the official certificate that followed the exam. The log holds its days "
        "and a commitment to its number; the number goes to the person vault alone. After a "
        "renewal link again: the newest counts.",
    ),
)
@click.argument("number", type=Number())
@click.option(
    "--number-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="操作证编号所在文件，- 为标准输入  File with the official number, - for standard input.",
)
@click.option("--first-issued", required=True, type=_DAY, help="初领日期  Day of first issue.")
@click.option("--review-due", required=True, type=_DAY, help="复审期限  Day of review.")
@click.option("--valid-to", required=True, type=_DAY, help="有效期至  Last day of validity.")
def link(
    session: Session,
    number: str,
    number_file: Path | None,
    first_issued: datetime,
    review_due: datetime,
    valid_to: datetime,
) -> None:
    """Link the official certificate."""
    if number_file is None:
        question = session.say("操作证编号", "Number of the official certificate")
        official = str(click.prompt(question, err=True))
    else:
        official = read_text(number_file, _NUMBER_FILE_LIMIT)
    with session.ledger() as ledger:
        accepted = ledger.certificates.link_official(
            number,
            official.strip().upper(),
            first_issued=first_issued.date(),
            review_due=review_due.date(),
            valid_to=valid_to.date(),
            timeout=session.timeout,
        )
    _show(session, Text("关联", "linked"), number, None, accepted)


def _show(
    session: Session, done: Text, number: str, reason: str | None, accepted: "Accepted"
) -> None:
    document: dict[str, object] = {"number": number}
    if reason is not None:
        document["reason"] = reason
    document |= {"event_id": str(accepted.event_id), "index": accepted.index}
    session.show(
        document,
        lambda: session.say(
            f"✔ 已{done.zh} {number}，账本第 {accepted.index} 条，事件 {accepted.event_id}",
            f"✔ {done.en} {number}: entry {accepted.index}, event {accepted.event_id}",
        ),
    )
