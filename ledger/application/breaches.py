"""How a breach of the log's integrity is told: which entry, and what is wrong, in two languages.

Part of the failure rules (DESIGN section 9): an unknown state is refused loudly, never repaired.
"""

from ledger.application.errors import IntegrityBreachError


class LogBreachError(IntegrityBreachError):
    """Stored bytes are not what was hashed and signed.

    Attributes:
        index: Index of the first entry at fault, or None when it is no single entry.
        zh: What is wrong, in Chinese.
        en: What is wrong, in English.
    """

    def __init__(self, index: int | None, zh: str, en: str) -> None:
        """Keep all three; the message holds both languages."""
        self.index = index
        self.zh = zh
        self.en = en
        super().__init__(f"{en} / {zh}")
