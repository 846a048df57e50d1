"""Signed notes: the published examples, the rules of the specification, canonical form only."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import notes
from ledger.log.errors import FormatError, ProofError
from ledger.log.notes import Note, Signature, SignatureType, SigningKey, VerifierKey

# The example of Go's package golang.org/x/mod/sumdb/note.
NEUMANN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SEED = bytes.fromhex("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173")
NEUMANN_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NEUMANN_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
NEUMANN_NOTE = NEUMANN_TEXT + "\n" + NEUMANN_LINE
# The example of the signed-note specification.
FOO_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

NEUMANN = VerifierKey.from_vkey(NEUMANN_VKEY)
SIGNER = SigningKey("PeterNeumann", SignatureType.ED25519, NEUMANN_SEED)
OTHER = SigningKey("other.example/key", SignatureType.ED25519, b"\7" * 32)
UNKNOWN_LINE = "— other.example/key " + base64.b64encode(b"abcdx").decode() + "\n"


def test_the_published_notes_verify() -> None:
    assert notes.open_note(NEUMANN_NOTE, [NEUMANN]) == (NEUMANN_TEXT, (NEUMANN,))
    foo = VerifierKey.from_vkey(FOO_VKEY)
    assert notes.open_note(FOO_NOTE, [foo]) == ("This is an example message.\n", (foo,))


def test_a_tree_head_of_the_go_checksum_database_verifies() -> None:
    key = VerifierKey.from_vkey(
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    )
    text = "go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n"
    line = (
        "— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaK"
        "bbTM75QTtPydhKCExixSfwQ=\n"
    )
    assert notes.open_note(f"{text}\n{line}", [key]) == (text, (key,))


def test_signing_gives_the_published_note() -> None:
    assert SIGNER.verifier_key() == NEUMANN
    assert notes.sign_note(NEUMANN_TEXT, [SIGNER]) == NEUMANN_NOTE


def test_a_vkey_gives_its_text_back() -> None:
    assert (NEUMANN.name, NEUMANN.type) == ("PeterNeumann", SignatureType.ED25519)
    assert NEUMANN.key_id.hex() == "c74f20a3"
    assert NEUMANN.vkey() == NEUMANN_VKEY
    assert VerifierKey.from_vkey(FOO_VKEY).vkey() == FOO_VKEY


@pytest.mark.parametrize("type_", list(SignatureType))
def test_a_key_id_is_the_hash_of_name_type_and_key(type_: SignatureType) -> None:
    key = SigningKey("a.example/é", type_, b"\5" * 32).verifier_key()
    named = "a.example/é".encode() + b"\n" + bytes([type_]) + key.public_key
    assert key.key_id == sha256(named).digest()[:4]
    assert VerifierKey.from_vkey(key.vkey()) == key


def test_an_ml_dsa_44_vkey_holds_1312_bytes() -> None:
    key = SigningKey("a.example", SignatureType.ML_DSA_44_COSIGNATURE, bytes(32)).verifier_key()
    assert len(key.public_key) == 1312
    assert base64.b64decode(key.vkey().split("+", 2)[2])[:1] == b"\6"


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a3+AR",
        NEUMANN_VKEY[:-1],
        NEUMANN_VKEY + "\n",
        NEUMANN_VKEY.replace("c74f20a3", "C74F20A3"),
        NEUMANN_VKEY.replace("c74f20a3", "c74f20a4"),
        NEUMANN_VKEY.replace("PeterNeumann", "Peter Neumann"),
        NEUMANN_VKEY.replace("PeterNeumann", ""),
        NEUMANN_VKEY.replace("+ARpc", "+AhRpc"),
        NEUMANN_VKEY.replace("+ARpc", "+Axpc"),
        "a" * 5000 + NEUMANN_VKEY,
        NEUMANN_VKEY.replace("P", "\udc80", 1),
    ],
)
def test_a_malformed_vkey_is_refused(vkey: str) -> None:
    with pytest.raises(FormatError):
        VerifierKey.from_vkey(vkey)


def test_a_vkey_of_an_unknown_type_is_refused() -> None:
    material = b"\x05" + NEUMANN.public_key
    key_id = sha256(b"a.example\n" + material).digest()[:4].hex()
    with pytest.raises(FormatError, match="unknown signature type"):
        VerifierKey.from_vkey(f"a.example+{key_id}+{base64.b64encode(material).decode()}")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x00b", "a\udc80"])
def test_a_key_name_with_spaces_plus_or_controls_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        SigningKey(name, SignatureType.ED25519, bytes(32))
    with pytest.raises(FormatError):
        VerifierKey(name, SignatureType.ED25519, bytes(32))


@pytest.mark.parametrize("type_", list(SignatureType))
def test_a_key_of_a_wrong_length_is_refused(type_: SignatureType) -> None:
    with pytest.raises(FormatError):
        VerifierKey("a.example", type_, bytes(33))
    with pytest.raises(FormatError):
        SigningKey("a.example", type_, bytes(31))


def test_the_seed_of_a_signing_key_is_not_shown() -> None:
    assert "seed" not in repr(SIGNER)


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "one\n\ntwo\n\n\nthree\n"
    note = notes.sign_note(text, [SIGNER])
    assert notes.parse_note(note).text == text
    assert notes.open_note(note, [NEUMANN])[0] == text


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20), min_size=1),
    st.integers(1, 4),
)
def test_what_is_signed_opens_and_formats_to_the_same_text(lines: list[str], count: int) -> None:
    text = "\n".join(lines) + "\n"
    signers = [SigningKey(f"k{n}", SignatureType.ED25519, bytes([n]) * 32) for n in range(count)]
    note = notes.sign_note(text, signers)
    parsed = notes.parse_note(note)
    assert parsed.text == text
    assert parsed.format() == note
    known = tuple(signer.verifier_key() for signer in signers)
    assert notes.open_note(note, known) == (text, known)


def test_signatures_by_unknown_keys_are_ignored_wherever_they_stand() -> None:
    same_name = "— PeterNeumann " + base64.b64encode(b"abcd" + bytes(64)).decode() + "\n"
    same_id = "— Peter " + base64.b64encode(NEUMANN.key_id + bytes(64)).decode() + "\n"
    lines = UNKNOWN_LINE + same_name + NEUMANN_LINE + same_id
    assert notes.open_note(f"{NEUMANN_TEXT}\n{lines}", [NEUMANN])[1] == (NEUMANN,)


def test_a_bad_signature_of_a_known_key_rejects_the_whole_note() -> None:
    known = [NEUMANN, OTHER.verifier_key()]
    bad = Signature.by(OTHER.verifier_key(), bytes(64)).line()
    for lines in (NEUMANN_LINE + bad, bad + NEUMANN_LINE):
        with pytest.raises(ProofError):
            notes.open_note(f"{NEUMANN_TEXT}\n{lines}", known)


def test_a_note_without_a_known_key_is_rejected() -> None:
    with pytest.raises(ProofError, match="no known key"):
        notes.open_note(NEUMANN_NOTE, [OTHER.verifier_key()])
    with pytest.raises(ProofError, match="no known key"):
        notes.open_note(NEUMANN_NOTE, [])


def test_every_changed_byte_of_text_or_signature_is_refused() -> None:
    data = NEUMANN_NOTE.encode()
    for at in range(len(data)):
        changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        with pytest.raises((FormatError, ProofError)):
            notes.open_note(changed.decode("utf-8", "surrogateescape"), [NEUMANN])


def test_two_keys_of_one_name_and_id_are_an_error() -> None:
    class Colliding(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return NEUMANN.key_id

    colliding = Colliding("PeterNeumann", SignatureType.ED25519, bytes(32))
    with pytest.raises(FormatError, match="share a key ID"):
        notes.open_note(NEUMANN_NOTE, [NEUMANN, colliding])
    assert notes.open_note(NEUMANN_NOTE, [NEUMANN, NEUMANN])[1] == (NEUMANN,)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        NEUMANN_TEXT,
        NEUMANN_TEXT + "\n",
        NEUMANN_TEXT + NEUMANN_LINE,
        NEUMANN_NOTE[:-1],
        NEUMANN_NOTE + "\n",
        NEUMANN_NOTE.replace("— ", "- "),
        NEUMANN_NOTE.replace("— ", "—"),
        NEUMANN_NOTE.replace("— P", "—  P"),
        NEUMANN_NOTE.replace("nn x08", "nn  x08"),
        NEUMANN_NOTE.replace("=\n", "= \n"),
        NEUMANN_NOTE.replace("=\n", "\n"),
        NEUMANN_NOTE.replace("nAM=", "nAN="),
        NEUMANN_NOTE.replace("\n", "\r\n"),
        NEUMANN_NOTE.replace("answer", "ans\twer"),
        NEUMANN_NOTE.replace("answer", "ans\x00wer"),
        NEUMANN_NOTE.replace("answer", "ans\udc80wer"),
        NEUMANN_TEXT + "\n— PeterNeumann x08gow==\n",
        NEUMANN_TEXT + "\n— PeterNeumann\n",
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(FormatError):
        notes.parse_note(note)


@pytest.mark.parametrize(("count", "accepted"), [(16, True), (64, True), (65, False)])
def test_a_note_has_at_most_64_signatures(count: int, *, accepted: bool) -> None:
    note = f"{NEUMANN_TEXT}\n{UNKNOWN_LINE * (count - 1)}{NEUMANN_LINE}"
    if accepted:
        assert notes.open_note(note, [NEUMANN])[1] == (NEUMANN,)
    else:
        with pytest.raises(FormatError):
            notes.parse_note(note)


@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_note_over_the_size_limit_is_refused(letter: str) -> None:
    with pytest.raises(FormatError, match="longer than"):
        notes.parse_note(letter * 400_000 + "\n\n" + NEUMANN_LINE * (1 if letter == "é" else 2000))


def test_sixteen_post_quantum_signatures_fit_a_note() -> None:
    line = Signature("a.example", b"abcd", bytes(5000)).line()
    assert len(notes.parse_note("text\n\n" + line * 16).signatures) == 16


@pytest.mark.parametrize(
    "note",
    [
        Note("no newline", (Signature("a", b"abcd", b"s"),)),
        Note("text\n", ()),
        Note("text\n", (Signature("a b", b"abcd", b"s"),)),
        Note("text\n", (Signature("a", b"abcd", b""),)),
    ],
)
def test_what_would_not_parse_is_not_written(note: Note) -> None:
    with pytest.raises(FormatError):
        note.format()


def test_a_cosigner_key_signs_and_opens_no_plain_note() -> None:
    cosigner = SigningKey("PeterNeumann", SignatureType.ED25519_COSIGNATURE, NEUMANN_SEED)
    with pytest.raises(FormatError):
        notes.sign_note(NEUMANN_TEXT, [cosigner])
    line = Signature.by(cosigner.verifier_key(), bytes(72)).line()
    with pytest.raises(FormatError):
        notes.open_note(f"{NEUMANN_TEXT}\n{line}", [cosigner.verifier_key()])


@pytest.mark.parametrize("text", ["YQ", "YQ==\n", "YR==", "Y Q==", "YQ=", "Y-_=", "é"])
def test_base64_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        notes.decode_base64(text)
    assert notes.decode_base64("YQ==") == b"a"
