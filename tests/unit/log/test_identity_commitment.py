"""Identity commitments: a vector made by hand, and what must move them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.identity_commitment import identity_commitment

OPENING = bytes(range(32))
NUMBER = "32059919900101002X"


def _hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """RFC 2104, from its definition."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


def test_the_vector_made_by_hand() -> None:
    message = (
        b"\0\0\0\0\0\0\0\x01"
        b"1"
        b"\0\0\0\0\0\0\0\x12"
        b"32059919900101002X"
        b"\0\0\0\0\0\0\0\x09"
        b"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e"
    )
    expected = _hmac_by_hand(OPENING, message)
    assert expected.hex() == "0310bc4ccb1c9d17285caa0a6d9a28153a6d7d881489cffe78f8f8e2c081d13d"
    assert identity_commitment(OPENING, 1, NUMBER, "王小明") == expected


@pytest.mark.parametrize(
    ("opening", "id_type", "number", "name"),
    [
        (bytes(32), 1, NUMBER, "王小明"),
        (OPENING, 2, NUMBER, "王小明"),
        (OPENING, 1, "320599199001010038", "王小明"),
        (OPENING, 1, NUMBER, "王小朋"),
        # Lengths are part of it: a character that moves from one field to the next changes it.
        (OPENING, 1, NUMBER[:-1], "X王小明"),
        (OPENING, 13, NUMBER[1:], "王小明"),
    ],
)
def test_every_part_counts(opening: bytes, id_type: int, number: str, name: str) -> None:
    whole = identity_commitment(OPENING, 1, NUMBER, "王小明")
    assert identity_commitment(opening, id_type, number, name) != whole


def test_a_name_is_not_normalised() -> None:
    # U+FA19 is NFC-equal to U+795E, yet another character on the card.
    compatibility = identity_commitment(OPENING, 1, NUMBER, "\ufa19")
    assert compatibility != identity_commitment(OPENING, 1, NUMBER, "\u795e")


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_names_never_share_a_commitment(one: str, other: str) -> None:
    same = identity_commitment(OPENING, 2, "E1234567", one) == identity_commitment(
        OPENING, 2, "E1234567", other
    )
    assert same == (one == other)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_an_opening_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(FormatError):
        identity_commitment(bytes(size), 1, NUMBER, "王小明")


def test_what_is_not_utf_8_is_refused_and_not_printed() -> None:
    with pytest.raises(FormatError) as caught:
        identity_commitment(OPENING, 1, NUMBER, "王\ud800")
    assert "王" not in str(caught.value)
    assert caught.value.__suppress_context__
