"""Group commit: requests that arrive together are decided and committed together.

One task owns the decision state and runs one group at a time: lock the head, read what others
wrote since, load what is missing, decide, insert, commit; then answer. The crash story is short: an
answer leaves only after the commit, so what is lost before was never acknowledged, and a retry
finds either the original place or nothing.

After a failure whose outcome is not known the state is forgotten, the callers are told UNKNOWN, and
the next group begins with a synchronous commit, so that a retry is never answered from rows that a
failover could still take away.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.application.admission import AdmittedEvent
from ledger.application.decision_state import DecisionState
from ledger.application.errors import (
    ApplicationError,
    OverloadedError,
    StorageUnavailableError,
)
from ledger.application.event_decision import GroupContext, RootKey
from ledger.application.needs import amended_ids, load_needs
from ledger.application.outcomes import Answer, AppendRequest, NotKnown
from ledger.application.ports import GroupTransaction, LogHead, LogRow, LogWriter, OwnRow
from ledger.application.recorded_clock import RecordedClock
from ledger.application.sequencer import GroupPlan, Sequencer

MAX_GROUP_EVENTS: Final = 4_000
MAX_WAITING_EVENTS: Final = 50_000
MAX_ROWS_BEHIND: Final = 20_000
"""How many entries of other processes are looked through; behind more, everything is read anew."""
LINGER_SECONDS: Final = 0.002
"""How long a group waits for company when the one before had some: tens instead of twos."""


@dataclass(slots=True)
class _Waiting:
    """A request in the queue, or a wish for a slot when `request` is None."""

    request: AppendRequest | None
    published_size: int
    answered: asyncio.Future[Sequence[Answer]] = field(repr=False)


class GroupCommit:
    """Appends requests to the log in groups."""

    def __init__(
        self, writer: LogWriter, origin: str, root: RootKey, clock: RecordedClock | None = None
    ) -> None:
        """Append through `writer` to the log with this origin."""
        self._writer = writer
        self._state = DecisionState(origin)
        self._sequencer = Sequencer(root)
        self._clock = clock or RecordedClock()
        self._queue: deque[_Waiting] = deque()
        self._waiting_events = 0
        self._arrived = asyncio.Event()
        self._appended = asyncio.Event()
        self._size = 0
        self._unsettled = True
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Size of the log as far as this process knows."""
        return self._size

    @property
    def running(self) -> bool:
        """Groups are being committed."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Start the committing task."""
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def stop(self) -> None:
        """Stop after the group under way; what still waits is answered UNKNOWN."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        self._fail([*self._queue], StorageUnavailableError("the server is stopping"))
        self._queue.clear()

    async def append(self, request: AppendRequest) -> Sequence[Answer]:
        """Record a request; return its answers once they are durable.

        Raises:
            ClockJumpError: the clock jumped; nothing was written.
            OverloadedError: too much is waiting; nothing was written.
            StorageFullError: there is no room; nothing was written.
        """
        if self._waiting_events + len(request.events) > MAX_WAITING_EVENTS:
            raise OverloadedError("too many events are waiting")
        self._waiting_events += len(request.events)
        return await self._wait(_Waiting(request, 0, asyncio.Future()))

    async def make_slot(self, published_size: int) -> None:
        """Put an empty map-commit slot behind new entries, unless one is empty or nothing is new.

        Args:
            published_size: Size of the newest checkpoint.
        """
        await self._wait(_Waiting(None, published_size, asyncio.Future()))

    async def wait_beyond(self, size: int) -> None:
        """Wait until the log is larger than `size`, as far as this process knows."""
        while self._size <= size:
            self._appended.clear()
            await self._appended.wait()

    async def _wait(self, waiting: _Waiting) -> Sequence[Answer]:
        if self._stopping:
            self._fail([waiting], StorageUnavailableError("the server is stopping"))
            return await waiting.answered
        self._queue.append(waiting)
        self._arrived.set()
        # A caller that goes away does not take its events out of a group under way.
        return await asyncio.shield(waiting.answered)

    async def _run(self) -> None:
        company = False
        while True:
            await self._arrived.wait()
            if self._stopping:
                return
            if company:
                await asyncio.sleep(LINGER_SECONDS)
            group = self._take()
            company = len(group) > 1
            if not self._queue:
                self._arrived.clear()
            await self._commit(group)

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        events = 0
        while self._queue and events < MAX_GROUP_EVENTS:
            waiting = self._queue.popleft()
            group.append(waiting)
            count = 0 if waiting.request is None else len(waiting.request.events)
            events += count
            self._waiting_events -= count
        return group

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            if self._unsettled:
                await self._writer.flush()
                clock_us = await self._writer.clock_us()
                if clock_us is not None:
                    self._clock.agree_with(clock_us)
                self._unsettled = False
            plan = await self._write(group)
        except Exception as error:  # noqa: BLE001 - whatever happened, the callers are answered
            self._state.clear()
            self._unsettled = True
            if len(group) > 1 and not isinstance(error, ApplicationError):
                # One request that trips over a defect must not take its company down with it.
                for waiting in group:
                    await self._commit([waiting])
            else:
                self._fail(group, error)
            return
        answers = iter(plan.answers)
        for waiting in group:
            given = () if waiting.request is None else next(answers)
            if not waiting.answered.done():
                waiting.answered.set_result(given)
        self._state.turn()
        self._appended.set()

    async def _write(self, group: Sequence[_Waiting]) -> GroupPlan:
        requests = [each.request for each in group if each.request is not None]
        ids = [
            event.event_id
            for request in requests
            for event in request.events
            if isinstance(event, AdmittedEvent)
        ]
        ids += amended_ids(requests)
        async with self._writer.group(ids) as transaction:
            await self._catch_up(transaction)
            cases = await load_needs(transaction, requests, self._state)
            head = transaction.head
            known = transaction.known
            now = self._clock.now(head.recorded_us)
            context = GroupContext(self._sequencer.root, now, cases.issues, cases.records, known)
            self._state.begin_group()
            plan = self._sequencer.plan(requests, head, known, self._state, context)
            rows: list[LogRow | OwnRow] = [*plan.rows, *_slot(plan, group)]
            if rows:
                behind = _head_behind(plan, rows)
                await transaction.insert(rows, list(plan.batches.values()), behind)
        self._size = head.size + len(rows)
        return plan

    async def _catch_up(self, transaction: GroupTransaction) -> None:
        moved = transaction.head.size - self._size
        if self._size and 0 <= moved <= MAX_ROWS_BEHIND:
            if moved:
                self._state.forget_moved(await transaction.rows_since(self._size))
        else:
            # At the start, after a long idle time, or behind a database that was put back.
            self._state.clear()
        self._size = transaction.head.size

    def _fail(self, group: Sequence[_Waiting], error: Exception) -> None:
        """Answer UNKNOWN, or raise what is known to have written nothing."""
        nothing_written = not isinstance(error, StorageUnavailableError)
        for waiting in group:
            if waiting.answered.done():
                continue
            if nothing_written or waiting.request is None:
                waiting.answered.set_exception(error)
                continue
            answers = [
                NotKnown(event.event_id, "STORAGE_UNAVAILABLE") for event in waiting.request.events
            ]
            waiting.answered.set_result(answers)


def _slot(plan: GroupPlan, group: Sequence[_Waiting]) -> list[OwnRow]:
    """Return the empty slot that is wished for and due, behind the group's rows."""
    head = plan.head
    index = head.size + len(plan.rows)
    wishes = [each.published_size for each in group if each.request is None]
    if not wishes or head.slot is not None or index <= max(wishes):
        return []
    recorded = plan.rows[-1].recorded_us if plan.rows else head.recorded_us
    return [OwnRow(index, None, recorded)]


def _head_behind(plan: GroupPlan, rows: Sequence[LogRow | OwnRow]) -> LogHead:
    """Return the head behind the group."""
    head, size = plan.head, plan.head.size + len(rows)
    recorded = plan.rows[-1].recorded_us if plan.rows else head.recorded_us
    slot = size - 1 if len(rows) > len(plan.rows) else head.slot
    return LogHead(size, recorded, slot, head.closed)
