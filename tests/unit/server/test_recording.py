"""From the sequencer's answers to the response of a request."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import recording_service_pb2 as pb
from ledger.application.acknowledging import Acknowledger
from ledger.application.errors import RefusedError, StorageFullError
from ledger.application.outcomes import Answer, AppendRequest, NotKnown, Recorded, Refused
from ledger.domain.refusals import Refusal
from ledger.log.merkle import leaf_hash, verify_inclusion
from ledger.server.recording import EventRecorder

ORIGIN = "log.example/320599"
ID = bytes(range(16))


@dataclass
class Appended:
    """Appends nothing and answers what it is told to."""

    answers: Sequence[Answer] = ()
    error: Exception | None = None
    requests: list[AppendRequest] = field(default_factory=list)

    async def append(self, request: AppendRequest) -> Sequence[Answer]:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return self.answers


def recorded(commits: Appended, *batches: pb.Batch) -> pb.AppendEventsResponse:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    recorder = EventRecorder(origin=ORIGIN, commits=commits, acknowledger=Acknowledger(ORIGIN, key))
    response = pb.AppendEventsResponse()
    asyncio.run(recorder.record(batches, response, atomic=True))
    return response


def place(index: int) -> Recorded:
    return Recorded(ID, index, b"entry", bytes([index]) * 32, "", repeated=False)


def test_positions_count_the_accepted_events_alone() -> None:
    refusal = Refusal("NOT_PLANNED")
    answers: list[Answer] = [
        place(3),
        Refused(ID, refusal),
        place(4),
        NotKnown(ID, "STORAGE_UNAVAILABLE"),
    ]
    response = recorded(Appended([*answers, place(9)]))
    kinds = [result.WhichOneof("outcome") for result in response.results]
    assert kinds == ["accepted", "rejected", "accepted", "unknown", "accepted"]
    assert response.results[3].unknown.code == "STORAGE_UNAVAILABLE"
    rejected = response.results[1].rejected
    assert (rejected.code, rejected.reason_zh, rejected.fix_en) == (
        "NOT_PLANNED",
        "该班次没有计划",
        "Record CohortPlanned first",
    )
    acknowledgement = response.acknowledgement
    assert acknowledgement.size == 3
    accepted = [each.accepted for each in response.results if each.HasField("accepted")]
    assert [each.position for each in accepted] == [0, 1, 2]
    for each in accepted:
        path = [each.path[at : at + 32] for at in range(0, len(each.path), 32)]
        leaf = leaf_hash(each.index.to_bytes(8, "big") + bytes([each.index]) * 32)
        verify_inclusion(leaf, each.position, 3, path, acknowledgement.root)


def test_nothing_recorded_is_not_acknowledged() -> None:
    response = recorded(Appended([NotKnown(ID, "STORAGE_UNAVAILABLE")]))
    assert not response.HasField("acknowledgement")


@pytest.mark.parametrize("event_id", [b"", bytes(15), bytes(100_000)])
def test_what_is_no_id_is_not_repeated(event_id: bytes) -> None:
    response = recorded(Appended([Refused(event_id, Refusal("NOT_PLANNED"))]))
    assert response.results[0].event_id == b""


def test_a_long_type_with_control_characters_comes_back_short_and_printable() -> None:
    values = {"type": "\x1b" + "A" * 100_000}
    response = recorded(Appended([Refused(ID, Refusal("UNKNOWN_EVENT_TYPE", "f", values))]))
    for text in (response.results[0].rejected.reason_zh, response.results[0].rejected.reason_en):
        assert len(text) == 300
        assert text.isprintable()


def test_full_storage_reaches_the_caller_as_itself() -> None:
    with pytest.raises(StorageFullError):
        recorded(Appended(error=StorageFullError()))


def test_too_large_a_request_is_refused_before_anything_is_read() -> None:
    commits = Appended()
    with pytest.raises(RefusedError) as refused:
        recorded(commits, pb.Batch(leaves=[bytes(32)], events=[b"x"] * 1_001))
    assert [refusal.code for refusal in refused.value.refusals] == ["REQUEST_TOO_LARGE"]
    assert commits.requests == []
