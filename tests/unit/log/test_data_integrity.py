"""Data Integrity proofs: the W3C's vector, the limits, and what a proof must not let through."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.contexts import CREDENTIALS_V2, OPEN_BADGES_3, packaged_context
from ledger.log.data_integrity import add_proof, signing_input, verify_proof
from ledger.log.errors import FormatError, LogError, ProofError
from ledger.log.multikey import decode_ed25519, decode_multibase

VECTORS = Path(__file__).parents[2] / "vectors" / "open_badges"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"

# Data Integrity EdDSA Cryptosuites v1.0, appendix B.1.
PUBLIC = decode_ed25519("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
# Multicodec ed25519-priv, two bytes, then the private key.
PRIVATE = Ed25519PrivateKey.from_private_bytes(
    decode_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")[2:]
)
PROOF_HASH = "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
DOCUMENT_HASH = "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"

METHOD = "did:web:cert.example.org#key-2026-1"
CREATED = "2026-11-20T08:00:00Z"


def vector() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (VECTORS / "w3c-eddsa-rdfc-2022-signed.json").read_bytes()
    )
    return document


def examples() -> dict[str, object]:
    return {EXAMPLES_V2: json.loads((VECTORS / "w3c-credentials-examples-v2.json").read_bytes())}


def certificate() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VECTORS / "certificate.json").read_bytes())
    return document


def unsigned(**members: object) -> dict[str, object]:
    document = certificate()
    del document["proof"]
    return {**document, **members}


def sign(document: dict[str, object]) -> dict[str, object]:
    return add_proof(document, PRIVATE, METHOD, CREATED)


def test_the_hashes_of_the_w3c_vector_are_reproduced() -> None:
    document = vector()
    options = document.pop("proof")
    del options["proofValue"]
    data = signing_input(document, options, extra_contexts=examples())
    assert data.hex() == PROOF_HASH + DOCUMENT_HASH


def test_the_w3c_vector_verifies() -> None:
    verify_proof(vector(), PUBLIC, extra_contexts=examples())


def test_signing_the_w3c_vector_gives_its_proof() -> None:
    document = vector()
    proof = document.pop("proof")
    method, created = proof["verificationMethod"], proof["created"]
    assert add_proof(document, PRIVATE, method, created, extra_contexts=examples()) == vector()


def test_an_edited_w3c_vector_does_not_verify() -> None:
    document = vector()
    document["credentialSubject"]["alumniOf"] = "Another School"
    with pytest.raises(ProofError):
        verify_proof(document, PUBLIC, extra_contexts=examples())


def test_a_context_given_for_a_vector_is_unknown_afterwards() -> None:
    verify_proof(vector(), PUBLIC, extra_contexts=examples())
    with pytest.raises(FormatError, match="unknown context"):
        verify_proof(vector(), PUBLIC)


def test_the_credentials_context_is_the_one_that_w3c_published() -> None:
    assert json.loads(packaged_context(CREDENTIALS_V2))["@context"]["@protected"] is True


def test_no_other_context_is_packaged() -> None:
    with pytest.raises(FormatError, match="unknown context"):
        packaged_context("https://www.w3.org/2018/credentials/v1")


def test_a_signed_document_verifies_for_its_method() -> None:
    verify_proof(sign(unsigned()), PUBLIC, METHOD)


def test_another_method_is_refused() -> None:
    with pytest.raises(ProofError, match="another verification method"):
        verify_proof(sign(unsigned()), PUBLIC, "did:web:cert.example.org#key-2026-2")


def test_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    with pytest.raises(ProofError):
        verify_proof(sign(unsigned()), other, METHOD)


def test_a_document_is_signed_once() -> None:
    with pytest.raises(FormatError, match="already has a proof"):
        sign(certificate())


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("type", "Ed25519Signature2020"),
        ("cryptosuite", "eddsa-jcs-2022"),
        ("proofPurpose", "authentication"),
        ("created", "2026-11-20"),
        ("created", "2026-11-20T8:00:00Z"),
        ("created", "2026-11-20T08:00:00+00:00"),
        ("created", 5),
        ("verificationMethod", "key-2026-1"),
        ("verificationMethod", "did:web:cert.example.org"),
        ("verificationMethod", ["did:web:cert.example.org#key-2026-1"]),
        ("domain", "example.org"),
        ("proofValue", "u" + "A" * 86),
        ("proofValue", "z0OIl"),
        ("proofValue", "z"),
        ("proofValue", "z" + "2" * 90),
        ("proofValue", None),
    ],
)
def test_a_proof_of_another_form_is_refused(member: str, value: object) -> None:
    document = certificate()
    document["proof"][member] = value
    with pytest.raises(FormatError):
        verify_proof(document, PUBLIC)


@pytest.mark.parametrize("proof", [None, [], {}, "z", [certificate()["proof"]] * 2])
def test_anything_but_one_proof_is_refused(proof: object) -> None:
    with pytest.raises(FormatError):
        verify_proof({**certificate(), "proof": proof}, PUBLIC)


@pytest.mark.parametrize("member", ["created", "verificationMethod"])
def test_the_proof_options_are_signed(member: str) -> None:
    document = sign(unsigned())
    proof = document["proof"]
    assert isinstance(proof, dict)
    proof[member] = proof[member].replace("2026", "2027")
    with pytest.raises(ProofError):
        verify_proof(document, PUBLIC)


@pytest.mark.parametrize(
    "contexts",
    [
        None,
        CREDENTIALS_V2,
        [],
        [OPEN_BADGES_3, CREDENTIALS_V2],
        [CREDENTIALS_V2, "https://example.org/context"],
        [CREDENTIALS_V2, OPEN_BADGES_3, OPEN_BADGES_3],
        [CREDENTIALS_V2, {"score": "https://example.org/score"}],
        [CREDENTIALS_V2, "file:///etc/passwd"],
    ],
)
def test_other_contexts_are_refused(contexts: object) -> None:
    with pytest.raises(FormatError):
        sign(unsigned(**{"@context": contexts}))


def in_subject(**members: object) -> dict[str, object]:
    document = certificate()
    del document["proof"]
    document["credentialSubject"].update(members)
    return document


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(unsigned(score=92), id="a term without a definition"),
        pytest.param(in_subject(scores={"theory": 92}), id="the same, deeper"),
        pytest.param(unsigned(type=["VerifiableCredential", "MyType"]), id="an unknown type"),
        pytest.param(
            unsigned(credentialSchema={"id": "urn:x:y", "type": "1EdTechJsonSchemaValidator2019"}),
            id="a type that the specification's examples use and its context lacks",
        ),
        pytest.param(unsigned(id="relative/id"), id="a relative id"),
        pytest.param(unsigned(id="_:b0"), id="a named blank node"),
        pytest.param(unsigned(id="urn:x> <urn:p> <urn:y"), id="an id that splits its N-Quad"),
        pytest.param(unsigned(name=None), id="null"),
        pytest.param(unsigned(name=[]), id="an empty list"),
        pytest.param(unsigned(name="a\x07b"), id="a control character"),
        pytest.param(unsigned(name="\ud800"), id="a lone surrogate"),
        pytest.param(in_subject(creditsEarned=48.0), id="an integer written as a float"),
        pytest.param(in_subject(creditsEarned=float("nan")), id="not a number"),
        pytest.param(in_subject(creditsEarned=2**53), id="an integer beyond 2^53"),
        pytest.param(unsigned(name=b"bytes"), id="bytes"),
        pytest.param(unsigned(**{"@graph": []}), id="a keyword"),
        pytest.param(in_subject(**{"@context": {}}), id="a context inside"),
        pytest.param(unsigned(name={"@value": "x"}), id="a keyword inside"),
    ],
)
def test_what_would_not_be_signed_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        sign(document)


def test_a_term_added_after_signing_is_refused_and_not_ignored() -> None:
    with pytest.raises(FormatError, match="do not define"):
        verify_proof({**sign(unsigned()), "score": 92}, PUBLIC)


def test_a_document_over_256_kib_is_refused() -> None:
    with pytest.raises(FormatError, match="larger than"):
        sign(in_subject(source="x" * 200_000, role="y" * 80_000))


def test_a_deep_document_is_refused() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(FormatError, match="too deeply"):
        sign(unsigned(name=deep))


def test_a_document_with_too_many_values_is_refused() -> None:
    with pytest.raises(FormatError, match="too many values"):
        sign(unsigned(name=["x"] * 5000))


def test_a_poison_graph_is_refused_without_working_through_its_orders() -> None:
    # Two achievements, each with twelve criteria, and nothing that tells any of them apart:
    # more than 12! = 479,001,600 orders.
    criteria = [{"narrative": "same"} for _ in range(12)]
    document = in_subject(achievement=[{"type": "Achievement", "criteria": criteria}] * 2)
    with pytest.raises(FormatError, match="told apart"):
        sign(document)


def test_a_long_poison_graph_is_refused() -> None:
    # Few orders at each place, but each leads to the next place.
    criteria: dict[str, object] = {"narrative": "same"}
    for _ in range(5):
        criteria = {"type": "Achievement", "criteria": [criteria, criteria]}
    with pytest.raises(FormatError, match="told apart"):
        sign(in_subject(achievement=[criteria, criteria]))


def test_a_few_equal_things_without_an_id_are_signed() -> None:
    criteria = [{"narrative": "same"}] * 3
    document = in_subject(achievement=[{"type": "Achievement", "criteria": criteria}] * 2)
    verify_proof(sign(document), PUBLIC)


def test_the_order_of_a_list_is_not_what_is_signed() -> None:
    document: dict[str, Any] = sign(unsigned())
    document["credentialSubject"]["identifier"].reverse()
    verify_proof(document, PUBLIC)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "name", "achievement", "evidence", "@id", "@set", "x"]),
            children,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["id", "type", "issuer", "credentialSubject", "evidence", "validFrom", "x"]),
    JSON,
)
def test_no_document_makes_it_raise_anything_else(member: str, value: object) -> None:
    document = unsigned(**{member: value})
    try:
        verify_proof(sign(document), PUBLIC, METHOD)
    except LogError as error:
        assert isinstance(error, FormatError)  # noqa: PT017 - success is the other good outcome


def test_the_errors_are_importable_without_the_json_ld_processor() -> None:
    code = (
        "import ledger.log.errors, ledger.log.certificate_file, sys;sys.exit('pyld' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
