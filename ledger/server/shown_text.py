"""Text that goes out: bounded, and without characters that a terminal would obey.

Refusals repeat what a caller sent (a type, an origin): it may be long, or hold control characters.
"""

from typing import Final

TEXT_LIMIT: Final = 300
"""Most characters of one reason."""


def shown(text: str) -> str:
    """Return a text as it may be shown: at most `TEXT_LIMIT` characters, all printable."""
    if len(text) > TEXT_LIMIT:
        text = text[: TEXT_LIMIT - 1] + "…"
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
