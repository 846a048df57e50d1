"""Compares a message as `reader` read it with any object that has the fields as attributes."""

from collections.abc import Sequence

from tests.independent.reader import Message


def same_fields(own: Message, other: object) -> bool:
    """Tell whether a message has the fields of a record or of a generated message."""
    return all(_same(value, getattr(other, name)) for name, value in own.items())


def _same(own: object, other: object) -> bool:
    match own:
        case dict():
            return other is not None and same_fields(own, other)
        case tuple():
            if not isinstance(other, Sequence) or len(own) != len(other):
                return False
            return all(map(_same, own, other))
        case None:
            # A generated class shows an absent message as an empty one.
            return other is None or not getattr(other, "ByteSize", lambda: 1)()
        case _:
            return own == other and isinstance(own, bool) == isinstance(other, bool)
