import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.notes import SignatureType, SigningKey
from ledger.log.trust_file import TrustFile
from tests.unit.clients.verifier.small_log import (
    LOG_KEYS,
    ORIGIN,
    ROOT,
    WITNESS,
    WITNESS_POLICY,
    spki,
    trust_file,
)

TRUST = trust_file(policy=WITNESS_POLICY)


def test_a_trust_file_comes_back_from_its_bytes() -> None:
    assert TrustFile.from_bytes(TRUST.to_bytes()) == TRUST
    document = json.loads(TRUST.to_bytes())
    assert sorted(document) == [
        "log_keys",
        "origin",
        "policy",
        "root_key",
        "status_max_age_hours",
        "v",
    ]
    assert document["log_keys"] == [key.verifier_key().vkey() for key in LOG_KEYS]


def test_its_keys_are_those_of_log_and_witnesses() -> None:
    trusted = TRUST.verifiers()
    assert trusted.log == tuple(key.verifier_key() for key in LOG_KEYS)
    assert trusted.cosigners == (WITNESS.verifier_key(),)


def test_a_final_newline_or_white_space_is_refused() -> None:
    with pytest.raises(FormatError):
        TrustFile.from_bytes(TRUST.to_bytes() + b"\n")
    with pytest.raises(FormatError):
        TrustFile.from_bytes(json.dumps(json.loads(TRUST.to_bytes())).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"origin": "other.example"},
        {"origin": 5},
        {"origin": "https://log.example/city"},
        {"log_keys": []},
        {"log_keys": "keys"},
        {"log_keys": [LOG_KEYS[0].verifier_key().vkey()]},
        {"log_keys": [key.verifier_key().vkey() for key in reversed(LOG_KEYS)]},
        {"log_keys": [1, 2]},
        {"policy": "quorum nobody\n"},
        {"policy": ""},
        {"policy": None},
        {"root_key": "AAAA"},
        {"root_key": None},
        {"status_max_age_hours": 0},
        {"status_max_age_hours": True},
        {"status_max_age_hours": 1.5},
        {"status_max_age_hours": 10**9},
        {"more": 1},
    ],
)
def test_members_out_of_form_are_refused(change: dict[str, object]) -> None:
    document = {**json.loads(TRUST.to_bytes()), **change}
    data = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(FormatError):
        TrustFile.from_bytes(data)


def test_a_policy_may_list_the_same_log_keys_and_no_others() -> None:
    listed = f"log {LOG_KEYS[0].verifier_key().vkey()}\nquorum none\n"
    assert TrustFile.from_bytes(replace(TRUST, policy=listed).to_bytes()).policy == listed
    other = SigningKey(ORIGIN, SignatureType.ED25519, b"\x07" * 32).verifier_key().vkey()
    with pytest.raises(FormatError):
        replace(TRUST, policy=f"log {other}\nquorum none\n")


def test_a_policy_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(FormatError):
        replace(TRUST, policy="quorum none\n# \ud800\n")


def test_the_root_key_is_named_by_its_id() -> None:
    assert TRUST.root_key == spki(ROOT)
    assert len(TRUST.root_key_id) == 32


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        TrustFile.from_bytes(data)


@given(st.integers(0, len(TRUST.to_bytes()) - 1), st.integers(1, 255))
def test_an_edited_file_is_another_file_or_none(at: int, mask: int) -> None:
    data = bytearray(TRUST.to_bytes())
    data[at] ^= mask
    try:
        read = TrustFile.from_bytes(bytes(data))
    except FormatError:
        return
    assert read != TRUST
    assert read.to_bytes() == bytes(data)
