"""Reading over a real connection: whatever the log shows is verified, and never goes backwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from threading import Event
from typing import Any
from uuid import UUID

import grpc
import pytest

from clients.sdk import (
    Accepted,
    AsOf,
    CheckpointError,
    EvidenceError,
    Ledger,
    PersonRef,
    QuorumMissingError,
    RefusedError,
    UnreachableError,
)
from ledger.api.v1 import events_pb2, person_service_pb2
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.head_map import map_key
from ledger.log.head_proof import AbsenceProof, HeadProof
from ledger.log.identifiers import key_id, number_map_id
from ledger.log.tlog_proof import TlogProof
from tests.unit.clients.sdk.identities import sessions_started
from tests.unit.clients.sdk.ledger_server import Call, LedgerLog, Running, start
from tests.unit.clients.sdk.register_server import COMMITMENT, add_registers
from tests.unit.clients.verifier.small_log import (
    COHORT,
    INSTITUTION,
    ISSUER,
    NUMBER,
    ORIGIN,
    PERSON,
    WITNESS_POLICY,
    spki,
    trust_file,
)


def record(ledger: Ledger, number: int) -> tuple[Accepted, ...]:
    return ledger.accepted(sessions_started(ledger.identity, number))


def test_the_newest_checkpoint_is_verified_and_remembered(running: Running, ledger: Ledger) -> None:
    first = ledger.log.checkpoint()
    assert first.checkpoint.size == 7  # three log keys, three registrations, a map-commit
    assert (first.quorum_met, first.witnesses) == (True, ())
    record(ledger, 2)
    running.publish()
    second = ledger.log.checkpoint()
    assert second.checkpoint.size == 10
    assert ledger.log.newest == second
    assert "GetConsistencyProof" in running.view.calls


def test_the_first_checkpoint_of_a_new_log_is_waited_for(running: Running, ledger: Ledger) -> None:
    running.view.unpublished = 2
    assert ledger.log.checkpoint().checkpoint.size == 7
    # The ledger asks for a second each time.
    assert running.time.pauses == [1.0, 1.0]


def test_a_log_that_publishes_nothing_in_time_has_refused(running: Running, ledger: Ledger) -> None:
    running.view.unpublished = 1_000
    with pytest.raises(RefusedError, match="Not published yet"):
        ledger.log.checkpoint(timeout=3.5)
    assert running.time.pauses == [1.0, 1.0, 1.0]


def test_a_smaller_checkpoint_is_refused(running: Running, ledger: Ledger) -> None:
    old = running.view.shown
    record(ledger, 1)
    running.publish()
    assert ledger.log.checkpoint().checkpoint.size == 9
    running.view.shown = old
    with pytest.raises(CheckpointError, match="size 7, but one of size 9"):
        ledger.log.checkpoint()


def forked(running: Running) -> None:
    """Show another history: the same start, then other events."""
    other = LedgerLog().start()
    assert isinstance(other, LedgerLog)
    other.register_party("91320599MA0TEXT012", events_pb2.PARTY_KIND_INSTITUTION)
    for _ in range(3):
        other.publish()
    running.view.shown, running.view.log = other.publish(), other


def test_another_history_is_refused(running: Running, ledger: Ledger) -> None:
    record(ledger, 2)
    running.publish()
    ledger.log.checkpoint()
    forked(running)
    assert running.view.shown.size > 10
    with pytest.raises(CheckpointError, match="not consistent"):
        ledger.log.checkpoint()


def test_another_history_of_the_same_size_is_refused(running: Running, ledger: Ledger) -> None:
    record(ledger, 3)
    running.publish()
    assert ledger.log.checkpoint().checkpoint.size == 11
    forked(running)
    assert running.view.shown.size == 11
    with pytest.raises(CheckpointError, match="not consistent"):
        ledger.log.checkpoint()


def test_a_checkpoint_kept_from_before_is_remembered(running: Running, ledger: Ledger) -> None:
    old = running.view.shown
    record(ledger, 1)
    running.publish()
    kept = ledger.log.checkpoint().note
    running.view.shown = old
    with (
        Ledger.open(running.identity(), known_checkpoint=kept) as again,
        pytest.raises(CheckpointError, match="size 7, but one of size 9"),
    ):
        again.log.checkpoint()
    with pytest.raises(CheckpointError, match="does not verify"):
        Ledger.open(running.identity(), known_checkpoint=kept.replace("\n9\n", "\n8\n"))


def test_a_checkpoint_that_the_log_did_not_sign_is_refused(
    running: Running, ledger: Ledger
) -> None:
    shown = running.view.shown
    for note in (shown.note.replace("\n7\n", "\n8\n"), "no note", ""):
        running.view.shown = replace(shown, note=note)
        with pytest.raises(CheckpointError):
            ledger.log.checkpoint()
    assert ledger.log.newest is None


def test_an_entry_is_proven_at_its_index(running: Running, ledger: Ledger) -> None:
    proven = ledger.log.inclusion(3)
    assert proven.entry == running.log.rows[3].entry
    assert TlogProof.parse(proven.proof).index == 3
    with pytest.raises(CheckpointError):
        ledger.log.open_proof(running.log.rows[4].entry, proven.proof)
    with pytest.raises(CheckpointError):
        ledger.log.open_proof(proven.entry, proven.proof[:-10])


def test_entries_are_listed_to_the_end_in_pages(running: Running, ledger: Ledger) -> None:
    rows = list(ledger.log.entries(page_size=3))
    assert [row.index for row in rows] == list(range(7))
    assert [row.entry for row in rows] == [row.entry for row in running.view.shown.rows]
    assert [row.index for row in ledger.log.entries(2, 5, page_size=2)] == [2, 3, 4]
    assert list(ledger.log.entries(7)) == []
    assert list(ledger.log.entries(3, 3)) == []


def test_the_head_map_shows_how_many_entries_a_key_has_or_that_it_has_none(
    running: Running, ledger: Ledger
) -> None:
    record(ledger, 3)
    running.publish()
    cohort = map_key("cohort", str(COHORT).encode())
    found = ledger.log.head(cohort)
    assert isinstance(found.proof, HeadProof)
    assert (found.proof.count, found.proof.last_index) == (3, 9)
    assert found.commit.covers == 10
    never = map_key("certificate", number_map_id(NUMBER, ORIGIN))
    assert isinstance(ledger.log.head(never).proof, AbsenceProof)


def test_a_head_proof_against_an_older_map_or_of_another_key_is_refused(
    running: Running, ledger: Ledger
) -> None:
    old = running.view.shown
    record(ledger, 3)
    running.publish()
    cohort, stream = (map_key(name, str(COHORT).encode()) for name in ("cohort", "stream"))
    running.view.head_of = stream
    with pytest.raises(CheckpointError, match="of another key"):
        ledger.log.head(cohort)
    running.view.head_of = None
    new = running.view.shown
    running.view.shown = replace(new, items=old.items)
    with pytest.raises(CheckpointError, match="the head proof"):
        ledger.log.head(cohort)


def test_a_receipt_shows_the_acknowledged_place(running: Running, ledger: Ledger) -> None:
    first, second = record(ledger, 2)
    receipt = ledger.get_receipt(second, wait=True)
    assert (receipt.proven.index, receipt.proven.entry) == (second.index, second.entry)
    assert receipt.entry.seq == 2
    assert ledger.log.newest == receipt.proven.checkpoint
    running.view.shown = running.recording.published or running.view.shown
    assert ledger.get_receipt(first.event_id).event_id == first.event_id


def test_a_receipt_of_another_event_or_place_is_refused(running: Running, ledger: Ledger) -> None:
    first, second = record(ledger, 2)
    places = running.log.places
    places[first.event_id.bytes] = second.index
    with pytest.raises(CheckpointError, match="is about another entry"):
        ledger.get_receipt(first, wait=True)
    places[first.event_id.bytes] = 2
    with pytest.raises(CheckpointError, match="is about another entry"):
        ledger.get_receipt(first.event_id)
    moved = replace(second, index=second.index - 1)
    with pytest.raises(CheckpointError, match="was acknowledged at index 7"):
        ledger.get_receipt(moved)


def test_a_receipt_without_the_witnesses_is_not_one(running: Running) -> None:
    identity = replace(running.identity(), trust=trust_file(policy=WITNESS_POLICY))
    with Ledger.open(identity, retries=running.time.retries()) as ledger:
        (accepted,) = record(ledger, 1)
        assert not ledger.log.checkpoint().quorum_met
        with pytest.raises(QuorumMissingError, match="cosigned by nobody"):
            ledger.get_receipt(accepted, wait=True)


def test_the_log_is_followed_over_lost_connections(running: Running, ledger: Ledger) -> None:
    record(ledger, 5)
    running.recording.broken_watches.extend([8, 8, 10])
    watched = list(islice(ledger.watch(7), 5))
    assert [each.index for each in watched] == [7, 8, 9, 10, 11]
    assert [each.event for each in watched] == [running.log.rows[n].event for n in range(7, 12)]
    assert running.recording.watched_from[:4] == [7, 8, 8, 10]


def test_following_can_be_given_up(running: Running, ledger: Ledger) -> None:
    record(ledger, 2)
    following = ledger.watch(7)
    next(following)
    following.close()  # type: ignore[attr-defined]  # it is a generator
    ledger.close()
    assert list(ledger.watch(7)) == []


def test_closing_the_client_ends_a_watch_that_waits(running: Running, ledger: Ledger) -> None:
    waiting, given_up = Event(), Event()

    def watch(request: pb.WatchRequest, context: Call) -> Iterator[pb.WatchResponse]:
        context.add_callback(given_up.set)
        waiting.set()
        given_up.wait()
        return iter(())

    running.recording.watching = watch
    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(lambda: list(ledger.watch(7)))
        waiting.wait()
        ledger.close()
        assert watched.result() == []
    assert given_up.wait()


@pytest.mark.parametrize("change", ["index", "event", "entry", "kind"])
def test_a_watched_event_that_is_not_its_entrys_is_refused(
    running: Running, ledger: Ledger, change: str
) -> None:
    record(ledger, 2)
    row = running.log.rows[8]
    good: dict[str, Any] = {"index": 8, "entry": row.entry, "event": row.event}
    wrong: dict[str, dict[str, Any]] = {
        "index": {"index": 6},
        "event": {"event": running.log.rows[7].event},
        "entry": {"entry": row.entry + b" "},
        "kind": {"entry": running.log.rows[0].entry},
    }

    def watch(request: pb.WatchRequest, context: Call) -> Iterator[pb.WatchResponse]:
        yield pb.WatchResponse(**{**good, **wrong[change]})

    running.recording.watching = watch
    with pytest.raises(EvidenceError):
        next(ledger.watch(7))


def test_a_refused_watch_is_not_tried_again(running: Running, ledger: Ledger) -> None:
    def watch(request: pb.WatchRequest, context: Call) -> Iterator[pb.WatchResponse]:
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "not yours")

    running.recording.watching = watch
    with pytest.raises(RefusedError, match="not yours"):
        next(ledger.watch(7))
    assert len(running.recording.watched_from) == 1


@pytest.fixture
def registers() -> Iterator[Ledger]:
    running = start(add_registers)
    with Ledger.open(running.identity(), retries=running.time.retries()) as ledger:
        yield ledger
    running.server.stop(grace=None).wait()


def test_a_person_is_registered(registers: Ledger) -> None:
    found = registers.registers.register_person(
        id_type=person_service_pb2.ID_TYPE_RESIDENT_ID_CARD,
        id_number="320599199001011234",
        name="王小明",
    )
    assert found == PersonRef(PERSON, COMMITMENT)
    with pytest.raises(EvidenceError):
        registers.registers.register_person(
            id_type=person_service_pb2.ID_TYPE_PASSPORT, id_number="E1234567", name="无"
        )


def test_registers_are_read_page_by_page(registers: Ledger) -> None:
    read = registers.registers
    assert read.cohort(COHORT).cohort == str(COHORT)
    assert [each.capacity for each in read.cohorts(INSTITUTION)] == [0, 1, 2, 3, 4]
    assert {each.institution for each in read.cohorts()} == {""}
    assert read.cohort_file(COHORT).events == 17
    assert read.cohort_file(COHORT, AsOf(index=5)).events == 5
    assert [each.event.index for each in read.cohort_steps(COHORT)] == [0, 1, 2, 3, 4]
    assert [each.event.index for each in read.cohort_steps(COHORT, 2)] == [2, 3, 4]
    found = read.cohort_difference(COHORT, AsOf(index=3), AsOf(index=8))
    assert (found.before_size, found.after_size) == (3, 8)
    assert read.institution(INSTITUTION).area == "320599"
    assert [each.area for each in read.institutions("3205")] == ["32050", "32051", "32052"]
    assert [each.qualifications for each in read.staff(INSTITUTION)] == [0, 1, 2]
    assert {each.institution for each in read.staff()} == {""}
    assert read.staff_file(PERSON).staff.staff == str(PERSON)
    assert read.key(key_id(spki(ISSUER))).holder == str(INSTITUTION)
    assert [each.holder for each in read.keys(INSTITUTION)] == [str(INSTITUTION)]
    assert [each.index for each in read.held(COHORT)] == [0, 1, 2, 3, 4]


def test_a_learners_history_is_read_page_by_page(registers: Ledger) -> None:
    read = registers.registers
    assert [row.cohort.number for row in read.learner_history(PERSON)] == [
        "2026-000",
        "2026-001",
        "2026-002",
    ]
    moved = list(read.learner_history(PERSON, state="transferred"))
    assert [row.cohort.number for row in moved] == ["2026-001"]
    with pytest.raises(RefusedError) as caught:
        next(read.learner_history(UUID(int=1)))
    assert caught.value.failure.status is grpc.StatusCode.NOT_FOUND


def test_institutions_are_asked_for_by_standing_and_trade(registers: Ledger) -> None:
    found = registers.registers.institutions("32", standing="suspended", trade="2010-1.2")
    assert [(row.area, row.standing, list(row.scope)) for row in found] == [
        (f"32{number}", "suspended", ["2010-1.2"]) for number in range(3)
    ]


def test_another_key_under_an_id_is_refused(registers: Ledger) -> None:
    with pytest.raises(EvidenceError, match="another key"):
        registers.registers.key(bytes(32))


def test_what_is_not_there_is_refused(registers: Ledger) -> None:
    with pytest.raises(RefusedError) as caught:
        registers.registers.cohort(UUID(int=1))
    assert caught.value.failure.status is grpc.StatusCode.NOT_FOUND


def test_reads_are_tried_until_the_deadline(running: Running, ledger: Ledger) -> None:
    running.recording.held_is_lost = True
    with pytest.raises(UnreachableError, match="UNAVAILABLE: gone"):
        list(ledger.registers.held())
    assert running.recording.held_asked > 3
    assert running.time.now < 10.0
