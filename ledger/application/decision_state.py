"""What the sequencer decides on: tails and decision states of streams and cohorts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.application.cache import Cache
from ledger.application.events import recorded_event
from ledger.application.ports import Loaded, LogRow, Place
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.party_states import PartyState, StaffState, begun_file
from ledger.domain.policies import Policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.states import (
    CertificateState,
    CohortState,
    EnrolmentState,
    KeyState,
    PolicyBook,
    StreamState,
    fold_cohort,
    fold_stream,
)
from ledger.log.entries import entry_hash
from ledger.log.identifiers import key_stream, policy_stream

CACHED_STREAMS: Final = 200_000
COHORT_MOVERS: Final = frozenset(
    {
        "CohortPlanned",
        "CohortFiled",
        "CohortPolicyRepinned",
        "CohortOpened",
        "CohortClosed",
        "CohortArchiveSealed",
        "ClockOffsetStated",
        "LearnerEnrolled",
        "LearnerWithdrew",
        "EnrolmentRejected",
        "LearnerTransferred",
    }
)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's last entry, by number and hash, and its decision state."""

    seq: int
    hash: bytes
    state: StreamState


NO_STREAM: Final = Stream(0, b"", None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Streams and cohorts that a group needs and the caches do not hold."""

    streams: frozenset[bytes]
    cohorts: frozenset[bytes]

    def __bool__(self) -> bool:
        return bool(self.streams or self.cohorts)


class StateIds:
    """The derived ids of one log, worked out once each."""

    __slots__ = ("_key_streams", "origin", "policies")

    def __init__(self, origin: str) -> None:
        """Derive for the log with this origin."""
        self.origin = origin
        self.policies = policy_stream(origin).bytes
        self._key_streams: dict[bytes, bytes] = {}

    def stream_of_key(self, key_id: bytes) -> bytes:
        """Return the stream of a key."""
        stream = self._key_streams.get(key_id)
        if stream is None:
            if len(self._key_streams) > CACHED_STREAMS:
                self._key_streams.clear()
            stream = self._key_streams[key_id] = key_stream(self.origin, key_id).bytes
        return stream


class DecisionState:
    """Tails and decision states of streams and cohorts. Owned by the sequencer's task alone.

    While a group is decided it runs ahead of what is committed: `undo` takes back what a refused
    request set, and after a failed commit everything is forgotten.

    Attributes:
        ids: Derived ids of the log.
        cohorts: Decision states by cohort.
        places: Places that the group under way gave, by event id.
    """

    __slots__ = ("_streams", "cohorts", "ids", "places")

    def __init__(self, origin: str) -> None:
        """Start with nothing known of the log with this origin."""
        self.ids = StateIds(origin)
        self._streams: Cache[Stream] = Cache(CACHED_STREAMS)
        self.cohorts: Cache[CohortState] = Cache(CACHED_STREAMS)
        self.places: Cache[Place] = Cache(CACHED_STREAMS)

    def begin_group(self) -> None:
        """Begin a group: nothing has a place in it yet."""
        self.places.clear()

    def begin(self) -> None:
        """Begin a request."""
        self._streams.begin()
        self.cohorts.begin()
        self.places.begin()

    def undo(self) -> None:
        """Take back what was set since `begin`."""
        self._streams.undo()
        self.cohorts.undo()
        self.places.undo()

    def stream(self, stream: bytes) -> Stream:
        """Return a stream, `NO_STREAM` when it has no entry."""
        return self._streams.get(stream) or NO_STREAM

    def key(self, key_id: bytes) -> KeyState | None:
        """Return a registered key."""
        return self.stream_key(self.ids.stream_of_key(key_id))

    def stream_key(self, stream: bytes) -> KeyState | None:
        """Return the registered key whose stream this is."""
        state = self.stream(stream).state
        return state if isinstance(state, KeyState) else None

    def party(self, party: bytes) -> PartyState | None:
        """Return a registered party."""
        state = self.stream(party).state
        return state if isinstance(state, PartyState) else None

    def staff(self, stream: bytes) -> StaffState | None:
        """Return a staff file."""
        state = self.stream(stream).state
        return state if isinstance(state, StaffState) else None

    def policy(self, digest: bytes) -> Policy | None:
        """Return an adopted policy."""
        state = self.stream(self.ids.policies).state
        return state.policies.get(digest) if isinstance(state, PolicyBook) else None

    def enrolment(self, stream: bytes) -> EnrolmentState:
        """Return an enrolment."""
        state = self.stream(stream).state
        return state if isinstance(state, EnrolmentState) else EnrolmentState()

    def certificate(self, stream: bytes) -> CertificateState:
        """Return an edition of a certificate."""
        state = self.stream(stream).state
        return state if isinstance(state, CertificateState) else CertificateState()

    def append(
        self, event: RecordedEvent, entry_digest: bytes, *, held: str, decides: bool
    ) -> None:
        """Take in an event that was numbered.

        Args:
            event: The event.
            entry_digest: Hash of its entry.
            held: Why it counts for nothing yet; empty when it counts.
            decides: Its type moves decision states.
        """
        before = self.stream(event.stream)
        state = before.state
        if decides:
            state = _folded(state, event, held)
        self._streams.set(event.stream, Stream(event.seq, entry_digest, state))
        if event.header.cohorts:
            cohort = event.header.cohorts[0]
            known = self.cohorts.get(cohort)
            if known is None or event.type in COHORT_MOVERS:
                self.cohorts.set(cohort, fold_cohort(known, event))

    def missing(self, streams: Iterable[bytes], cohorts: Iterable[bytes]) -> Wanted:
        """Return which of these are not at hand."""
        known_streams, known_cohorts = self._streams, self.cohorts
        return Wanted(
            frozenset(stream for stream in streams if stream not in known_streams),
            frozenset(cohort for cohort in cohorts if cohort not in known_cohorts),
        )

    def absorb(self, loaded: Loaded, wanted: Wanted) -> None:
        """Take in what was loaded; what was wanted and not found has no entry."""
        for stream in wanted.streams:
            tail = loaded.tails.get(stream)
            if tail is None:
                self._streams.set(stream, NO_STREAM)
                continue
            state: StreamState = None
            for row in loaded.histories.get(stream, ()):
                state = _folded(state, recorded_event(row), row.held)
            self._streams.set(stream, Stream(tail.seq, entry_hash(tail.entry), state))
        for cohort in wanted.cohorts:
            known: CohortState | None = None
            for row in loaded.cohorts.get(cohort, ()):
                known = fold_cohort(known, recorded_event(row))
            self.cohorts.set(cohort, known)

    def forget_moved(self, rows: Sequence[LogRow]) -> None:
        """Forget what other processes moved; it is read again when it is needed."""
        for row in rows:
            self._streams.discard(row.stream)
            if row.cohort is not None:
                self.cohorts.discard(row.cohort)

    def turn(self) -> None:
        """Bound the caches; called between groups."""
        self._streams.turn()
        self.cohorts.turn()

    def clear(self) -> None:
        """Forget everything."""
        self._streams.clear()
        self.cohorts.clear()
        self.places.clear()


def _folded(state: StreamState, event: RecordedEvent, held: str) -> StreamState:
    """Fold an event into its stream's state.

    A held fact waits for later events in streams of cohorts and enrolments, and is folded there. A
    held report moves nothing; a held entry of a staff file may fix the owner.
    """
    kind = EVENT_TYPES[event.type].kind
    if held and kind == "institution":
        return state
    if held and kind == "staff":
        return begun_file(state if isinstance(state, StaffState) else None, event)
    return fold_stream(kind, state, event)
