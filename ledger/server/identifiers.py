"""Ids between the contract's texts and the ledger's bytes."""

from uuid import UUID


def id_bytes(text: str) -> bytes:
    """Return the bytes of a UUID that the contract's rules have let pass."""
    return UUID(text).bytes


def id_text(raw: bytes) -> str:
    """Return a UUID's text; empty where there is none."""
    return str(UUID(bytes=raw)) if raw else ""
