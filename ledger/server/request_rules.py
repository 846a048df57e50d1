"""The rules that the contract writes into its messages, checked before any service sees a message.

What concerns one event of a batch is left to admission, which answers event by event.
"""

from collections.abc import Callable
from typing import Any, Final

import protovalidate
from google.protobuf.message import DecodeError, Message

from ledger.application.errors import RefusedError
from ledger.domain.refusals import Refusal

_MOST_EVENTS: Final = "repeated.max_items"


def read_request(data: bytes, parse: Callable[[bytes], Message]) -> Message:
    """Return a message that obeys its rules.

    Args:
        data: Its bytes.
        parse: Reads the method's request.

    Raises:
        RefusedError: INVALID_REQUEST, once for each rule that is broken.
    """
    try:
        message = parse(data)
    except DecodeError:
        refusal = Refusal("INVALID_REQUEST", "", {"detail": "not a message of this method"})
        raise RefusedError([refusal]) from None
    refusals = [
        Refusal("INVALID_REQUEST", _path(violation.proto), {"detail": violation.proto.message})
        for violation in protovalidate.collect_violations(message)
        if not _left_to_admission(violation.proto)
    ]
    if refusals:
        raise RefusedError(refusals)
    return message


def _elements(violation: Any) -> Any:  # noqa: ANN401 - a message of the validator's own library
    return () if violation.field is None else violation.field.elements


def _path(violation: Any) -> str:  # noqa: ANN401 - a message of the validator's own library
    return ".".join(
        element.field_name
        if element.subscript is None
        else f"{element.field_name}[{element.subscript.value}]"
        for element in _elements(violation)
    )


def _left_to_admission(violation: Any) -> bool:  # noqa: ANN401 - a message of the validator's own
    """Tell whether a rule is about one event, or about how many there are (REQUEST_TOO_LARGE)."""
    elements = _elements(violation)
    if len(elements) < 2 or elements[-1].field_name != "events":  # noqa: PLR2004 - batch.events
        return False
    return elements[-1].subscript is not None or violation.rule_id == _MOST_EVENTS
