"""Clients that write while the system under them fails: single events, batches, streams of batches.

Each thread has a connection and a classroom terminal of its own, notes every attempt and answer in
the acknowledgement book, and sends the same bytes until the outcome is known. Now and then it gives
an event up after an attempt without an answer, so that there are some of which nothing is known.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Final
from uuid import uuid4

from clients.sdk import (
    Accepted,
    Emitter,
    Failure,
    Ledger,
    Outcome,
    Retries,
    SignedBatch,
    StillUnknownError,
    UnreachableError,
    sign_batch,
)
from tests.faults.acknowledgement_book import AcknowledgementBook
from tests.server_process import PATIENCE_SECONDS, Served, ServerProcessError
from tests.world import Classroom

ATTEMPT_SECONDS: Final = 2.0
# Each call is one attempt: the pause before a second would outlast any deadline.
ONE_ATTEMPT: Final = Retries(first_pause=3_600.0, longest_pause=3_600.0, attempt=ATTEMPT_SECONDS)
_GIVEN_UP: Final = 0.03
_WINDOW: Final = 4
_DECISION_EVERY: Final = 5


@dataclass
class Writers:
    """All clients of a test.

    Attributes:
        book: Their acknowledgement book.
        seed: Where their choices come from.
        failures: Stable codes or statuses of calls that failed.
        kept: Batches that were acknowledged, to be sent again.
    """

    served: Served
    book: AcknowledgementBook
    seed: int
    failures: set[str] = field(default_factory=set)
    kept: list[SignedBatch] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event, init=False)
    _threads: list["_Writer"] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Start one of each kind, each in a classroom of its own."""
        singles, batches, streams = self.served.classrooms[:3]
        self._threads = [
            _Singles(self, "singles", singles),
            _Batches(self, "batches", batches),
            _Streams(self, "streams", streams),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def stopping(self) -> bool:
        """Nothing new is sent; what was sent is settled."""
        return self._stopping.is_set()

    def check(self) -> None:
        """Raise what ended a thread."""
        for thread in self._threads:
            if thread.error is not None:
                raise thread.error

    def settle(self) -> None:
        """Let every thread settle what it has sent, and end.

        Raises:
            ServerProcessError: when one does not come to an end.
        """
        self._stopping.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self.check()
        if any(thread.is_alive() for thread in self._threads):
            raise ServerProcessError(
                f"writing did not resume: {self.failures}; {self.served.server.last_words()}"
            )

    def abandon(self) -> None:
        """End the threads, whatever becomes of what they sent."""
        self._stopping.set()
        for thread in self._threads:
            thread.abandoned = True
        for thread in self._threads:
            thread.join()

    def failed(self, failure: Failure | None) -> None:
        """Note a call that failed; None where the ledger itself answered UNKNOWN."""
        self.failures.add("UNKNOWN" if failure is None else failure.code or failure.status.name)
        self.book.no_answer()


class _Writer(Thread):
    """One client."""

    def __init__(self, writers: Writers, name: str, classroom: Classroom) -> None:
        super().__init__(name=name, daemon=True)
        self.error: BaseException | None = None
        self.abandoned = False
        self._writers = writers
        self._random = Random(f"{writers.seed}/{name}")
        self._classroom = classroom
        self._session = uuid4()

    def run(self) -> None:
        try:
            with Ledger.open(self._classroom.terminal.identity, retries=ONE_ATTEMPT) as ledger:
                while not self._writers.stopping:
                    self._write(ledger)
                    time.sleep(self._random.uniform(0.0, 0.03))
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            self.error = error

    def _write(self, ledger: Ledger) -> None:
        raise NotImplementedError

    def _batch(self, count: int) -> SignedBatch:
        learners = self._random.choices(self._classroom.learners, k=count)
        events = self._classroom.sign_ins(learners, self._session)
        return sign_batch(self._classroom.terminal.identity, events)

    def _until_known(self, ledger: Ledger, batch: SignedBatch) -> None:
        """Send a batch until its outcome is known, or it is given up."""
        while not self.abandoned:
            self._writers.book.attempt(batch.events)
            try:
                outcomes = ledger.append(batch, timeout=ATTEMPT_SECONDS)
            except (StillUnknownError, UnreachableError) as error:
                self._unanswered(error)
                if self._random.random() < _GIVEN_UP:
                    return
            else:
                self._writers.book.answer(outcomes)
                self._keep(batch, outcomes)
                return

    def _keep(self, batch: SignedBatch, outcomes: Sequence[Outcome]) -> None:
        if all(isinstance(each, Accepted) for each in outcomes):
            self._writers.kept.append(batch)

    def _unanswered(self, error: StillUnknownError | UnreachableError) -> None:
        if isinstance(error, StillUnknownError):
            self._writers.book.answer(error.outcomes)
        self._writers.failed(error.failure)
        time.sleep(self._random.uniform(0.02, 0.1))


class _Singles(_Writer):
    """One event at a time; some are decisions that the rules refuse."""

    def __init__(self, writers: Writers, name: str, classroom: Classroom) -> None:
        super().__init__(writers, name, classroom)
        self._office = writers.served.world.school
        self._emitter = Emitter(self._office, synthetic=True)
        self._turn = 0

    def _write(self, ledger: Ledger) -> None:
        self._turn += 1
        if self._turn % _DECISION_EVERY == 1:
            again = self._emitter.cohort_opened(cohort=self._classroom.cohort, enrolled=0)
            self._until_known(ledger, sign_batch(self._office, [again]))
        else:
            self._until_known(ledger, self._batch(1))


class _Batches(_Writer):
    """Batches of different sizes, each a request."""

    def _write(self, ledger: Ledger) -> None:
        self._until_known(ledger, self._batch(self._random.randint(2, 20)))


class _Streams(_Writer):
    """Batches over one RecordEvents stream, several under way at once."""

    def __init__(self, writers: Writers, name: str, classroom: Classroom) -> None:
        super().__init__(writers, name, classroom)
        self._waiting: deque[SignedBatch] = deque()

    def _write(self, ledger: Ledger) -> None:
        while not self.abandoned:
            try:
                for outcomes in ledger.record(
                    self._read(), window=_WINDOW, timeout=ATTEMPT_SECONDS
                ):
                    self._writers.book.answer(outcomes)
                    self._keep(self._waiting.popleft(), outcomes)
            except (StillUnknownError, UnreachableError) as error:
                # What stands behind the one that failed is not known either: all goes again.
                self._unanswered(error)
            else:
                return

    def _read(self) -> Iterator[SignedBatch]:
        left: Sequence[SignedBatch] = tuple(self._waiting)
        for batch in left:
            self._writers.book.attempt(batch.events)
            yield batch
        while not self._writers.stopping:
            batch = self._batch(self._random.randint(1, 10))
            self._waiting.append(batch)
            self._writers.book.attempt(batch.events)
            yield batch
            time.sleep(self._random.uniform(0.0, 0.02))
