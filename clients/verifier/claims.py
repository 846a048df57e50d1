"""What a certificate file claims, read from strangers' bytes; nothing in it is believed yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ledger.log.certificate_file import core_digest, parse_file, split
from ledger.log.certificate_numbers import check_number
from ledger.log.errors import FormatError
from ledger.log.history_proof import HistoryProof
from ledger.log.tlog_proof import TlogProof

TLOG_PROOF_GENRE: Final = "https://c2sp.org/tlog-proof@v1"
HISTORY_PROOF_GENRE: Final = "urn:tledger:history-proof:v1"
_GENRES: Final = [TLOG_PROOF_GENRE, HISTORY_PROOF_GENRE]
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Claims:
    """A certificate file taken apart.

    Attributes:
        document: The whole JSON object.
        core_digest: SHA-256 of the core.
        number: Certificate number.
        hours: Hours credited in total.
        issuer_name: Name of the issuing institution.
        credit_code: Its unified social credit code.
        valid_from: Moment from which the certificate is valid.
        valid_until: Moment at which it stops counting, or None.
        verification_method: DID URL of the key that the Open Badges proof names.
        issue_proof: Inclusion proof of the issue entry.
        history: History proof of the certificate's stream.
    """

    document: dict[str, Any]
    core_digest: bytes
    number: str
    hours: int | float
    issuer_name: str
    credit_code: str
    valid_from: datetime
    valid_until: datetime | None
    verification_method: str
    issue_proof: TlogProof
    history: HistoryProof


def read_claims(file: bytes) -> Claims:
    """Read a certificate file.

    Raises:
        FormatError: when the bytes are not exactly one training certificate in canonical form.
    """
    document = parse_file(file)
    core, evidence, proof = split(document)
    if sorted(piece.genre for piece in evidence) != sorted(_GENRES):
        raise FormatError(f"the evidence is not one each of {', '.join(_GENRES)}")
    texts = {piece.genre: piece.narrative for piece in evidence}
    subject = _object(core, "credentialSubject")
    issuer = _object(core, "issuer")
    return Claims(
        document,
        core_digest(core),
        check_number(_text(subject, "licenseNumber")),
        _hours(subject.get("creditsEarned")),
        _text(issuer, "name"),
        _credit_code(issuer),
        _moment(core["validFrom"]),
        _moment(core["validUntil"]) if "validUntil" in core else None,
        _text(proof, "verificationMethod"),
        TlogProof.parse(texts[TLOG_PROOF_GENRE]),
        HistoryProof.from_bytes(texts[HISTORY_PROOF_GENRE].encode()),
    )


def _object(parent: Mapping[str, object], name: str) -> dict[str, object]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise FormatError(f"{name} is not an object")
    return value


def _text(parent: Mapping[str, object], name: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str):
        raise FormatError(f"{name} is not a text")
    return value


def _hours(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError("creditsEarned is not a number")
    return value


def _credit_code(issuer: Mapping[str, object]) -> str:
    identifiers = issuer.get("otherIdentifier")
    if not isinstance(identifiers, list) or len(identifiers) != 1:
        raise FormatError("the issuer has not exactly one otherIdentifier")
    if not isinstance(identifiers[0], dict):
        raise FormatError("otherIdentifier is not an object")
    return _text(identifiers[0], "identifier")


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise FormatError("a moment is not a text")
    try:
        moment = datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)
    except ValueError as error:
        raise FormatError(f"{value!r} is not a moment in UTC") from error
    if moment.strftime(_MOMENT) != value:
        raise FormatError(f"{value!r} is not a moment in its canonical form")
    return moment
