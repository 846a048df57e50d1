"""Status files (docs/formats.md section 8): the history of one certificate at a later date.

Its name is `<number>.status.json`. Who holds a certificate file fetches it to know the state as of
a later checkpoint; nothing in it is believed before its history proof verifies.
"""

from dataclasses import dataclass
from typing import Final

from ledger.log import canonical_json
from ledger.log.certificate_numbers import check_number
from ledger.log.errors import FormatError
from ledger.log.history_proof import HistoryProof

STATUS_FILE_LIMIT: Final = 1024 * 1024
_MEMBERS: Final = frozenset({"history", "number", "v"})


@dataclass(frozen=True, slots=True)
class StatusFile:
    """The state of a certificate as of a checkpoint.

    Attributes:
        number: The certificate's number.
        history: Proof of the certificate's stream, and of the streams behind its signatures.
    """

    number: str
    history: HistoryProof

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        return canonical_json.encode(
            {"v": 1, "number": self.number, "history": self.history.to_document()}
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "StatusFile":
        """Read a status file from its bytes; nothing in it is verified.

        Raises:
            FormatError: when the bytes are not exactly one status file in canonical form.
        """
        document = canonical_json.decode(data, STATUS_FILE_LIMIT)
        if document.keys() != _MEMBERS or not isinstance(document["number"], str):
            raise FormatError("a status file has the members history, number and v")
        number = check_number(document["number"])
        status = cls(number, HistoryProof.from_document(document["history"]))
        if status.to_bytes() != data:
            raise FormatError("not a status file in canonical form")
        return status
