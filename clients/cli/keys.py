"""`tledger key`: the keys of a party; registering and ending them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from clients.cli.command import Example, command
from clients.cli.confirming import confirm
from clients.cli.event_json import BodyError, moment_us, short_name, short_names, to_document
from clients.cli.inputs import KEY_LIMIT, public_key_der, read_bytes
from clients.cli.labels import label
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, fields, table
from clients.cli.parties import party
from clients.cli.problems import misuse
from clients.cli.recording import record_one
from clients.cli.session import Session
from clients.sdk import Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.log.errors import FormatError
from ledger.log.identifiers import key_id as id_of_key

if TYPE_CHECKING:
    from ledger.api.v1.key_service_pb2 import Key

_HEADS: Final = (
    Text("密钥标识", "Key id"),
    Text("用途", "Use"),
    Text("算法", "Algorithm"),
    Text("设备", "Device"),
    Text("状态", "State"),
    Text("登记序号", "Registered at"),
    Text("持有机构", "Holder"),
)
_KEY_ID: Final = "2253cf4c77eefb82de96fb5ec6588ca87c53e59d2ad91c188be8c82846e58276"


class KeyId(click.ParamType[bytes]):
    """The id of a key: 64 hex digits."""

    name = "key_id"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        """Return the bytes; see click."""
        try:
            found = bytes.fromhex(value)
        except ValueError:
            found = b""
        if len(found) != 32:  # noqa: PLR2004 - SHA-256
            self.fail(f"{value} is not 64 hex digits", param, ctx)
        return found


class Moment(click.ParamType[datetime]):
    """A time with its offset."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment; see click."""
        try:
            moment_us(value)
        except BodyError as error:
            self.fail(str(error), param, ctx)
        return datetime.fromisoformat(value)


@command(
    "key list",
    examples=[
        Example("tledger key list", "本机构的密钥", "your own party's keys"),
        Example("tledger key list 91320500MA1XK0TW1J", "某机构的密钥", "the keys of a party"),
    ],
)
@click.argument("institution", required=False, metavar="[UUID|CREDIT_CODE]")
def list_keys(session: Session, institution: str | None) -> None:
    """List keys."""
    with session.ledger() as ledger:
        own = ledger.identity
        holder = party(own.origin, institution) if institution else own.party
        rows = ledger.registers.keys(holder)
        if session.as_json:
            for row in rows:
                echo_json(to_document(row))
            return
        heads = [session.say_text(head) for head in _HEADS]
        echo(table(heads, [_row(session, row) for row in rows]))


@command(
    "key show",
    examples=[Example(f"tledger key show {_KEY_ID}", "一个密钥", "one key")],
)
@click.argument("key_id", type=KeyId())
def show(session: Session, key_id: bytes) -> None:
    """Show a key."""
    with session.ledger() as ledger:
        found = ledger.registers.key(key_id)
    heads = [session.say_text(head) for head in _HEADS]
    session.show(to_document(found), lambda: fields(zip(heads, _row(session, found), strict=True)))


@command(
    "key register",
    examples=[
        Example(
            "tledger key register terminal.pem --use DEVICE --device TERM-0001",
            "机构登记自己的终端",
            "an institution registers its terminal",
        ),
        Example(
            "tledger key register school.pem --holder 91320500MA1XK0TW1J --identity bureau",
            "主管机构登记机构主密钥",
            "a bureau registers an institution's own key",
        ),
    ],
    more=Text(
        "公钥文件为 PEM 或 DER。主管机构登记机构主密钥，机构登记自己的系统与终端。",
        "The file is a public key in PEM or DER. A bureau registers parties' own keys, a party "
        "registers its systems and devices.",
    ),
)
@click.argument("public_key", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--holder", help="持有机构，默认本机构  Holder, by default your own party.")
@click.option(
    "--use",
    type=click.Choice(short_names(pb.KeyUse.DESCRIPTOR)),
    default="PARTY",
    show_default=True,
    help="用途  What it may sign.",
)
@click.option("--device", default="", help="设备序列号  Serial code of the device or system.")
def register(session: Session, public_key: Path, holder: str | None, use: str, device: str) -> None:
    """Register a key."""
    try:
        key = public_key_der(read_bytes(public_key, KEY_LIMIT))
    except FormatError as error:
        raise misuse(
            f"不是公钥：{error}",
            f"no public key: {error}",
            code="INPUT_WRONG",
            values={"path": str(public_key)},
        ) from error
    with session.ledger() as ledger:
        own = ledger.identity
        owner = party(own.origin, holder) if holder else own.party
        event = Emitter(own).key_registered(
            public_key=key,
            holder=owner,
            use=pb.KeyUse.Value(f"KEY_USE_{use}"),
            device=device,
        )
        accepted = record_one(session, ledger, event)
    key_text = id_of_key(key).hex()
    document = {
        "key_id": key_text,
        "holder": str(owner),
        "use": use,
        "event_id": str(accepted.event_id),
        "index": accepted.index,
    }
    _done(session, document, f"已登记 {key_text}", f"registered {key_text}")


@command(
    "key end",
    examples=[
        Example(
            f"tledger key end {_KEY_ID} --ending LOST_OR_RETIRED --yes",
            "终端丢失",
            "a terminal is lost",
        ),
        Example(
            f"tledger key end {_KEY_ID} --ending COMPROMISED --from-index 18204377 --yes",
            "自某条起已泄露",
            "compromised from an entry on",
        ),
    ],
)
@click.argument("key_id", type=KeyId())
@click.option(
    "--ending",
    required=True,
    type=click.Choice(short_names(pb.KeyEnding.DESCRIPTOR)),
    help="如何终止  How it ends.",
)
@click.option(
    "--accepted-until",
    type=Moment(),
    help="轮换：此前采集的接收到何时  Rotated: until when earlier captures are accepted.",
)
@click.option(
    "--from-index",
    type=click.IntRange(min=0, max=2**53 - 1),
    default=0,
    help="泄露：自第几条起  Compromised: first contested index.",
)
@click.option("--yes", is_flag=True, help="不再询问  Do not ask.")
def end(
    session: Session,
    key_id: bytes,
    ending: str,
    accepted_until: datetime | None,
    from_index: int,
    *,
    yes: bool,
) -> None:
    """End a key."""
    confirm(session, f"终止密钥 {key_id.hex()} ", f"ending the key {key_id.hex()}", yes=yes)
    with session.ledger() as ledger:
        holder = UUID(ledger.registers.key(key_id).holder)
        event = Emitter(ledger.identity).key_ended(
            key_id=key_id,
            holder=holder,
            ending=pb.KeyEnding.Value(f"KEY_ENDING_{ending}"),
            accepted_until=accepted_until,
            from_index=from_index,
        )
        accepted = record_one(session, ledger, event)
    document = {
        "key_id": key_id.hex(),
        "holder": str(holder),
        "ending": ending,
        "event_id": str(accepted.event_id),
        "index": accepted.index,
    }
    _done(session, document, f"已终止 {key_id.hex()}", f"ended {key_id.hex()}")


def _done(session: Session, document: dict[str, Any], zh: str, en: str) -> None:
    index, event = document["index"], document["event_id"]
    session.show(
        document,
        lambda: session.say(
            f"✔ {zh}，账本第 {index} 条，事件 {event}", f"✔ {en}: entry {index}, event {event}"
        ),
    )


def _row(session: Session, key: "Key") -> tuple[object, ...]:
    ending = short_name(pb.KeyEnding.DESCRIPTOR, key.ending)
    return (
        key.key_id.hex(),
        label(session, short_name(pb.KeyUse.DESCRIPTOR, key.use)),
        short_name(pb.Algorithm.DESCRIPTOR, key.algorithm),
        key.device,
        label(session, ending) if ending else session.say("在用", "in use"),
        key.registered_index,
        key.holder,
    )
