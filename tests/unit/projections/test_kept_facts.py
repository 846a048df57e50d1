"""Facts as documents keep them: every kept type comes back with the fields that are read."""

from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.amendments import AMENDMENTS
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.recorded_event import RecordedEvent
from projections.documents import decode, encode
from projections.kept_facts import COHORT_FACTS, ENROLMENT_FACTS, keep, restored, restored_all
from tests.unit.projections.story import COHORT, HOST

FIELDS = {**COHORT_FACTS, **ENROLMENT_FACTS}
STREAM = b"s" * 16
HEADER_FIELDS = (
    "event_id",
    "occurred_us",
    "device",
    "entered_by",
    "approved_by",
    "approver_key",
)


def descriptor(name: str, field: str) -> FieldDescriptor:
    found: FieldDescriptor = getattr(pb, name).DESCRIPTOR.fields_by_name[field]
    return found


def event_of(name: str, body: dict[str, Any], **header: object) -> RecordedEvent:
    given: dict[str, Any] = {"event_id": b"i" * 16, "cohorts": [COHORT], **header}
    fields: tuple[Any, Any] = pb.EventHeader(**given), getattr(pb, name)(**body)
    return RecordedEvent(7, 3, name, STREAM, 99, *fields)


def through(event: RecordedEvent) -> RecordedEvent:
    """The fact after its document was written and read."""
    return restored(decode(encode({"row": keep(event)}))["row"], STREAM, COHORT)


TEXT = st.text("ABCDEFabcdef0123456789-./", max_size=32)
BYTES = st.binary(max_size=32)


def values(name: str, field: str) -> st.SearchStrategy[Any]:
    """Anything that the field may hold; text that looks like bytes in hex among it."""
    found = descriptor(name, field)
    match found.type:
        case FieldDescriptor.TYPE_STRING:
            return TEXT
        case FieldDescriptor.TYPE_BYTES:
            return BYTES
        case FieldDescriptor.TYPE_BOOL:
            return st.booleans()
        case FieldDescriptor.TYPE_ENUM:
            return st.integers(0, 7)
        case FieldDescriptor.TYPE_MESSAGE:
            parts = st.builds(
                lambda part, hours: pb.CreditedHours(component=part, hours=hours),
                st.integers(1, 3),
                st.integers(0, 10_000),
            )
            return st.lists(parts, max_size=3)
        case FieldDescriptor.TYPE_INT64:
            return st.integers(-(2**53) + 1, 2**53 - 1)
        case FieldDescriptor.TYPE_UINT32:
            return st.integers(0, 2**32 - 1)
    return st.integers(0, 2**53 - 1)


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=20)
@given(data=st.data())
def test_every_kept_field_of_every_kept_type_comes_back(name: str, data: st.DataObject) -> None:
    body = {field: data.draw(values(name, field), label=field) for field in FIELDS[name]}
    header = {
        "event_id": data.draw(st.binary(min_size=16, max_size=16)),
        "occurred_us": data.draw(st.integers(0, 2**53 - 1)),
        "device": data.draw(st.sampled_from(["", "TERM-0001", "abcd"])),
        "entered_by": data.draw(st.sampled_from([b"", b"1" * 16])),
        "approved_by": data.draw(st.sampled_from([b"", b"2" * 16])),
        "approver_key": data.draw(st.sampled_from([b"", b"k" * 32])),
        "cohorts": [COHORT, *data.draw(st.sampled_from([[], [HOST], [HOST, COHORT]]))],
    }
    event = event_of(name, body, **header)
    back = through(event)
    for field in FIELDS[name]:
        kept, given = getattr(back.body, field), getattr(event.body, field)
        if field == "credited":
            kept = [(part.component, part.hours) for part in kept]
            given = [(part.component, part.hours) for part in given]
        assert (kept, type(kept)) == (given, type(given)) or kept == given == []
    assert [getattr(back.header, field) for field in HEADER_FIELDS] == [
        getattr(event.header, field) for field in HEADER_FIELDS
    ]
    assert back.header.cohorts == list(event.header.cohorts)
    assert (back.index, back.type, back.stream, back.recorded_us) == (7, name, STREAM, 99)
    # And once more: what is kept of a kept fact is the same document.
    assert keep(back) == keep(event)


def test_these_are_facts_of_their_streams_and_the_decisions_that_hours_rest_on() -> None:
    for kind, facts in (("cohort", COHORT_FACTS), ("enrolment", ENROLMENT_FACTS)):
        assert {EVENT_TYPES[name].kind for name in facts} == {kind}
        all_facts = {n for n, t in EVENT_TYPES.items() if t.kind == kind and not t.decision}
        assert all_facts <= facts.keys()
    decisions = {name for name in FIELDS if EVENT_TYPES[name].decision}
    assert decisions == {"LearnerEnrolled", "CreditsCarriedOver", "ExamRegistered"}


@pytest.mark.parametrize("name", FIELDS)
def test_kept_fields_are_fields_of_the_contract(name: str) -> None:
    assert all(descriptor(name, field) for field in FIELDS[name])
    if name in AMENDMENTS:
        assert "target" in FIELDS[name]


def test_a_boot_is_kept_and_one_that_is_not_known_is_empty() -> None:
    with_boot = event_of("LearnerSignedIn", {}, clock=pb.ClockState(boot_id=b"b" * 16))
    assert through(with_boot).header.clock.boot_id == b"b" * 16
    assert through(event_of("LearnerSignedIn", {})).header.clock.boot_id == b""
    # The offline reader gives no clock at all where the bytes hold none.
    header: Any = SimpleNamespace(
        event_id=b"i" * 16,
        occurred_us=1,
        device="",
        clock=None,
        cohorts=[COHORT],
        entered_by=b"",
        approved_by=b"",
        approver_key=b"",
    )
    offline = RecordedEvent(7, 3, "SessionResumed", STREAM, 99, header, pb.SessionResumed())  # type: ignore[arg-type] # a message
    assert through(offline).header.clock.boot_id == b""


def test_what_is_empty_takes_no_room() -> None:
    assert keep(event_of("LearnerSignedIn", {"session": b"1" * 16})) == {
        "at": 0,
        "body": ["31" * 16],
        "id": "69" * 16,
        "index": 7,
        "recorded": 99,
        "type": "LearnerSignedIn",
    }


def test_several_facts_come_back_in_their_order() -> None:
    rows = [keep(event_of(name, {})) for name in ENROLMENT_FACTS]
    assert [event.type for event in restored_all(rows, STREAM, COHORT)] == [*ENROLMENT_FACTS]
