"""Writing over a real connection: the same bytes until an outcome is known, and then checked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2

from clients.sdk import (
    Accepted,
    AcknowledgementError,
    CheckpointError,
    DraftError,
    Ledger,
    Outcome,
    RefusedError,
    Rejected,
    RejectedError,
    SignedBatch,
    StillUnknownError,
    UnreachableError,
    sign_batch,
)
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.entries import entry_hash
from ledger.log.merkle import leaf_hash
from tests.unit.clients.sdk.identities import sessions_started
from tests.unit.clients.sdk.ledger_server import (
    ACKNOWLEDGER,
    OVERLOADED,
    Response,
    Running,
    Step,
    status,
)
from tests.unit.clients.sdk.tls_files import tls_files
from tests.unit.clients.verifier.small_log import STRANGER

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


def batch_of(ledger: Ledger, number: int) -> SignedBatch:
    return sign_batch(ledger.identity, sessions_started(ledger.identity, number))


def requests(running: Running) -> list[pb.AppendEventsRequest]:
    return [pb.AppendEventsRequest.FromString(data) for data in running.recording.requests]


def indices(outcomes: tuple[Outcome, ...]) -> list[int]:
    return [each.index for each in outcomes if isinstance(each, Accepted)]


def recorded(running: Running) -> list[bytes]:
    """Return the events that are in the log, without those that it started with."""
    return [row.event for row in running.log.rows[7:] if row.event is not None]


def test_events_are_recorded_in_their_order_and_acknowledged(
    running: Running, ledger: Ledger
) -> None:
    events = sessions_started(ledger.identity, 3)
    first, second, third = ledger.append(events)
    assert isinstance(first, Accepted)
    assert indices((first, second, third)) == [7, 8, 9]
    assert first.event_id == events[0].event_id
    assert first.entry == running.log.rows[7].entry
    assert (first.held, first.repeated, first.acknowledgement.size) == ("", False, 3)
    assert recorded(running) == [event.data for event in events]


def test_held_events_are_accepted_with_the_code(running: Running, ledger: Ledger) -> None:
    running.recording.steps.append(Step(held={1: "NOT_ENROLLED"}))
    outcomes = ledger.append(sessions_started(ledger.identity, 2))
    assert [each.held for each in outcomes if isinstance(each, Accepted)] == ["", "NOT_ENROLLED"]


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes_and_nothing_is_doubled(
    running: Running, ledger: Ledger
) -> None:
    running.recording.steps.extend([Step(lose=UNAVAILABLE), Step(lose=grpc.StatusCode.INTERNAL)])
    batch = batch_of(ledger, 3)
    outcomes = ledger.append(batch)
    assert indices(outcomes) == [7, 8, 9]
    assert [each.repeated for each in outcomes if isinstance(each, Accepted)] == [True] * 3
    expected = pb.AppendEventsRequest(batches=[batch.to_message()]).SerializeToString()
    assert running.recording.requests == [expected] * 3
    assert len(recorded(running)) == 3


def test_pauses_grow_and_have_a_random_part(running: Running, ledger: Ledger) -> None:
    running.recording.steps.extend([Step(lose=UNAVAILABLE)] * 4)
    ledger.append(batch_of(ledger, 1))
    # 0.75 of 0.1, 0.2, 0.4, 0.8 seconds: half is fixed, half is random, and random says 0.5.
    assert running.time.pauses == pytest.approx([0.075, 0.15, 0.3, 0.6])


def test_of_a_partly_answered_batch_only_unknown_events_are_sent_again(
    running: Running, ledger: Ledger
) -> None:
    running.recording.steps.extend(
        [
            Step(unknown=frozenset({1, 3}), reject={2: "NOT_YOUR_COHORT"}),
            Step(unknown=frozenset({0})),
        ]
    )
    batch = batch_of(ledger, 4)
    outcomes = ledger.append(batch)
    assert indices(outcomes) == [7, 8, 9]
    assert [type(each) for each in outcomes] == [Accepted, Accepted, Rejected, Accepted]
    assert [each.event_id for each in outcomes] == [each.event_id for each in batch.events]
    sent = requests(running)
    data = [event.data for event in batch.events]
    assert [list(each.batches[0].events) for each in sent] == [data, [data[1], data[3]], [data[1]]]
    assert all(each.batches[0].leaves == sent[0].batches[0].leaves for each in sent)
    assert len({each.batches[0].signature for each in sent}) == 1
    assert len(recorded(running)) == 3


def test_batches_that_are_known_are_not_sent_again(running: Running, ledger: Ledger) -> None:
    running.recording.steps.append(Step(unknown=frozenset({2})))
    batches = [batch_of(ledger, 2), batch_of(ledger, 2)]
    outcomes = ledger.append(batches)
    assert indices(outcomes) == [7, 8, 9, 10]
    _, again = requests(running)
    assert [list(each.events) for each in again.batches] == [[batches[1].events[0].data]]


def test_refused_events_are_not_sent_again(running: Running, ledger: Ledger) -> None:
    running.recording.steps.append(Step(reject={0: "UNKNOWN_KEY"}))
    (outcome,) = ledger.append(batch_of(ledger, 1))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.fix_en) == ("UNKNOWN_KEY", "Check the cohort id and the key")
    assert len(running.recording.requests) == 1


def test_who_wants_all_accepted_is_told_what_was_refused(running: Running, ledger: Ledger) -> None:
    assert indices(ledger.accepted(batch_of(ledger, 2))) == [7, 8]
    running.recording.steps.append(Step(reject={1: "COHORT_FULL"}))
    with pytest.raises(RejectedError, match="COHORT_FULL") as caught:
        ledger.accepted(batch_of(ledger, 2))
    assert [each.code for each in caught.value.rejected] == ["COHORT_FULL"]
    assert len(caught.value.outcomes) == 2
    assert [each.atomic for each in requests(running)] == [True, True]


def test_atomic_is_said_on_every_attempt(running: Running, ledger: Ledger) -> None:
    running.recording.steps.append(Step(lose=UNAVAILABLE))
    ledger.append(batch_of(ledger, 2), atomic=True)
    ledger.append(batch_of(ledger, 2))
    assert [each.atomic for each in requests(running)] == [True, True, False]


def test_when_the_deadline_passes_what_is_known_is_told(running: Running, ledger: Ledger) -> None:
    running.recording.steps.append(Step(unknown=frozenset({1})))
    running.recording.steps.extend([Step(lose=UNAVAILABLE)] * 1000)
    with pytest.raises(StillUnknownError, match="1 of 2 events still unknown") as caught:
        ledger.append(batch_of(ledger, 2), timeout=30.0)
    first, second = caught.value.outcomes
    assert isinstance(first, Accepted)
    assert second is None
    assert caught.value.failure is not None
    assert caught.value.failure.status is UNAVAILABLE
    assert running.time.now < 30.0
    assert max(running.time.pauses) <= 5.0


def test_a_full_or_busy_ledger_is_waited_for(running: Running, ledger: Ledger) -> None:
    pause = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=3))
    full = status(code_pb2.RESOURCE_EXHAUSTED, "STORAGE_FULL", pause)
    running.recording.steps.extend([Step(refuse=OVERLOADED), Step(refuse=full)])
    assert indices(ledger.append(batch_of(ledger, 1))) == [7]
    assert running.time.pauses == pytest.approx([0.075, 3.0])


def test_a_refused_request_is_not_tried_again_and_names_code_fields_and_reasons(
    running: Running, ledger: Ledger
) -> None:
    refusal = status(
        code_pb2.INVALID_ARGUMENT,
        "INVALID_REQUEST",
        error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(
                    field="batches[0].key_id", description="must be 32 bytes"
                )
            ]
        ),
        error_details_pb2.LocalizedMessage(locale="zh-CN", message="请求不合规则"),
        error_details_pb2.LocalizedMessage(locale="en", message="The request breaks its rules"),
    )
    running.recording.steps.append(Step(refuse=refusal))
    with pytest.raises(RefusedError, match="INVALID_REQUEST: The request breaks") as caught:
        ledger.append(batch_of(ledger, 1))
    failure = caught.value.failure
    assert failure.status is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.code == "INVALID_REQUEST"
    assert [(each.field, each.description) for each in failure.violations] == [
        ("batches[0].key_id", "must be 32 bytes")
    ]
    assert (failure.text_zh, failure.text_en) == ("请求不合规则", "The request breaks its rules")
    assert len(running.recording.requests) == 1
    assert recorded(running) == []


def test_exhausted_for_another_reason_is_a_refusal(running: Running, ledger: Ledger) -> None:
    too_large = status(code_pb2.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
    running.recording.steps.append(Step(refuse=too_large))
    with pytest.raises(RefusedError, match="REQUEST_TOO_LARGE"):
        ledger.append(batch_of(ledger, 1))


def test_a_refusal_after_a_lost_answer_does_not_say_that_nothing_was_recorded(
    running: Running, ledger: Ledger
) -> None:
    denied = status(code_pb2.PERMISSION_DENIED, "PERMISSION_DENIED")
    running.recording.steps.extend([Step(lose=UNAVAILABLE), Step(refuse=denied)])
    with pytest.raises(StillUnknownError) as caught:
        ledger.append(batch_of(ledger, 1))
    assert caught.value.failure is not None
    assert caught.value.failure.code == "PERMISSION_DENIED"
    assert len(recorded(running)) == 1


def swap(response: Response) -> None:
    results = list(response.results)
    del response.results[:]
    response.results.extend(reversed(results))


def other_payload(response: Response) -> None:
    entry = response.results[0].accepted.entry
    wrong = leaf_hash(b"another event").hex().encode()
    start_at = entry.index(b'"payload":"') + len(b'"payload":"')
    response.results[0].accepted.entry = entry[:start_at] + wrong + entry[start_at + 64 :]


def other_keys(response: Response) -> None:
    entry = response.results[0].accepted.entry
    start_at, end_at = entry.index(b"["), entry.index(b"]")
    response.results[0].accepted.entry = entry[: start_at + 1] + entry[end_at:]


def other_path(response: Response) -> None:
    response.results[0].accepted.path = entry_hash(b"another sibling")


def other_signature(response: Response) -> None:
    response.acknowledgement.signature = ACKNOWLEDGER.sign(b"something else")


def other_index(response: Response) -> None:
    response.results[0].accepted.index += 5


FORGERIES = [swap, other_payload, other_keys, other_path, other_signature, other_index]


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize("streaming", [False, True])
def test_a_forged_answer_is_an_alarm_with_evidence_and_is_not_retried(
    running: Running, ledger: Ledger, forge: Callable[[Response], None], streaming: bool
) -> None:
    running.recording.steps.append(Step(forge=forge))
    batch = batch_of(ledger, 2)
    with pytest.raises(AcknowledgementError) as caught:
        list(ledger.record([batch])) if streaming else ledger.append(batch)
    assert caught.value.request == running.recording.requests[0]
    answer = pb.AppendEventsResponse.FromString(caught.value.response)
    assert len(answer.results) == 2
    assert len(running.recording.requests) == 1


def test_a_forgery_after_a_good_answer_does_not_lose_what_was_known(
    running: Running, ledger: Ledger
) -> None:
    running.recording.steps.extend([Step(unknown=frozenset({1})), Step(forge=other_signature)])
    with pytest.raises(AcknowledgementError) as caught:
        ledger.append(batch_of(ledger, 2))
    first, second = caught.value.outcomes
    assert isinstance(first, Accepted)
    assert second is None


def test_an_acknowledgement_by_a_key_that_the_log_does_not_name_is_refused(
    running: Running, ledger: Ledger
) -> None:
    running.recording.sign_as = STRANGER
    with pytest.raises(AcknowledgementError, match="is no acknowledgement key"):
        ledger.append(batch_of(ledger, 1))


def test_an_acknowledgement_for_another_log_is_refused(running: Running, ledger: Ledger) -> None:
    running.recording.sign_for = "log.example/other"
    with pytest.raises(AcknowledgementError, match="signature"):
        ledger.append(batch_of(ledger, 1))


def test_the_logs_keys_are_learnt_once(running: Running, ledger: Ledger) -> None:
    ledger.append(batch_of(ledger, 1))
    learning = list(running.view.calls)
    assert learning == ["ListEntries", "GetInclusionProof"]
    ledger.append(batch_of(ledger, 1))
    assert running.view.calls == learning


def test_without_proven_keys_nothing_is_sent(running: Running, ledger: Ledger) -> None:
    shown = running.view.shown
    rows = list(shown.rows)
    rows[2] = replace(rows[2], entry=rows[2].entry.replace(b'"key":"', b'"key":"00')[:-2] + b"}")
    running.view.shown = replace(shown, rows=rows)
    with pytest.raises(CheckpointError):
        ledger.append(batch_of(ledger, 1))
    running.view.shown = replace(shown, rows=rows[:2], size=2)
    with pytest.raises(CheckpointError, match="name no acknowledgement key"):
        ledger.append(batch_of(ledger, 1))
    assert running.recording.requests == []


def test_events_and_batches_are_not_mixed(ledger: Ledger) -> None:
    mixed: Any = [batch_of(ledger, 1), *sessions_started(ledger.identity, 1)]
    nothing: list[SignedBatch] = []
    for wrong in (mixed, nothing):
        with pytest.raises(DraftError):
            ledger.append(wrong)


def test_a_stream_of_batches_is_answered_in_order(running: Running, ledger: Ledger) -> None:
    batches = [batch_of(ledger, 1 + number % 3) for number in range(40)]
    outcomes = list(ledger.record(iter(batches), window=7))
    assert [[each.event_id for each in answer] for answer in outcomes] == [
        [event.event_id for event in batch.events] for batch in batches
    ]
    sent = [event.data for batch in batches for event in batch.events]
    assert recorded(running) == sent
    assert [index for answer in outcomes for index in indices(answer)] == [*range(7, 7 + len(sent))]


def test_a_broken_stream_is_finished_and_opened_again(running: Running, ledger: Ledger) -> None:
    running.recording.steps.extend([Step(), Step(), Step(lose=UNAVAILABLE)])
    batches = [batch_of(ledger, 2) for _ in range(10)]
    outcomes = list(ledger.record(batches, window=4))
    assert [[each.event_id for each in answer] for answer in outcomes] == [
        [event.event_id for event in batch.events] for batch in batches
    ]
    assert recorded(running) == [event.data for batch in batches for event in batch.events]


def test_an_unknown_outcome_in_a_stream_is_cleared_up_before_it_is_yielded(
    running: Running, ledger: Ledger
) -> None:
    running.recording.steps.extend([Step(unknown=frozenset({1})), Step(lose=UNAVAILABLE)])
    batches = [batch_of(ledger, 2) for _ in range(2)]
    first, second = ledger.record(batches, window=1)
    assert (indices(first), indices(second)) == ([7, 8], [9, 10])
    sent = [list(each.batches[0].events) for each in requests(running)]
    unknown = [batches[0].events[1].data]
    assert sent[1:3] == [unknown, unknown]
    assert len(sent) == 4


def test_an_empty_stream_records_nothing(running: Running, ledger: Ledger) -> None:
    assert list(ledger.record([])) == []
    assert recorded(running) == []


def test_a_stream_that_is_given_up_leaves_no_call_behind(running: Running, ledger: Ledger) -> None:
    outcomes = ledger.record((batch_of(ledger, 1) for _ in range(100)), window=2)
    assert len(indices(next(outcomes))) == 1
    outcomes.close()  # type: ignore[attr-defined]  # it is a generator
    assert indices(ledger.append(batch_of(ledger, 1)))


def test_a_ledger_that_is_not_there_is_unreachable(running: Running) -> None:
    running.server.stop(grace=None).wait()
    with (
        Ledger.open(running.identity(), retries=running.time.retries()) as ledger,
        pytest.raises(UnreachableError) as caught,
    ):
        ledger.append(batch_of(ledger, 1))
    assert caught.value.failure.status is UNAVAILABLE


def test_a_server_of_another_authority_or_name_is_not_believed(running: Running) -> None:
    identity = running.identity()
    wrong_name = replace(identity, server_name="ledger.example")
    stranger = replace(tls_files("client"), authority=tls_files("client").certificate)
    for wrong in (wrong_name, replace(identity, tls=stranger)):
        with (
            Ledger.open(wrong, retries=running.time.retries()) as ledger,
            pytest.raises(UnreachableError),
        ):
            ledger.append(batch_of(ledger, 1))
    assert running.recording.requests == []
