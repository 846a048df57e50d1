"""Acknowledgements: those of the vectors hold, and each way of forging one is found."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import (
    Accepted,
    AcknowledgementError,
    CapturedEvent,
    LogKeys,
    Outcome,
    Rejected,
    check_answer,
)
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.acknowledgements import acknowledgement_message
from ledger.log.entries import entry_hash
from ledger.log.head_map import located_leaf
from ledger.log.signatures import load_public_key
from tests.independent.vectors import ADMITTED, VECTORS
from tests.unit.clients.verifier.small_log import STRANGER, spki

ONE = VECTORS["event-LearnerSignedIn"]
THREE = VECTORS["batch-of-three"]
ACK = ONE["exchanges"][0]["acknowledgement"]
ACK_KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(ACK["private_key_hex"]))
KEYS = LogKeys(ONE["origin"], (load_public_key(bytes.fromhex(ACK["public_key_hex"])),))


def sent_in(exchange: dict[str, Any]) -> list[CapturedEvent]:
    request = pb.AppendEventsRequest.FromString(bytes.fromhex(exchange["request_hex"]))
    return [CapturedEvent.from_bytes(data) for batch in request.batches for data in batch.events]


def answer_in(exchange: dict[str, Any]) -> pb.AppendEventsResponse:
    return pb.AppendEventsResponse.FromString(bytes.fromhex(exchange["response_hex"]))


def check(
    sent: list[CapturedEvent], answer: pb.AppendEventsResponse, keys: LogKeys = KEYS
) -> tuple[Outcome | None, ...]:
    acknowledgement = answer.acknowledgement if answer.HasField("acknowledgement") else None
    return check_answer(keys, sent, answer.results, acknowledgement)


@pytest.mark.parametrize("name", ADMITTED)
def test_every_acknowledgement_of_the_vectors_holds(name: str) -> None:
    places = [(entry["index"], entry["text"].encode()) for entry in VECTORS[name]["entries"]]
    accepted = [
        outcome
        for exchange in VECTORS[name]["exchanges"]
        for outcome in check(sent_in(exchange), answer_in(exchange))
        if isinstance(outcome, Accepted)
    ]
    assert [(each.index, each.entry) for each in accepted] == places


def test_each_outcome_is_told_apart() -> None:
    first, second = VECTORS["batch-resent"]["exchanges"]
    recorded, unknown, refused = check(sent_in(first), answer_in(first))
    assert isinstance(recorded, Accepted)
    assert (recorded.index, recorded.repeated, recorded.acknowledgement.size) == (28, False, 1)
    assert unknown is None
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("NOT_YOUR_COHORT", "header.cohorts")
    assert "班次" in refused.reason_zh
    assert "NOT_YOUR_COHORT (header.cohorts): The cohort does not belong" in str(refused)
    (later,) = check(sent_in(second), answer_in(second))
    assert isinstance(later, Accepted)
    assert later.index == 29


def sign(answer: pb.AppendEventsResponse, *, key: Ed25519PrivateKey, origin: str) -> None:
    message = acknowledgement_message(origin, answer.acknowledgement.root)
    answer.acknowledgement.signature = key.sign(message)


def change_entry(old: bytes, new: bytes) -> Callable[[pb.AppendEventsResponse], None]:
    """Return a forger who changes the entry and acknowledges the changed one properly."""

    def forge(answer: pb.AppendEventsResponse) -> None:
        accepted = answer.results[0].accepted
        assert accepted.entry.count(old) == 1
        accepted.entry = accepted.entry.replace(old, new)
        acknowledge(answer)

    return forge


def acknowledge(answer: pb.AppendEventsResponse) -> None:
    accepted = answer.results[0].accepted
    answer.acknowledgement.root = located_leaf(accepted.index, entry_hash(accepted.entry))
    sign(answer, key=ACK_KEY, origin=ONE["origin"])


def as_another_log(answer: pb.AppendEventsResponse) -> None:
    sign(answer, key=ACK_KEY, origin="log.example/other")


def by_a_stranger(answer: pb.AppendEventsResponse) -> None:
    sign(answer, key=STRANGER, origin=ONE["origin"])
    answer.acknowledgement.key_id = load_public_key(spki(STRANGER)).key_id


def by_a_stranger_under_the_logs_name(answer: pb.AppendEventsResponse) -> None:
    sign(answer, key=STRANGER, origin=ONE["origin"])


def at_another_index(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].accepted.index += 1


def at_no_index(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].accepted.index = 2**53


def along_another_path(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].accepted.path = bytes(32)


def along_half_a_step(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].accepted.path = bytes(31)


def under_another_root(answer: pb.AppendEventsResponse) -> None:
    answer.acknowledgement.root = bytes(32)


def about_another_event(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].event_id = bytes(16)


def about_no_event(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].event_id = b""


def without_acknowledgement(answer: pb.AppendEventsResponse) -> None:
    answer.ClearField("acknowledgement")


def without_outcome(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].ClearField("accepted")


def without_result(answer: pb.AppendEventsResponse) -> None:
    del answer.results[:]


def with_the_logs_own_entry(answer: pb.AppendEventsResponse) -> None:
    answer.results[0].accepted.entry = VECTORS["log"]["entries"][0].encode()
    acknowledge(answer)


KEY = b"1a615c5e6d26b840f77bf67abf255b9faf2bdf040c95ba904c2971027bbf2b6f"
FORGERIES: dict[str, Callable[[pb.AppendEventsResponse], None]] = {
    "payload of another event": change_entry(b'"payload":"e1', b'"payload":"e2'),
    "another event's id": change_entry(b"019cac18-4e40", b"019cac18-4e41"),
    "another stream": change_entry(b"c920adca", b"c920adcb"),
    "another kind of stream": change_entry(b'"enrolment"', b'"cohort"'),
    "a key left out": change_entry(b'"' + KEY + b'"', b""),
    "a key added": change_entry(b'"' + KEY, b'"' + bytes(64).replace(b"\0", b"0") + b'","' + KEY),
    "not canonical": change_entry(b'"seq":2', b'"seq": 2'),
    "no JSON": change_entry(b'{"event"', b'"event"'),
    "no previous entry": change_entry(b'"seq":2', b'"seq":1'),
    **{
        forge.__name__: forge
        for forge in (
            about_another_event,
            about_no_event,
            along_another_path,
            along_half_a_step,
            as_another_log,
            at_another_index,
            at_no_index,
            by_a_stranger,
            by_a_stranger_under_the_logs_name,
            under_another_root,
            with_the_logs_own_entry,
            without_acknowledgement,
            without_outcome,
            without_result,
        )
    },
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_acknowledgement_is_found(name: str) -> None:
    exchange = ONE["exchanges"][0]
    answer = answer_in(exchange)
    assert len(check(sent_in(exchange), answer)) == 1
    FORGERIES[name](answer)
    with pytest.raises(AcknowledgementError):
        check(sent_in(exchange), answer)


def test_the_same_answer_from_the_forger_without_a_change_holds() -> None:
    exchange = ONE["exchanges"][0]
    answer = answer_in(exchange)
    acknowledge(answer)
    (outcome,) = check(sent_in(exchange), answer)
    assert isinstance(outcome, Accepted)


def test_answers_in_another_order_are_found() -> None:
    exchange = THREE["exchanges"][0]
    answer = answer_in(exchange)
    results = list(answer.results)
    del answer.results[:]
    answer.results.extend([results[1], results[0], results[2]])
    with pytest.raises(AcknowledgementError, match="is about another event"):
        check(sent_in(exchange), answer)


def test_an_event_that_could_not_be_read_may_be_refused_without_its_id() -> None:
    exchange = ONE["exchanges"][0]
    answer = pb.AppendEventsResponse(
        results=[pb.EventResult(rejected=pb.Rejected(code="EVENT_MALFORMED"))]
    )
    (outcome,) = check(sent_in(exchange), answer)
    assert isinstance(outcome, Rejected)
    assert outcome.event_id == sent_in(exchange)[0].event_id


def test_two_events_at_one_index_are_found() -> None:
    first, second = sent_in(THREE["exchanges"][0])[:2]
    answer = answer_in(THREE["exchanges"][0])
    del answer.results[2]
    index = answer.results[0].accepted.index
    answer.results[1].accepted.index = index
    leaves = [located_leaf(index, entry_hash(r.accepted.entry)) for r in answer.results]
    for position, result in enumerate(answer.results):
        result.accepted.position = position
        result.accepted.path = leaves[1 - position]
    answer.acknowledgement.root = sha256(b"\1" + leaves[0] + leaves[1]).digest()
    answer.acknowledgement.size = 2
    sign(answer, key=ACK_KEY, origin=THREE["origin"])
    with pytest.raises(AcknowledgementError, match="at one index"):
        check([first, second], answer)
