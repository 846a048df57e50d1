"""`tledger event`: which event types there are, and a line of each to start from."""

from difflib import get_close_matches
from typing import Any, Final

import click
from google.protobuf.descriptor import FieldDescriptor

from clients.cli.command import Example, command
from clients.cli.event_examples import example_line
from clients.cli.event_json import short_names
from clients.cli.event_texts import EVENT_TEXTS
from clients.cli.language import Text
from clients.cli.output import echo, echo_json, table
from clients.cli.problems import Problem, misuse
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb

_KINDS: Final = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_ENUM: "enum",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_MESSAGE: "object",
    FieldDescriptor.TYPE_SINT32: "sint32",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


@command(
    "event types",
    remote=False,
    examples=[
        Example("tledger event types", "全部类型", "all types"),
        Example(
            "tledger event types --json | jq 'select(.name == \"SessionScheduled\").fields'",
            "一个类型的字段及其取值",
            "the fields of one type and what they take",
        ),
    ],
)
def types(session: Session) -> None:
    """List the event types with stream and meaning; as JSON, with their fields."""
    rows = [(name, about, _fields(name)) for name, about in EVENT_TEXTS.items()]
    if session.as_json:
        for name, about, fields in rows:
            echo_json(
                {
                    "name": name,
                    "stream": about.kind,
                    "meaning_zh": about.meaning.zh,
                    "meaning_en": about.meaning.en,
                    "beside": list(about.beside),
                    "fields": fields,
                }
            )
        return
    heads = [
        session.say(*words) for words in (("类型", "Type"), ("流", "Stream"), ("含义", "Meaning"))
    ]
    echo(
        table(
            heads,
            [(name, about.kind, session.say_text(about.meaning)) for name, about, _ in rows],
        )
    )


@command(
    "event example",
    remote=False,
    examples=[
        Example(
            "tledger event example SessionStarted > events.ndjson",
            "改好后交给 append",
            "edit it and give it to append",
        ),
    ],
    more=Text(
        "打印一行可直接交给 tledger append 的 NDJSON，值为虚构。",
        "Prints one line of NDJSON that tledger append takes; its values are made up.",
    ),
)
@click.argument("event_type", metavar="TYPE")
def example(session: Session, event_type: str) -> None:  # noqa: ARG001 - the same in all languages
    """Print an example line."""
    if event_type not in EVENT_TEXTS:
        raise _unknown(event_type)
    echo_json(example_line(event_type))


def _unknown(event_type: str) -> Problem:
    near = ", ".join(get_close_matches(event_type, EVENT_TEXTS))
    return misuse(
        f"{event_type} 不是事件类型",
        f"{event_type} is no event type",
        values={"like": near},
        fixes=[Text("列出全部类型：tledger event types", "see tledger event types")],
    )


def _fields(name: str) -> list[dict[str, Any]]:
    found = []
    for field in getattr(pb, name).DESCRIPTOR.fields:
        described: dict[str, Any] = {
            "name": field.name,
            "kind": _KINDS[field.type],
            "repeated": field.is_repeated,
        }
        if field.enum_type is not None:
            described["values"] = short_names(field.enum_type)
        found.append(described)
    return found
