"""The certificate as a file: core, evidence and proof, and the one way to write them.

- The *core* is the credential without `evidence` and `proof` (`ledger.log.open_badges`); SHA-256
  over its RFC 8785 bytes is what the issue event in the log commits to.
- `evidence` are texts such as the inclusion proof, known only after that event is published.
- `proof` is the institution's `eddsa-rdfc-2022` signature over both (`ledger.log.data_integrity`).

The signature covers the meaning of the evidence and the digest the bytes of the core; `parse_file`
and `split` leave one way to write the rest. So every edited byte is found, even an edit that no
RDF signature sees, such as a changed order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import rfc8785

from ledger.log.errors import FormatError
from ledger.log.open_badges import ABSOLUTE_URI

MAX_FILE_SIZE: Final = 256 * 1024
MAX_EVIDENCE: Final = 8
_CORE_KEYS: Final = frozenset(
    {
        "@context",
        "id",
        "type",
        "name",
        "issuer",
        "validFrom",
        "credentialSubject",
        "credentialSchema",
    }
)
_EVIDENCE_KEYS: Final = frozenset({"id", "type", "name", "genre", "narrative"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence of a certificate.

    Args:
        id: URI of the piece; unique in a certificate.
        name: title for people.
        genre: URI of the text's format, `https://c2sp.org/tlog-proof@v1`.
        narrative: the text itself.
    """

    id: str
    name: str
    genre: str
    narrative: str


def core_bytes(core: Mapping[str, object]) -> bytes:
    """The RFC 8785 bytes of a core.

    Raises:
        FormatError: not plain JSON, or with `proof` or `evidence`.
    """
    if "proof" in core or "evidence" in core:
        raise FormatError("a core has neither proof nor evidence")
    return _encode(core)


def core_digest(core: Mapping[str, object]) -> bytes:
    """SHA-256 of `core_bytes`: what the issue event in the log commits to."""
    return hashlib.sha256(core_bytes(core)).digest()


def assemble(core: Mapping[str, object], evidence: Sequence[Evidence]) -> dict[str, object]:
    """The credential with its evidence, ready to be signed.

    Args:
        core: a core by `build_core`; not changed.
        evidence: 1 to 8 pieces with different ids; written in the order of their ids.

    Raises:
        FormatError: no, too many or equal pieces of evidence, or a malformed one.
    """
    pieces = [
        {
            "id": piece.id,
            "type": ["Evidence"],
            "name": piece.name,
            "genre": piece.genre,
            "narrative": piece.narrative,
        }
        for piece in sorted(evidence, key=lambda piece: piece.id)
    ]
    _read_evidence(pieces)
    return {**core, "evidence": pieces}


def split(
    document: Mapping[str, object],
) -> tuple[dict[str, object], tuple[Evidence, ...], dict[str, object]]:
    """Take a signed certificate apart; checks the form only, no signature and no digest.

    Returns:
        Core, evidence and proof.

    Raises:
        FormatError: a part is missing, unknown or not in its one form, or the proof is by a key
            that is not the issuer's.
    """
    core = {name: value for name, value in document.items() if name not in ("evidence", "proof")}
    if core.keys() - {"validUntil"} != _CORE_KEYS:
        raise FormatError("the certificate has other members than a training certificate")
    proof = document.get("proof")
    issuer = core["issuer"]
    if not isinstance(proof, dict) or not isinstance(issuer, dict):
        raise FormatError("the certificate must have one proof and one issuer with an id")
    controller, fragment, key = str(proof.get("verificationMethod")).partition("#")
    if controller != issuer.get("id") or not fragment or not key:
        raise FormatError("the proof is not by a key of the issuer")
    return core, _read_evidence(document.get("evidence")), proof


def _read_evidence(value: object) -> tuple[Evidence, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_EVIDENCE:
        raise FormatError(f"a certificate must have 1 to {MAX_EVIDENCE} pieces of evidence")
    evidence: list[Evidence] = []
    for item in value:
        if not isinstance(item, dict) or item.keys() != _EVIDENCE_KEYS:
            raise FormatError(f"evidence must have exactly {', '.join(sorted(_EVIDENCE_KEYS))}")
        texts = (item["id"], item["name"], item["genre"], item["narrative"])
        if item["type"] != ["Evidence"] or not all(isinstance(text, str) for text in texts):
            raise FormatError("evidence must have the type Evidence and text members")
        evidence.append(Evidence(*texts))
    ids = [piece.id for piece in evidence]
    if ids != sorted(set(ids)) or not all(ABSOLUTE_URI.fullmatch(name) for name in ids):
        raise FormatError("evidence must have different URIs as ids, in ascending order")
    return tuple(evidence)


def to_file(document: Mapping[str, object]) -> bytes:
    """The bytes of a certificate file: RFC 8785, with no final line feed.

    Raises:
        FormatError: not plain JSON, or larger than 256 KiB.
    """
    data = _encode(document)
    if len(data) > MAX_FILE_SIZE:
        raise FormatError(f"the certificate is larger than {MAX_FILE_SIZE} bytes")
    return data


def parse_file(data: bytes) -> dict[str, Any]:
    """The JSON object of a certificate file.

    Only RFC 8785 bytes are accepted: any other writing of the same object, a doubled member
    included, is refused.

    Raises:
        FormatError: too large, not JSON, not an object, or not in canonical form.
    """
    if len(data) > MAX_FILE_SIZE:
        raise FormatError(f"the certificate is larger than {MAX_FILE_SIZE} bytes")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FormatError("the certificate is not JSON") from error
    if not isinstance(document, dict):
        raise FormatError("the certificate is not a JSON object")
    if _encode(document) != data:
        raise FormatError("the certificate is not in canonical form (RFC 8785)")
    return document


def _encode(document: Mapping[str, object]) -> bytes:
    whole: Any = dict(document)
    try:
        return rfc8785.dumps(whole)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError("the certificate is not plain JSON") from error
