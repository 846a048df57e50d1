"""Data Integrity proofs of certificates: the cryptosuite `eddsa-rdfc-2022`.

W3C Verifiable Credential Data Integrity 1.0 (section 4) and Data Integrity EdDSA Cryptosuites 1.0
(section 3.2): Ed25519 over SHA-256(canonical proof options) ‖ SHA-256(canonical document), where
canonical means RDFC-1.0. What is signed is the RDF meaning of a document, not its bytes, so:

- what the contexts do not define is refused, when signing and when verifying, because it would not
  be signed (`ledger.log.json_ld`);
- array order is no part of the meaning. Who needs every byte fixed compares digests too, as
  `ledger.log.open_badges` does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.log.errors import FormatError, ProofError
from ledger.log.json_ld import IRI, NO_CONTEXTS, rdf_digest
from ledger.log.multikey import decode_multibase, encode_multibase

CRYPTOSUITE: Final = "eddsa-rdfc-2022"
_SIGNATURE_SIZE: Final = 64
_CREATED: Final = "%Y-%m-%dT%H:%M:%SZ"
_OPTION_KEYS: Final = frozenset(
    {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"}
)


def add_proof(
    document: Mapping[str, object],
    key: Ed25519PrivateKey,
    verification_method: str,
    created: str,
    *,
    extra_contexts: Mapping[str, object] = NO_CONTEXTS,
) -> dict[str, object]:
    """Sign a document.

    Args:
        document: JSON object without `proof`; not changed.
        key: the signing key.
        verification_method: DID URL of the key, `did:web:…#key-2026-1`.
        created: time of signing, `YYYY-MM-DDThh:mm:ssZ`.
        extra_contexts: further context documents by URL, for published test vectors.

    Returns:
        The document with a single `proof`.

    Raises:
        FormatError: the document is over a limit, names an unknown context, or would lose data in
            RDF; or the method or time is malformed.
    """
    if "proof" in document:
        raise FormatError("the document already has a proof")
    options: dict[str, object] = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(signing_input(document, options, extra_contexts=extra_contexts))
    return {**document, "proof": {**options, "proofValue": encode_multibase(signature)}}


def verify_proof(
    document: Mapping[str, object],
    public_key: Ed25519PublicKey,
    verification_method: str | None = None,
    *,
    extra_contexts: Mapping[str, object] = NO_CONTEXTS,
) -> None:
    """Check the single proof of a document.

    Args:
        document: JSON object with `proof`.
        public_key: the key that should have signed.
        verification_method: the DID URL that the proof has to name; None accepts any, so that the
            caller judges it.
        extra_contexts: further context documents by URL, for published test vectors.

    Raises:
        FormatError: document or proof is malformed, over a limit, or loses data in RDF.
        ProofError: the signature does not verify, or another verification method is named.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise FormatError("the document must have exactly one proof object")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    signature = _signature(proof.get("proofValue"))
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    data = signing_input(unsecured, options, extra_contexts=extra_contexts)
    if verification_method is not None and options["verificationMethod"] != verification_method:
        raise ProofError("the proof names another verification method")
    try:
        public_key.verify(signature, data)
    except InvalidSignature as error:
        raise ProofError("the signature of the proof does not verify") from error


def signing_input(
    unsecured: Mapping[str, object],
    options: Mapping[str, object],
    *,
    extra_contexts: Mapping[str, object] = NO_CONTEXTS,
) -> bytes:
    """The 64 bytes that are signed (EdDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5).

    Args:
        unsecured: the document without `proof`.
        options: the proof without `proofValue`; it gets the document's `@context` here.
        extra_contexts: further context documents by URL.

    Raises:
        FormatError: as `add_proof`.
    """
    _check_options(options)
    document_digest = rdf_digest(unsecured, extra_contexts=extra_contexts)
    config = {**options, "@context": unsecured["@context"]}
    return rdf_digest(config, extra_contexts=extra_contexts) + document_digest


def _signature(value: object) -> bytes:
    if not isinstance(value, str):
        raise FormatError("proofValue must be text")
    signature = decode_multibase(value)
    if len(signature) != _SIGNATURE_SIZE or encode_multibase(signature) != value:
        raise FormatError("proofValue must be 64 bytes in canonical base58btc")
    return signature


def _check_options(options: Mapping[str, object]) -> None:
    if options.keys() != _OPTION_KEYS:
        raise FormatError(f"a proof must have exactly {', '.join(sorted(_OPTION_KEYS))}")
    fixed = (options["type"], options["cryptosuite"], options["proofPurpose"])
    if fixed != ("DataIntegrityProof", CRYPTOSUITE, "assertionMethod"):
        raise FormatError(f"the proof must be a DataIntegrityProof by {CRYPTOSUITE} to assert")
    method = options["verificationMethod"]
    if not isinstance(method, str) or not IRI.fullmatch(method) or "#" not in method:
        raise FormatError("verificationMethod must be a DID URL with a fragment")
    created = options["created"]
    try:
        written = datetime.strptime(str(created), _CREATED).strftime(_CREATED)  # noqa: DTZ007 - Z
    except ValueError as error:
        raise FormatError("created must be a time as YYYY-MM-DDThh:mm:ssZ") from error
    if created != written:
        raise FormatError("created must be a time as YYYY-MM-DDThh:mm:ssZ")
