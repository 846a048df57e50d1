"""Canonical JSON: what RFC 8785 writes, as far as the ledger's documents go, and nothing else."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import canonical_json
from ledger.log.errors import FormatError

LIMIT = 4096
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
NAMES = st.text(st.characters(max_codepoint=0x7F), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def test_the_strings_of_rfc_8785_are_written_as_it_prints_them() -> None:
    # Section 3.2.2: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/" and the literals.
    sample = {"string": '\u20ac$\u000f\u000aA\'B"\\\\"/', "literals": [None, True, False]}
    expected = r'{"literals":[null,true,false],"string":"€$\u000f\nA' + r"'" + r'B\"\\\\\"/"}'
    assert canonical_json.encode(sample) == expected.encode()
    assert canonical_json.decode(expected.encode(), LIMIT) == sample


def test_members_are_sorted_and_nothing_is_written_between_them() -> None:
    document = {"v": 1, "root": "00", "B": {"b": 2, "a": 1}, "": []}
    assert canonical_json.encode(document) == b'{"":[],"B":{"a":1,"b":2},"root":"00","v":1}'


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_it_writes_what_rfc_8785_writes_and_reads_it_back(document: dict[str, object]) -> None:
    data = canonical_json.encode(document)
    assert data == rfc8785.dumps(document)  # type: ignore[arg-type]  # drawn as plain JSON
    assert canonical_json.decode(data, len(data)) == document
    with pytest.raises(FormatError):
        canonical_json.decode(data, len(data) - 1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b"1", id="a number"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"a":1', id="cut"),
        pytest.param(b'{"a":1}\n', id="a line feed behind"),
        pytest.param(b' {"a":1}', id="a space in front"),
        pytest.param(b'{"a": 1}', id="a space between"),
        pytest.param(b'{"b":1,"a":1}', id="not sorted"),
        pytest.param(b'{"a":1,"a":1}', id="a member twice"),
        pytest.param(b'{"a":1,}', id="a comma too many"),
        pytest.param(b'{"a":1.0}', id="a fraction"),
        pytest.param(b'{"a":0.5}', id="a half"),
        pytest.param(b'{"a":1e2}', id="an exponent"),
        pytest.param(b'{"a":-0}', id="minus nothing"),
        pytest.param(b'{"a":01}', id="a leading zero"),
        pytest.param(b'{"a":9007199254740992}', id="2^53"),
        pytest.param(b'{"a":[-9007199254740992]}', id="-2^53"),
        pytest.param(b'{"a":18446744073709551616}', id="2^64"),
        pytest.param(b'{"a":NaN}', id="not a number"),
        pytest.param(b'{"a":"\\u0041"}', id="an escape that is not needed"),
        pytest.param(b'{"a":"\\u000F"}', id="an escape in capitals"),
        pytest.param(b'{"a":"\\/"}', id="an escaped slash"),
        pytest.param(b'{"a":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param('{"学时":1}'.encode(), id="a name that is not ASCII"),
        pytest.param(b'{"a":' * 300 + b"1" + b"}" * 300, id="300 deep"),
        pytest.param(b'{"a":' * 2_000 + b"1" + b"}" * 2_000, id="2,000 deep"),
    ],
)
def test_any_other_writing_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        canonical_json.decode(data, 2**20)


def test_the_bounds_of_the_restriction_are_read() -> None:
    data = b'{"a":9007199254740991,"b":[-9007199254740991,true,"\xe5\xad\xa6"]}'
    assert canonical_json.decode(data, LIMIT) == json.loads(data)
    deep = b'{"a":' * 254 + b"1" + b"}" * 254
    assert canonical_json.encode(canonical_json.decode(deep, LIMIT)) == deep


@given(st.binary(max_size=64))
def test_no_other_exception_escapes(data: bytes) -> None:
    try:
        document = canonical_json.decode(data, 60)
    except FormatError:
        return
    assert canonical_json.encode(document) == data
