import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.history_proof import verify_history
from ledger.log.status_file import STATUS_FILE_LIMIT, StatusFile
from tests.unit.clients.verifier.small_log import NUMBER, issued, trust_file

ISSUED = issued()
STATUS = StatusFile(NUMBER, ISSUED.history)


def test_a_status_file_comes_back_from_its_bytes_and_its_history_verifies() -> None:
    read = StatusFile.from_bytes(STATUS.to_bytes())
    assert read == STATUS
    assert verify_history(read.history, trust_file()).commit.covers == 6


def test_the_history_stands_in_it_as_an_object() -> None:
    document = json.loads(STATUS.to_bytes())
    assert sorted(document) == ["history", "number", "v"]
    assert document["history"] == json.loads(ISSUED.history.to_bytes())


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"number": 5},
        {"number": NUMBER[:-1] + "0"},
        {"history": None},
        {"history": {}},
        {"history": []},
        {"more": 1},
    ],
)
def test_members_out_of_form_are_refused(change: dict[str, object]) -> None:
    document = {**json.loads(STATUS.to_bytes()), **change}
    data = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    with pytest.raises(FormatError):
        StatusFile.from_bytes(data.encode())


def test_other_bytes_of_the_same_object_are_refused() -> None:
    with pytest.raises(FormatError):
        StatusFile.from_bytes(STATUS.to_bytes() + b"\n")
    with pytest.raises(FormatError):
        StatusFile.from_bytes(b" " * (STATUS_FILE_LIMIT + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        StatusFile.from_bytes(data)


@given(st.integers(0, len(STATUS.to_bytes()) - 1), st.integers(1, 255))
def test_an_edited_file_is_another_file_or_none(at: int, mask: int) -> None:
    data = bytearray(STATUS.to_bytes())
    data[at] ^= mask
    try:
        read = StatusFile.from_bytes(bytes(data))
    except FormatError:
        return
    assert read.to_bytes() == bytes(data)
