"""Checkpoints: text form, the log's two signatures, cosignatures, everything that is refused."""

import base64
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.log import checkpoints, notes
from ledger.log.checkpoints import Checkpoint, Cosignature, TrustedKeys
from ledger.log.errors import FormatError, ProofError
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.notes import Note, Signature, SignatureType, SigningKey, VerifierKey
from tests.unit.log.signed_trees import (
    AUDITOR,
    COSIGNER_KEYS,
    ED25519,
    LOG_KEYS,
    ML_DSA,
    ORIGIN,
    TIME,
    TREE,
    TRUSTED,
    WITNESS,
)

TEXT = "ledger.example/320599\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
SIGNED = checkpoints.sign_checkpoint(TREE, (ED25519, ML_DSA), TIME)


def cosigned(*signers: SigningKey, timestamp: int = TIME + 1) -> str:
    lines = [checkpoints.sign_line(TREE, signer, timestamp).line() for signer in signers]
    return SIGNED + "".join(lines)


def without(note: str, key: VerifierKey) -> str:
    parsed = notes.parse_note(note)
    kept = [line for line in parsed.signatures if line.key_id != key.key_id]
    return Note(parsed.text, tuple(kept)).format()


def subtree_message(name: str, timestamp: int, origin: str, end: int, root: bytes) -> bytes:
    """Return the cosigned_message of tlog-cosignature, written out field by field."""
    return (
        bytes.fromhex("737562747265652f76310a00")
        + bytes([len(name)])
        + name.encode()
        + timestamp.to_bytes(8, "big")
        + bytes([len(origin)])
        + origin.encode()
        + bytes(8)
        + end.to_bytes(8, "big")
        + root
    )


def test_the_text_is_origin_size_and_root() -> None:
    assert TREE.text() == TEXT
    assert checkpoints.parse_checkpoint_text(TEXT) == TREE


def test_the_example_of_the_specification_parses() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    tree = checkpoints.parse_checkpoint_text(text)
    assert (tree.origin, tree.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert tree.root.hex()[:8] == "0ac5186a"
    assert tree.text() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension\n",
        "\n" + TEXT,
        TEXT.replace("\n8\n", "\n08\n"),
        TEXT.replace("\n8\n", "\n+8\n"),
        TEXT.replace("\n8\n", "\n-8\n"),
        TEXT.replace("\n8\n", "\n 8\n"),
        TEXT.replace("\n8\n", "\n٨\n"),
        TEXT.replace("\n8\n", "\n\n"),
        TEXT.replace("\n8\n", "\n0\n"),
        TEXT.replace("\n8\n", "\n9223372036854775808\n"),
        TEXT.replace("\n8\n", "\n" + "9" * 5000 + "\n"),
        TEXT.replace("Qyg=", "Qyh="),
        TEXT.replace("Qyg=", "Qyg"),
        TEXT.replace("Xcna", ""),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("ledger.example/320599", "ledger example"),
    ],
)
def test_a_text_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        checkpoints.parse_checkpoint_text(text)


@pytest.mark.parametrize("origin", ["ledger.example", "ledger.example:8443/320599", "a/b/c"])
def test_a_scheme_less_url_is_an_origin(origin: str) -> None:
    checkpoints.check_origin(origin)


@pytest.mark.parametrize(
    "origin", ["", "a b", "a+b", "https://a.example", "a/", "/a", "a\n", "a\u00a0b", "é", "a" * 256]
)
def test_anything_else_is_no_origin(origin: str) -> None:
    with pytest.raises(FormatError):
        checkpoints.check_origin(origin)


def test_the_empty_tree_has_the_empty_root() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert checkpoints.parse_checkpoint_text(empty.text()) == empty
    for size, root in ((0, bytes(32)), (-1, bytes(32)), (1, bytes(31)), (1 << 63, bytes(32))):
        with pytest.raises(FormatError):
            Checkpoint(ORIGIN, size, root)


def test_the_log_signs_twice_under_its_origin() -> None:
    parsed = notes.parse_note(SIGNED)
    assert parsed.text == TEXT
    assert [line.name for line in parsed.signatures] == [ORIGIN, ORIGIN]
    ed25519, ml_dsa = parsed.signatures
    Ed25519PublicKey.from_public_bytes(LOG_KEYS[0].public_key).verify(
        ed25519.signature, TEXT.encode()
    )
    stamp, signature = ml_dsa.signature[:8], ml_dsa.signature[8:]
    assert (stamp, len(signature)) == (struct.pack(">Q", TIME), 2420)
    message = subtree_message(ORIGIN, TIME, ORIGIN, 8, TREE.root)
    MLDSA44PublicKey.from_public_bytes(LOG_KEYS[1].public_key).verify(signature, message)


def test_an_ed25519_cosignature_covers_the_time_and_the_whole_text() -> None:
    line = checkpoints.sign_line(TREE, WITNESS, TIME)
    assert line.signature[:8] == struct.pack(">Q", TIME)
    Ed25519PublicKey.from_public_bytes(WITNESS.verifier_key().public_key).verify(
        line.signature[8:], f"cosignature/v1\ntime {TIME}\n{TEXT}".encode()
    )


def test_a_signed_checkpoint_opens_with_its_time() -> None:
    opened = checkpoints.open_checkpoint(SIGNED, TRUSTED)
    assert opened.checkpoint == TREE
    assert opened.timestamp == TIME
    assert opened.log_keys == LOG_KEYS
    assert opened.cosignatures == ()


def test_cosignatures_are_reported_with_their_times() -> None:
    opened = checkpoints.open_checkpoint(cosigned(AUDITOR, WITNESS), TRUSTED)
    witness, auditor = COSIGNER_KEYS
    assert opened.cosignatures == (Cosignature(auditor, TIME + 1), Cosignature(witness, TIME + 1))
    assert opened.timestamp == TIME


def test_a_log_may_have_more_keys_while_it_changes_them() -> None:
    new = SigningKey(ORIGIN, SignatureType.ED25519, b"\5" * 32)
    note = checkpoints.sign_checkpoint(TREE, (ED25519, ML_DSA, new), TIME)
    assert checkpoints.open_checkpoint(note, TRUSTED).log_keys == LOG_KEYS
    renewed = TrustedKeys((new.verifier_key(), LOG_KEYS[1]))
    assert checkpoints.open_checkpoint(note, renewed).log_keys == renewed.log


@pytest.mark.parametrize("missing", LOG_KEYS, ids=["Ed25519", "ML-DSA-44"])
def test_a_checkpoint_without_one_of_the_pinned_keys_is_refused(missing: VerifierKey) -> None:
    with pytest.raises(ProofError, match="has not signed"):
        checkpoints.open_checkpoint(without(cosigned(WITNESS), missing), TRUSTED)


@pytest.mark.parametrize(
    "signer",
    [ED25519, ML_DSA, WITNESS, AUDITOR],
    ids=["log Ed25519", "log ML-DSA-44", "witness", "auditor"],
)
def test_every_bad_line_of_a_known_key_spoils_the_checkpoint(signer: SigningKey) -> None:
    good = cosigned(WITNESS, AUDITOR)
    parsed = notes.parse_note(good)
    key = signer.verifier_key()
    checkpoints.open_checkpoint(good, TRUSTED)
    at = next(n for n, line in enumerate(parsed.signatures) if line.key_id == key.key_id)
    signature = parsed.signatures[at].signature
    for spot in {0, 7, 8, len(signature) // 2, len(signature) - 1}:
        changed = signature[:spot] + bytes((signature[spot] ^ 1,)) + signature[spot + 1 :]
        for forged in (changed, signature[:spot], signature + b"\0"):
            if not forged:
                continue
            lines = list(parsed.signatures)
            lines[at] = Signature.by(key, forged)
            with pytest.raises(ProofError):
                checkpoints.open_checkpoint(Note(parsed.text, tuple(lines)).format(), TRUSTED)


@pytest.mark.parametrize(
    "other",
    [
        Checkpoint(ORIGIN, 9, TREE.root),
        Checkpoint(ORIGIN, 8, bytes(32)),
        Checkpoint("ledger.example/other", 8, TREE.root),
    ],
)
def test_signatures_do_not_carry_over_to_another_tree(other: Checkpoint) -> None:
    lines = notes.parse_note(cosigned(WITNESS)).signatures
    with pytest.raises(ProofError):
        checkpoints.open_checkpoint(Note(other.text(), lines).format(), TRUSTED)
    for signer in (ED25519, ML_DSA, WITNESS):
        line = checkpoints.sign_line(TREE, signer, TIME)
        assert checkpoints.verify_line(TREE, signer.verifier_key(), line.signature) in {None, TIME}
        with pytest.raises(ProofError):
            checkpoints.verify_line(other, signer.verifier_key(), line.signature)


def test_an_ml_dsa_44_cosignature_is_bound_to_the_cosigners_name() -> None:
    line = checkpoints.sign_line(TREE, AUDITOR, TIME)
    key = AUDITOR.verifier_key()
    renamed = VerifierKey("other.example", key.type, key.public_key)
    with pytest.raises(ProofError):
        checkpoints.verify_line(TREE, renamed, line.signature)


def test_a_checkpoint_with_an_extension_line_is_refused_though_signed() -> None:
    note = notes.sign_note(TEXT + "extension\n", [ED25519])
    with pytest.raises(FormatError):
        checkpoints.open_checkpoint(note, TrustedKeys(LOG_KEYS[:1]))


def test_a_witness_cannot_pass_for_a_log_of_its_own_name() -> None:
    tree = Checkpoint(WITNESS.name, 8, TREE.root)
    line = checkpoints.sign_line(tree, WITNESS, TIME)
    with pytest.raises(ProofError, match="no key is pinned"):
        checkpoints.open_checkpoint(Note(tree.text(), (line,)).format(), TRUSTED)


def test_without_pinned_keys_nothing_opens() -> None:
    with pytest.raises(ProofError, match="no key is pinned"):
        checkpoints.open_checkpoint(SIGNED, TrustedKeys(()))


def test_lines_of_unknown_keys_are_ignored() -> None:
    unknown = SigningKey(ORIGIN, SignatureType.ML_DSA_44_COSIGNATURE, b"\x08" * 32)
    garbage = Signature("x.example", b"abcd", b"garbage").line()
    opened = checkpoints.open_checkpoint(cosigned(unknown) + garbage, TRUSTED)
    assert opened.cosignatures == ()


def stamped(signer: SigningKey, timestamp: int) -> Signature:
    """Return a valid ML-DSA-44 line with any timestamp, also one that `sign_line` refuses."""
    message = checkpoints.cosigned_message(signer.name, timestamp, TREE)
    key = MLDSA44PrivateKey.from_seed_bytes(signer.seed)
    return Signature.by(signer.verifier_key(), struct.pack(">Q", timestamp) + key.sign(message))


def test_a_cosignature_without_a_time_counts_for_nothing() -> None:
    opened = checkpoints.open_checkpoint(SIGNED + stamped(AUDITOR, 0).line(), TRUSTED)
    assert opened.cosignatures == ()
    note = without(SIGNED, LOG_KEYS[1]) + stamped(ML_DSA, 0).line()
    with pytest.raises(ProofError, match="has not signed"):
        checkpoints.open_checkpoint(note, TRUSTED)


def test_a_timestamp_of_2_to_the_63_is_refused() -> None:
    latest = stamped(AUDITOR, (1 << 63) - 1)
    assert checkpoints.open_checkpoint(SIGNED + latest.line(), TRUSTED).cosignatures
    with pytest.raises(ProofError, match="timestamp"):
        checkpoints.open_checkpoint(SIGNED + stamped(AUDITOR, 1 << 63).line(), TRUSTED)


@pytest.mark.parametrize("timestamp", [0, -1, 1 << 63])
def test_nothing_is_signed_for_an_impossible_time(timestamp: int) -> None:
    for signer in (ED25519, ML_DSA, WITNESS):
        with pytest.raises(FormatError):
            checkpoints.sign_line(TREE, signer, timestamp)


@pytest.mark.parametrize(
    "signers",
    [
        (),
        (ED25519,),
        (ML_DSA,),
        (ED25519, ML_DSA, WITNESS),
        (ED25519, AUDITOR),
        (ED25519, ML_DSA, SigningKey(ORIGIN, SignatureType.ED25519_COSIGNATURE, bytes(32))),
    ],
    ids=["none", "no ML-DSA-44", "no Ed25519", "a witness", "another name", "a cosigner type"],
)
def test_a_log_signs_with_its_own_two_keys_only(signers: tuple[SigningKey, ...]) -> None:
    with pytest.raises(FormatError):
        checkpoints.sign_checkpoint(TREE, signers, TIME)


def test_a_cosigners_name_of_over_255_bytes_does_not_fit_the_message() -> None:
    assert checkpoints.cosigned_message("n" * 255, TIME, TREE)[12] == 255
    with pytest.raises(FormatError):
        checkpoints.cosigned_message("n" * 256, TIME, TREE)
    key = SigningKey("n" * 256, SignatureType.ML_DSA_44_COSIGNATURE, bytes(32)).verifier_key()
    line = Signature.by(key, struct.pack(">Q", TIME) + bytes(2420)).line()
    with pytest.raises(FormatError):
        checkpoints.open_checkpoint(SIGNED + line, TrustedKeys(LOG_KEYS, (key,)))


def test_the_root_line_is_plain_base64() -> None:
    assert TEXT.split("\n")[2] == base64.b64encode(TREE.root).decode()
