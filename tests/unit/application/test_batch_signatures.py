"""Batch signatures: who signed, with the registered algorithm, and who approved."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application import batch_signatures
from ledger.application.admission import AdmittedEvent, SignedBatch, admit
from ledger.application.batch_signatures import BatchSignatures
from ledger.domain.event_types import KeyUse
from ledger.domain.refusals import Refusal
from ledger.domain.states import KeyState
from ledger.log.dsse import batch_message
from ledger.log.identifiers import key_id
from ledger.log.merkle import root
from ledger.log.signatures import PrivateKey, public_bytes, sign
from tests.independent.vectors import ADMITTED, VECTORS

AUTHOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
APPROVER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
P256 = ec.derive_private_key(1234567, ec.SECP256R1())
LEAVES = (b"l" * 32, b"m" * 32)
MESSAGE = batch_message(root(LEAVES))


def _state(key: PrivateKey, ending: int = 0) -> KeyState:
    public = public_bytes(key.public_key())
    algorithm = 1 if isinstance(key, Ed25519PrivateKey) else 2
    return KeyState(key_id(public), public, algorithm, b"h" * 16, KeyUse.PARTY, "", 0, ending)


def _batch(key: PrivateKey = AUTHOR, approver: PrivateKey | None = None) -> SignedBatch:
    return SignedBatch(
        _state(key).key_id,
        "ed25519" if isinstance(key, Ed25519PrivateKey) else "ecdsa-p256",
        sign(key, MESSAGE),
        b"" if approver is None else _state(approver).key_id,
        b"" if approver is None else sign(approver, MESSAGE),
        LEAVES,
        root(LEAVES),
        bytes(32),
        MESSAGE,
    )


def _refusal(
    batch: SignedBatch, author: KeyState | None, approver: KeyState | None = None
) -> tuple[str, str]:
    refusal = BatchSignatures().refusal(batch, author, approver)
    assert refusal is None or (refusal.reason("zh") and refusal.reason("en"))
    return ("", "") if refusal is None else (refusal.code, refusal.field)


@pytest.mark.parametrize("key", [AUTHOR, P256])
def test_a_batch_is_authentic_by_its_registered_key(key: PrivateKey) -> None:
    assert _refusal(_batch(key), _state(key)) == ("", "")


def test_a_key_that_is_not_registered_is_unknown() -> None:
    assert _refusal(_batch(), None) == ("UNKNOWN_KEY", "header.author_key")


def test_the_registered_key_fixes_the_algorithm() -> None:
    claimed = replace(_batch(), algorithm="ecdsa-p256")
    assert _refusal(claimed, _state(AUTHOR)) == ("WRONG_ALGORITHM", "algorithm")
    assert _refusal(_batch(P256), _state(AUTHOR)) == ("WRONG_ALGORITHM", "algorithm")
    assert _refusal(replace(_batch(), algorithm=""), _state(AUTHOR))[0] == "WRONG_ALGORITHM"


@pytest.mark.parametrize(
    "signature",
    [b"s", bytes(64), sign(APPROVER, MESSAGE), sign(AUTHOR, MESSAGE + b"x")],
    ids=["short", "nought", "another-key", "another-root"],
)
def test_a_signature_that_does_not_verify_is_bad(signature: bytes) -> None:
    bad = replace(_batch(), signature=signature)
    assert _refusal(bad, _state(AUTHOR)) == ("BAD_SIGNATURE", "signature")


@pytest.mark.parametrize("signature", [b"s", b"0" * 71, sign(AUTHOR, MESSAGE)])
def test_a_malformed_p256_signature_is_bad(signature: bytes) -> None:
    bad = replace(_batch(P256), signature=signature)
    assert _refusal(bad, _state(P256)) == ("BAD_SIGNATURE", "signature")


def test_an_approver_signs_the_same_bytes_with_another_registered_key() -> None:
    approved = _batch(approver=APPROVER)
    author, approver = _state(AUTHOR), _state(APPROVER)
    assert _refusal(approved, author, approver) == ("", "")
    assert _refusal(approved, author, None) == ("UNKNOWN_KEY", "header.approver_key")
    forged = replace(approved, approver_signature=sign(AUTHOR, MESSAGE))
    assert _refusal(forged, author, approver) == ("BAD_SIGNATURE", "approver_signature")
    missing = replace(approved, approver_signature=b"")
    assert _refusal(missing, author, approver) == ("BAD_SIGNATURE", "approver_signature")


def test_nobody_approves_alone() -> None:
    own = _batch(approver=AUTHOR)
    assert _refusal(own, _state(AUTHOR), _state(AUTHOR)) == ("BAD_BATCH", "header.approver_key")


def test_an_approvers_signature_needs_an_approver_in_the_events() -> None:
    stray = replace(_batch(), approver_signature=sign(APPROVER, MESSAGE))
    assert _refusal(stray, _state(AUTHOR)) == ("BAD_BATCH", "approver_signature")


@pytest.mark.parametrize("ending", [1, 2, 3])
def test_what_became_of_the_keys_does_not_matter_to_the_signature(ending: int) -> None:
    approved = _batch(approver=APPROVER)
    ended = _state(AUTHOR, ending=ending), _state(APPROVER, ending=ending)
    assert _refusal(approved, *ended) == ("", "")


def test_more_keys_than_are_remembered_are_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_signatures, "_CACHED_KEYS", 1)
    signatures = BatchSignatures()
    for key in (AUTHOR, P256, AUTHOR, P256):
        assert signatures.refusal(_batch(key), _state(key), None) is None
        wrong = replace(_batch(key), message=MESSAGE + b"x")
        assert signatures.refusal(wrong, _state(key), None) == Refusal("BAD_SIGNATURE", "signature")


@pytest.mark.parametrize("name", ADMITTED)
def test_the_published_batches_are_authentic(name: str) -> None:
    vector = VECTORS[name]
    published = vector["batch"]

    def state(keys: dict[str, str]) -> KeyState:
        public = bytes.fromhex(keys["public_key_hex"])
        number = {"ed25519": 1, "ecdsa-p256": 2}[keys["algorithm"]]
        return KeyState(key_id(public), public, number, b"h" * 16, KeyUse.PARTY, "", 0)

    approver = state(published["approver"]) if "approver" in published else None
    for exchange in vector["exchanges"]:
        data = bytes.fromhex(exchange["request_hex"])
        request = recording.AppendEventsRequest.FromString(data)
        for incoming in admit(request.batches, vector["origin"]):
            assert isinstance(incoming, AdmittedEvent)
            assert _refusal(incoming.batch, state(published), approver) == ("", "")
