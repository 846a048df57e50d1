"""The contract's rules: every broken one is named, and events are left to admission."""

import pytest

from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import cohort_service_pb2 as cohort_pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.application.errors import RefusedError
from ledger.server.certain_events import require_events
from ledger.server.request_rules import read_request

GOOD = pb.Batch(
    key_id=bytes(32),
    algorithm=events_pb2.ALGORITHM_ED25519,
    signature=bytes(64),
    leaves=[bytes(32)],
    events=[b"x"],
)


def broken(request: pb.AppendEventsRequest) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        read_request(request.SerializeToString(), pb.AppendEventsRequest.FromString)
    assert {refusal.code for refusal in refused.value.refusals} == {"INVALID_REQUEST"}
    return [refusal.field for refusal in refused.value.refusals]


def passes(request: pb.AppendEventsRequest) -> bool:
    return request == read_request(request.SerializeToString(), pb.AppendEventsRequest.FromString)


def test_a_request_that_keeps_the_rules_passes() -> None:
    assert passes(pb.AppendEventsRequest(batches=[GOOD]))


def test_every_broken_rule_is_named_with_its_place() -> None:
    bad = pb.Batch(key_id=bytes(31), algorithm=9, leaves=[bytes(32), b""], events=[b"x"])  # type: ignore[arg-type]
    assert broken(pb.AppendEventsRequest(batches=[GOOD, bad])) == [
        "batches[1].key_id",
        "batches[1].algorithm",
        "batches[1].signature",
        "batches[1].leaves[1]",
    ]


def test_a_request_without_batches_and_a_batch_without_events_are_refused() -> None:
    assert broken(pb.AppendEventsRequest()) == ["batches"]
    empty = pb.Batch()
    empty.CopyFrom(GOOD)
    del empty.events[:]
    assert broken(pb.AppendEventsRequest(batches=[empty])) == ["batches[0].events"]


@pytest.mark.parametrize("event", [b"", bytes(131_073)], ids=["empty", "too large"])
def test_one_bad_event_is_left_to_admission(event: bytes) -> None:
    batch = pb.Batch()
    batch.CopyFrom(GOOD)
    batch.events.append(event)
    assert passes(pb.AppendEventsRequest(batches=[batch]))


def test_too_many_events_of_one_batch_are_left_to_the_request_limit() -> None:
    batch = pb.Batch()
    batch.CopyFrom(GOOD)
    batch.events.extend([b"x"] * 1_000)
    assert passes(pb.AppendEventsRequest(batches=[batch]))


def test_bytes_that_are_no_message_are_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        read_request(b"\xff\xff\xff", cohort_pb.GetCohortRequest.FromString)
    assert refused.value.refusals[0].code == "INVALID_REQUEST"


def test_issue_without_a_batch_is_refused() -> None:
    with pytest.raises(RefusedError):
        read_request(b"", certificate_pb.IssueCertificateRequest.FromString)


@pytest.mark.parametrize("events", [[], [b"\xff"], [b"\xff", b"\xff"]])
def test_a_single_event_is_one_and_what_cannot_be_read_is_left_to_admission(
    events: list[bytes],
) -> None:
    batch = pb.Batch(events=events)
    if len(events) == 1:
        require_events(batch, "TrainingCertificateIssued")
        return
    with pytest.raises(RefusedError):
        require_events(batch, "TrainingCertificateIssued")


def typed(*names: str) -> pb.Batch:
    events = [events_pb2.TrainingEvent(header=events_pb2.EventHeader(type=each)) for each in names]
    return pb.Batch(events=[event.SerializeToString() for event in events])


def test_a_replacement_is_two_events_in_their_order() -> None:
    pair = ("TrainingCertificateSuperseded", "TrainingCertificateIssued")
    require_events(typed(*pair), *pair)
    for names in (pair[::-1], pair[:1], (*pair, pair[1]), (pair[0], pair[0]), ()):
        with pytest.raises(RefusedError) as refused:
            require_events(typed(*names), *pair)
        (refusal,) = refused.value.refusals
        assert (refusal.code, refusal.field) == ("INVALID_REQUEST", "batch.events")
        assert str(refusal.values["detail"]).endswith(" and one ".join(pair))
