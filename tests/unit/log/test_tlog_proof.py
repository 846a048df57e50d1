"""tlog-proof: its text, what it proves, and everything that is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoints import TrustedKeys, sign_checkpoint
from ledger.log.errors import FormatError, ProofError
from ledger.log.merkle import inclusion_path
from ledger.log.tlog_proof import MAX_EXTRA_SIZE, TlogProof
from tests.unit.log.rfc6962_reference import LEAF_HASHES
from tests.unit.log.signed_trees import (
    ED25519,
    LOG_KEYS,
    ML_DSA,
    TIME,
    TREE,
    TRUSTED,
    WITNESS,
)

CHECKPOINT = sign_checkpoint(TREE, (ED25519, ML_DSA), TIME)
PATH = inclusion_path(LEAF_HASHES, 5)
PROOF = TlogProof(5, PATH, CHECKPOINT)
TEXT = PROOF.format()
WITH_EXTRA = TlogProof(5, PATH, CHECKPOINT, b"opaque").format()


def test_the_text_is_that_of_the_specification() -> None:
    lines = [base64.b64encode(step).decode() for step in PATH]
    head = "c2sp.org/tlog-proof@v1\nindex 5\n" + "\n".join(lines)
    assert PROOF.format() == f"{head}\n\n{CHECKPOINT}"
    with_extra = TlogProof(5, PATH, CHECKPOINT, b"opaque")
    assert with_extra.format() == TEXT.replace("\nindex", "\nextra b3BhcXVl\nindex")


def test_a_proof_gives_its_text_back_and_verifies() -> None:
    for text in (TEXT, WITH_EXTRA):
        proof = TlogProof.parse(text)
        assert proof.format() == text
        opened = proof.verify(LEAF_HASHES[5], TRUSTED)
        assert opened.checkpoint == TREE
        assert opened.timestamp == TIME
    assert TlogProof.parse(WITH_EXTRA).extra == b"opaque"
    assert TlogProof.parse(TEXT).extra is None


@given(
    st.integers(0, (1 << 63) - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(min_size=1, max_size=200),
)
def test_any_proof_gives_itself_back(index: int, path: list[bytes], extra: bytes | None) -> None:
    proof = TlogProof(index, tuple(path), CHECKPOINT, extra)
    assert TlogProof.parse(proof.format()) == proof


def test_a_tree_of_one_leaf_needs_no_path() -> None:
    proof = TlogProof(0, (), CHECKPOINT)
    assert proof.format().startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nledger.example/320599\n")
    assert TlogProof.parse(proof.format()) == proof


def test_a_proof_for_anything_else_is_refused() -> None:
    refused = [
        (PROOF, LEAF_HASHES[4]),
        (TlogProof(4, PATH, CHECKPOINT), LEAF_HASHES[5]),
        (TlogProof(8, PATH, CHECKPOINT), LEAF_HASHES[5]),
        (TlogProof(5, PATH[:-1], CHECKPOINT), LEAF_HASHES[5]),
        (TlogProof(5, PATH[::-1], CHECKPOINT), LEAF_HASHES[5]),
        (TlogProof(5, (*PATH, bytes(32)), CHECKPOINT), LEAF_HASHES[5]),
    ]
    for proof, leaf in refused:
        with pytest.raises(ProofError):
            proof.verify(leaf, TRUSTED)


def test_every_changed_character_is_refused_except_in_the_opaque_line() -> None:
    opaque = range(WITH_EXTRA.index("extra ") + 6, WITH_EXTRA.index("\nindex"))
    # The ML-DSA-44 line is long: a few spots of it stand for all.
    spots = [*range(len(WITH_EXTRA) - 3300), *range(len(WITH_EXTRA) - 3300, len(WITH_EXTRA), 300)]
    for at in spots:
        if at in opaque:
            continue
        other = "B" if WITH_EXTRA[at] == "A" else "A"
        changed = WITH_EXTRA[:at] + other + WITH_EXTRA[at + 1 :]
        with pytest.raises((FormatError, ProofError)):
            TlogProof.parse(changed).verify(LEAF_HASHES[5], TRUSTED)


def test_a_proof_under_other_keys_is_refused() -> None:
    for trusted in (TrustedKeys(()), TrustedKeys((WITNESS.verifier_key(),))):
        with pytest.raises(ProofError):
            PROOF.verify(LEAF_HASHES[5], trusted)
    assert PROOF.verify(LEAF_HASHES[5], TrustedKeys(LOG_KEYS)).checkpoint == TREE


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 5\n", ""),
        TEXT.replace("index 5", "index 05"),
        TEXT.replace("index 5", "index -5"),
        TEXT.replace("index 5", "index  5"),
        TEXT.replace("index 5", "index 9223372036854775808"),
        TEXT.replace("index 5", "Index 5"),
        TEXT.replace("index 5\n", "index 5\nindex 5\n"),
        TEXT.replace("index 5\n", "index 5\nextra b3BhcXVl\n"),
        WITH_EXTRA.replace("b3BhcXVl", ""),
        WITH_EXTRA.replace("b3BhcXVl", "b3BhcXV"),
        WITH_EXTRA.replace("extra b3BhcXVl\n", "extra b3BhcXVl\n" * 2),
        TEXT.replace("\n\n", "\n", 1),
        TEXT.replace("\n\n", "\n\n\n", 1),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("=\n", "\n", 1),
        TEXT.replace("=\n", "=\nYQ==\n", 1),
        TEXT[:-1],
        TEXT + "\n",
        " " + TEXT,
        TEXT.split("\n\n", maxsplit=1)[0] + "\n\n",
        TEXT.split("\n\n", maxsplit=1)[0],
        TEXT.replace("index 5\n", "index 5\n" + base64.b64encode(bytes(32)).decode() + "\n"),
    ],
)
def test_a_text_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises((FormatError, ProofError)):
        TlogProof.parse(text).verify(LEAF_HASHES[5], TRUSTED)


def test_the_extra_line_stays_below_64_kib() -> None:
    text = TlogProof(5, PATH, CHECKPOINT, bytes(MAX_EXTRA_SIZE)).format()
    assert len(text.split("\n")[1]) < 64 * 1024
    assert TlogProof.parse(text).extra == bytes(MAX_EXTRA_SIZE)
    with pytest.raises(FormatError):
        TlogProof(5, PATH, CHECKPOINT, bytes(MAX_EXTRA_SIZE + 1))
    longer = base64.b64encode(bytes(MAX_EXTRA_SIZE + 3)).decode()
    with pytest.raises(FormatError):
        TlogProof.parse(WITH_EXTRA.replace("b3BhcXVl", longer))


def test_fields_out_of_range_are_refused() -> None:
    for index, path, checkpoint, extra in (
        (-1, PATH, CHECKPOINT, None),
        (1 << 63, PATH, CHECKPOINT, None),
        (5, (b"short",), CHECKPOINT, None),
        (5, (bytes(32),) * 64, CHECKPOINT, None),
        (5, PATH, CHECKPOINT, b""),
        (5, PATH, "no note", None),
    ):
        with pytest.raises(FormatError):
            TlogProof(index, path, checkpoint, extra)


def test_a_path_of_too_many_lines_is_refused() -> None:
    line = base64.b64encode(bytes(32)).decode() + "\n"
    with pytest.raises(FormatError):
        TlogProof.parse(TEXT.replace("index 5\n", "index 5\n" + line * 64))
