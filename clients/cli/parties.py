"""Parties on the command line: a UUID, or the unified social credit code that it follows from."""

import re
from typing import Final
from uuid import UUID

from clients.cli.problems import misuse
from ledger.log.identifiers import party_id

CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


def party(origin: str, text: str) -> UUID:
    """Return the id of a party.

    Args:
        origin: Origin of the log; ids of parties are derived within it.
        text: UUID or credit code.

    Raises:
        Problem: when it is neither.
    """
    if CREDIT_CODE.fullmatch(text):
        return party_id(origin, text)
    try:
        return UUID(text)
    except ValueError as error:
        raise misuse(
            f"{text} 既不是机构 UUID，也不是统一社会信用代码",
            f"{text} is neither the UUID of a party nor a unified social credit code",
        ) from error
