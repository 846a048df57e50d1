"""The sequencer core: decides a group's requests in order, numbers, chains, builds the entries.

No I/O and no clock: all that it needs is in its arguments. The walk of an event from here:
authentic (batch signature), seen before (same id, same bytes: its original place, whatever became
of the key since), may they write this, do the rules allow it (DESIGN sections 4 and 7).

Facts are answered one by one; a request's decisions on one stream are all or nothing, and so are a
replacement and the issue that it names; `atomic` makes it so for the whole request. Later events of
a request see earlier ones.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ledger.application.admission import AdmittedEvent, RefusedEvent
from ledger.application.batch_signatures import BatchSignatures
from ledger.application.decision_state import DecisionState
from ledger.application.entry_keys import known_text, usual_keys
from ledger.application.event_decision import (
    FactKind,
    GroupContext,
    RootKey,
    author_key,
    event_refusal,
    fact_kind,
    held_of,
)
from ledger.application.outcomes import Answer, AppendRequest, Recorded, Refused
from ledger.application.ports import LogHead, LogRow, Place, StoredBatch
from ledger.domain.event_types import DECISION_RELEVANT
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.refusals import Refusal
from ledger.domain.states import KeyState
from ledger.log.entries import build_event_entry, entry_hash, event_keys
from ledger.log.identifiers import uuid_text

_PASSES: Final = 8
"""How often a request is decided again; streams that fall one after the other all fall then."""


@dataclass(slots=True)
class GroupPlan:
    """What a group will write.

    Attributes:
        head: The head before the group.
        rows: Rows in log order.
        batches: Batches of the recorded events by name.
        answers: For each request, its answers in the order of its events.
    """

    head: LogHead
    rows: list[LogRow] = field(default_factory=list)
    batches: dict[bytes, StoredBatch] = field(default_factory=dict)
    answers: list[list[Answer]] = field(default_factory=list)


class Sequencer:
    """Decides groups for one log."""

    def __init__(self, root: RootKey) -> None:
        """Decide under the root key that the trust file pins."""
        self.root = root
        self._signatures = BatchSignatures()

    def plan(
        self,
        requests: Sequence[AppendRequest],
        head: LogHead,
        known: Mapping[bytes, Place],
        state: DecisionState,
        group: GroupContext,
    ) -> GroupPlan:
        """Decide the requests of a group in their order.

        Args:
            requests: The requests.
            head: Where the log ends.
            known: Places of events that are recorded, by event id.
            state: The states before the group; afterwards those behind it.
            group: What is the same for all of them.
        """
        plan = GroupPlan(head)
        for request in requests:
            answers = self._decide(request, plan, known, state, group)
            plan.answers.append(answers)
        return plan

    def _decide(
        self,
        request: AppendRequest,
        plan: GroupPlan,
        known: Mapping[bytes, Place],
        state: DecisionState,
        group: GroupContext,
    ) -> list[Answer]:
        decisions = Counter(map(_decided_stream, request.events))
        together = {stream for stream, count in decisions.items() if stream and count > 1}
        successors = _successors(request)
        if successors:
            group = replace(group, successors=successors)
        verdicts: dict[int, Refusal] = {}
        passes = 0
        while True:
            state.begin()
            attempt = _Attempt(self._signatures, plan, known, state, group, verdicts)
            answers = [attempt.answer(number, event) for number, event in enumerate(request.events)]
            refused = {n for n, answer in enumerate(answers) if isinstance(answer, Refused)}
            if request.atomic and refused:
                state.undo()
                return [
                    answer if number in refused or _repeated(answer) else _aborted(answer)
                    for number, answer in enumerate(answers)
                ]
            # The rest of a stream's decisions falls with the first: decide again without them.
            fallen = _fallen(request, refused, together)
            fresh = _on_streams(request, fallen).keys() - verdicts.keys()
            if not fresh:
                attempt.settle()
                return answers
            state.undo()
            passes += 1
            if passes > _PASSES:
                fresh = _on_streams(request, together).keys() - verdicts.keys()
            for number in sorted(fresh):
                answer = answers[number]
                own = answer.refusal if isinstance(answer, Refused) else None
                verdicts[number] = own or Refusal("ATOMIC_ABORTED")


def _fallen(request: AppendRequest, refused: set[int], together: set[bytes]) -> set[bytes]:
    """Return the streams with several decisions of which one was refused."""
    decided = _on_streams(request, together)
    return {stream for number, stream in decided.items() if number in refused}


def _on_streams(request: AppendRequest, streams: set[bytes]) -> dict[int, bytes]:
    """Return the decisions on these streams, the stream by the number of the event."""
    if not streams:
        return {}
    return {
        number: stream
        for number, stream in enumerate(map(_decided_stream, request.events))
        if stream in streams
    }


def _decided_stream(event: AdmittedEvent | RefusedEvent) -> bytes:
    """Return the stream that a decision is on, also one that was not admitted; empty for facts.

    A replacement and the issue that it names stand and fall together: both are on the new number.
    """
    if isinstance(event, RefusedEvent):
        return event.decides
    if not event.type.decision:
        return b""
    names_both = event.type.name == "TrainingCertificateSuperseded" or _replaces(event)
    return str(event.body.number).encode() if names_both else event.stream


def _replaces(event: AdmittedEvent) -> bool:
    return event.type.name == "TrainingCertificateIssued" and bool(event.body.supersedes)


def _successors(request: AppendRequest) -> dict[str, str]:
    """Return the numbers that a request issues in another's place, with that other's number."""
    return {
        event.body.number: event.body.supersedes
        for event in request.events
        if isinstance(event, AdmittedEvent) and _replaces(event)
    }


def _repeated(answer: Answer) -> bool:
    return isinstance(answer, Recorded) and answer.repeated


def _aborted(answer: Answer) -> Answer:
    return Refused(answer.event_id, Refusal("ATOMIC_ABORTED"))


class _Attempt:
    """One pass over a request; the state is undone by whoever drops it."""

    def __init__(
        self,
        signatures: BatchSignatures,
        plan: GroupPlan,
        known: Mapping[bytes, Place],
        state: DecisionState,
        group: GroupContext,
        verdicts: Mapping[int, Refusal],
    ) -> None:
        self._signatures = signatures
        self._plan = plan
        self._known = known
        self._state = state
        self._group = group
        self._verdicts = verdicts
        self._rows: list[LogRow] = []
        self._batches: dict[bytes, StoredBatch] = {}
        self._authentic: dict[int, Refusal | None] = {}
        # Facts of one author in one cohort are judged alike until a decision moves something.
        self._authors: dict[int, KeyState] = {}
        self._allowed: set[FactKind] = set()

    def answer(self, number: int, event: AdmittedEvent | RefusedEvent) -> Answer:
        """Answer one event."""
        if isinstance(event, RefusedEvent):
            return Refused(event.event_id, event.refusal)
        key = self._authors.get(id(event.batch))
        if key is None:
            key = author_key(event, self._state, self._group.root)
            refusal = self._batch_refusal(event, key)
            if refusal is not None or key is None:
                return Refused(event.event_id, refusal or _unknown(event))
            self._authors[id(event.batch)] = key
        place = self._known.get(event.event_id) or self._state.places.get(event.event_id)
        if place is not None:
            return _seen_before(event, place)
        if self._plan.head.closed:
            return Refused(event.event_id, Refusal("LOG_CLOSED"))
        if number in self._verdicts:
            return Refused(event.event_id, self._verdicts[number])
        refusal = self._refusal(event, key)
        if refusal is not None:
            return Refused(event.event_id, refusal)
        return self._record(event, key)

    def settle(self) -> None:
        """Hand rows and batches over to the group."""
        self._plan.rows += self._rows
        self._plan.batches.update(self._batches)

    def _next_index(self) -> int:
        return self._plan.head.size + len(self._plan.rows) + len(self._rows)

    def _batch_refusal(self, event: AdmittedEvent, key: KeyState | None) -> Refusal | None:
        batch = event.batch
        if id(batch) not in self._authentic:
            approver = self._state.key(batch.approver_key) if batch.approver_key else None
            self._authentic[id(batch)] = self._signatures.refusal(batch, key, approver)
        return self._authentic[id(batch)]

    def _refusal(self, event: AdmittedEvent, key: KeyState) -> Refusal | None:
        kind = fact_kind(event)
        if kind in self._allowed:
            return None
        group = self._group
        rests_on_rows = event.leaf in group.issues or event.leaf in group.records
        rows = [*self._plan.rows, *self._rows] if rests_on_rows else ()
        refusal = event_refusal(event, key, self._state, group, rows, self._next_index())
        if refusal is None and kind is not None:
            self._allowed.add(kind)
        return refusal

    def _record(self, event: AdmittedEvent, key: KeyState) -> Recorded:
        recorded = self._group.recorded_us
        before = self._state.stream(event.stream)
        seq, index = before.seq + 1, self._next_index()
        kind, name = event.type.kind, event.type.name
        event_as_recorded = RecordedEvent(
            index, seq, name, event.stream, recorded, event.header, event.body, event.leaf
        )
        held = held_of(event, event_as_recorded, key, before.state, self._state, self._group)
        entry = build_event_entry(
            event=uuid_text(event.event_id),
            keys=self._keys(event, seq),
            kind=kind,
            payload=event.leaf,
            prev=before.hash if before.seq else None,
            recorded=recorded,
            seq=seq,
            stream=known_text(event.stream),
        )
        digest = entry_hash(entry)
        if event.type.decision:
            self._authors.clear()
            self._allowed.clear()
        self._state.append(event_as_recorded, digest, held=held, decides=name in DECISION_RELEVANT)
        self._state.places.set(event.event_id, Place(index, entry, event.data, held))
        self._rows.append(_row(event, index, entry, recorded, seq, held))
        if event.batch.name not in self._batches:
            self._keep_batch(event)
        return Recorded(event.event_id, index, entry, digest, held, repeated=False)

    def _keys(self, event: AdmittedEvent, seq: int) -> tuple[str, ...]:
        issue = self._group.issues.get(event.leaf)
        if issue is not None:
            return event_keys(
                event.type.kind,
                seq,
                map(uuid_text, event.cohorts),
                uuid_text(event.header.institution),
                issue.number_id,
            )
        return usual_keys(event.type.kind, seq, event.cohorts, event.header.institution)

    def _keep_batch(self, event: AdmittedEvent) -> None:
        batch = event.batch
        self._batches[batch.name] = StoredBatch(
            batch.key_id,
            batch.root,
            batch.algorithm,
            batch.signature,
            batch.approver_key,
            batch.approver_signature,
            b"".join(batch.leaves),
        )


def _unknown(event: AdmittedEvent) -> Refusal:
    return Refusal("UNKNOWN_KEY", "header.author_key", {"key": event.header.author_key.hex()})


def _seen_before(event: AdmittedEvent, place: Place) -> Answer:
    if place.event != event.data:
        return Refused(event.event_id, Refusal("EVENT_ID_REUSED", "header.event_id"))
    digest = entry_hash(place.entry)
    return Recorded(event.event_id, place.index, place.entry, digest, place.held, repeated=True)


def _row(
    event: AdmittedEvent, index: int, entry: bytes, recorded: int, seq: int, held: str
) -> LogRow:
    return LogRow(
        index,
        entry,
        recorded,
        event.stream,
        seq,
        event.type.name,
        event.data,
        event.event_id,
        event.cohort,
        held,
        event.batch.key_id,
        event.batch.name,
        event.position,
        b"".join(event.cohorts[1:]),
    )
