"""The strict event reader: bytes written by hand, the vectors, and everything it must refuse."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.errors import FormatError
from ledger.log.event_reader import EVENT_LIMIT, Record, read_event
from tests.independent.vectors import ADMITTED, REFUSED, VECTORS

# Tags by hand, field * 8 + wire type. TrainingEvent: header 1 is 0a, cohort_closed 26 is 210, which
# is d2 01 as a varint. EventHeader: type 4 is 22. CohortClosed: completed 1 is 08.
TYPE = b"\x22\x0cCohortClosed"
CLOSED = b"\xd2\x01\x02\x08\x07"
GOOD = bytes.fromhex(VECTORS["event-LearnerSignedIn"]["events"][0]["event_hex"])


def event(header: bytes = b"", body: bytes = CLOSED) -> bytes:
    content = TYPE + header
    assert len(content) < 128
    return bytes([0x0A, len(content)]) + content + body


def test_the_smallest_event_reads_with_every_other_field_at_its_default() -> None:
    read = read_event(event())
    assert read.type == read.header.type == "CohortClosed"
    assert read.body.completed == 7
    header = read.header
    assert (header.salt, header.origin, header.occurred_us, header.synthetic) == (b"", "", 0, False)
    assert header.cohorts == []
    assert header.clock is None


@pytest.mark.parametrize(
    ("bytes_", "name", "value"),
    [
        # int64 10 -> 50: 150 is 96 01, minus one ten bytes of ones.
        ("50 96 01", "occurred_us", 150),
        ("50 ff ff ff ff ff ff ff ff ff 01", "occurred_us", -1),
        ("50 80 80 80 80 80 80 80 80 80 01", "occurred_us", -(2**63)),
        # sint32 11 -> 58: zigzag 960 is 480, 1 is -1, 2^32 - 1 is -2^31.
        ("58 c0 07", "utc_offset_minutes", 480),
        ("58 01", "utc_offset_minutes", -1),
        ("58 ff ff ff ff 0f", "utc_offset_minutes", -(2**31)),
        # uint64 14 -> 70, bool 20 -> a0 01, enum 16 -> 80 01.
        ("70 ff ff ff ff ff ff ff ff ff 01", "device_sequence", 2**64 - 1),
        ("70 87 80 00", "device_sequence", 7),
        ("a0 01 01", "synthetic", True),
        ("a0 01 00", "synthetic", False),
        ("80 01 ff ff ff ff 07", "record_origin", 2**31 - 1),
        # string 2 -> 12, bytes 1 -> 0a, repeated bytes 9 -> 4a.
        ("12 03 e5 ad a6", "origin", "学"),
        ("12 00", "origin", ""),
        ("0a 02 00 ff", "salt", b"\x00\xff"),
        ("4a 01 aa 4a 00 4a 01 bb", "cohorts", [b"\xaa", b"", b"\xbb"]),
    ],
)
def test_a_value_reads_as_it_was_written_by_hand(bytes_: str, name: str, value: object) -> None:
    read = getattr(read_event(event(bytes.fromhex(bytes_))).header, name)
    assert read == value
    assert type(read) is type(value)


def test_a_message_in_a_message_is_read() -> None:
    # clock 12 -> 62, with last_sync_us 1 -> 08 and boot_id 2 -> 12.
    clock = read_event(event(bytes.fromhex("62 05 08 05 12 01 aa"))).header.clock
    assert (clock.last_sync_us, clock.boot_id, clock.monotonic_us) == (5, b"\xaa", 0)


@pytest.mark.parametrize("name", ADMITTED)
def test_the_events_of_the_vectors_are_admitted(name: str) -> None:
    for stated in VECTORS[name]["events"]:
        data = bytes.fromhex(stated["event_hex"])
        assert hashlib.sha256(b"\x00" + data).hexdigest() == stated["leaf_hex"]
        read = read_event(data)
        assert read.type == stated["event"]["header"]["type"]
        assert read.header.origin == VECTORS[name]["origin"]
        with pytest.raises(FormatError):
            read_event(data + b"\x00")


@pytest.mark.parametrize("name", REFUSED)
def test_the_refused_events_of_the_vectors_are_refused(name: str) -> None:
    with pytest.raises(FormatError):
        read_event(bytes.fromhex(VECTORS[name]["event_hex"]))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(event(body=b""), id="no body"),
        pytest.param(CLOSED, id="no header"),
        pytest.param(event(body=CLOSED + CLOSED), id="a body twice"),
        pytest.param(event(body=CLOSED + b"\xaa\x01\x00"), id="two bodies"),
        pytest.param(event() + event(body=b""), id="a header twice"),
        pytest.param(event(TYPE), id="a field twice"),
        pytest.param(event(body=b"\xaa\x01\x00"), id="another body than the type names"),
        pytest.param(event(b"\xb0\x01\x00"), id="field 22 of the header"),
        pytest.param(event(body=CLOSED + b"\x12\x00"), id="field 2 of the event"),
        pytest.param(event(body=b"\xd2\x01\x02\x10\x07"), id="field 2 of the body"),
        pytest.param(event(b"\x00\x00"), id="field 0"),
        pytest.param(event(b"\x63\x64"), id="a group"),
        pytest.param(event(b"\x51" + bytes(8)), id="a fixed number of 64 bits"),
        pytest.param(event(b"\x55" + bytes(4)), id="a fixed number of 32 bits"),
        pytest.param(event(b"\x10\x01"), id="a number for a string"),
        pytest.param(event(b"\x52\x01\x01"), id="bytes for a number"),
        pytest.param(event(b"\x56"), id="wire type 6"),
        pytest.param(event(b"\xa0\x01\x02"), id="bool 2"),
        pytest.param(event(b"\x80\x01\x80\x80\x80\x80\x08"), id="enum 2^31"),
        pytest.param(event(b"\x58\x80\x80\x80\x80\x10"), id="sint32 of 2^32"),
        pytest.param(event(body=b"\xd2\x01\x06\x08\x80\x80\x80\x80\x10"), id="uint32 2^32"),
        pytest.param(event(b"\x70" + b"\xff" * 9 + b"\x02"), id="a varint of 65 bits"),
        pytest.param(event(b"\x70" + b"\x80" * 10 + b"\x00"), id="a varint of 11 bytes"),
        pytest.param(event(b"\x70\x80"), id="a varint cut off by its message"),
        pytest.param(event(b"\x12\x05log"), id="a length that leaves its message"),
        pytest.param(event(b"\x12\x02\xc0\x80"), id="an overlong zero"),
        pytest.param(event(b"\x12\x03\xed\xa0\x80"), id="half a surrogate pair"),
        pytest.param(event(b"\x12\x02\xe5\xad"), id="a cut character"),
    ],
)
def test_bytes_outside_the_subset_are_refused(data: bytes) -> None:
    assert read_event(event()).type == "CohortClosed"
    with pytest.raises(FormatError):
        read_event(data)


def test_an_event_has_131072_bytes_at_most() -> None:
    # 131,072 = 4 (tag and length of the header) + 14 (type) + 4 (tag and length of the origin)
    # + 131,045 (origin) + 5 (body). Lengths: 131,045 is e5 ff 07, 14 + 4 + 131,045 is f7 ff 07.
    origin = b"\x12\xe5\xff\x07" + b"a" * 131_045
    largest = b"\x0a\xf7\xff\x07" + TYPE + origin + CLOSED
    assert len(largest) == EVENT_LIMIT == 131_072
    assert len(read_event(largest).header.origin) == 131_045
    with pytest.raises(FormatError, match="at most 131072"):
        read_event(largest + b"\x00")


def test_a_field_that_no_proto_declares_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = read_event(event()).body.learners
    with pytest.raises(AttributeError):
        _ = Record({}).anything


@given(st.binary(max_size=64))
def test_no_other_exception_escapes_on_any_bytes(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_event(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_shows_in_what_is_read(place: int, byte: int) -> None:
    changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    good = read_event(GOOD)
    try:
        read = read_event(changed)
    except FormatError:
        return
    shown = [_plain(read.header), _plain(read.body)]
    assert (shown == [_plain(good.header), _plain(good.body)]) == (changed == GOOD)


def _plain(record: Record) -> dict[str, object]:
    return {
        name: _plain(value) if isinstance(value, Record) else value
        for name, value in vars(record).items()
    }


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_event_is_refused(end: int) -> None:
    with pytest.raises(FormatError):
        read_event(GOOD[:end])
