"""RecordingService: writing, receipts, held events, following (recording_service.proto)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1.recording_service_pb2_grpc import RecordingServiceServicer
from ledger.application.errors import NotFoundError
from ledger.application.ports import LogReader, LogRow
from ledger.application.proofs import Inclusion, ProofService
from ledger.server.access import Access
from ledger.server.held_words import held_words
from ledger.server.identifiers import id_bytes, id_text
from ledger.server.page_tokens import PageTokens
from ledger.server.paging import Listing, PageRequest, ShownPage, show_page
from ledger.server.publication_waiting import WaitPublished, wait_until_published
from ledger.server.recording import EventRecorder
from ledger.server.request_context import Caller, current_caller
from ledger.server.watching import LogWatch
from projections.answers import HeldEvent
from projections.queries import Queries

IN_FLIGHT: Final = 8
"""Requests of one RecordEvents stream that are under way at once."""

Context = grpc.aio.ServicerContext[Any, Any]
_Pending = asyncio.Task[pb.RecordEventsResponse]


class RecordingService(RecordingServiceServicer):
    """Takes signed events and lets emitters follow what became of them."""

    def __init__(
        self,
        *,
        recorder: EventRecorder,
        watch: LogWatch,
        reader: LogReader,
        proofs: ProofService,
        queries: Queries,
        access: Access,
        tokens: PageTokens,
        wait_published: WaitPublished,
    ) -> None:
        """Serve from these.

        Args:
            recorder: Records batches.
            watch: Follows the log.
            reader: Finds events.
            proofs: Makes receipts.
            queries: Lists held events.
            access: Who may see what.
            tokens: Page tokens.
            wait_published: Waits for publications.
        """
        self._recorder = recorder
        self._watch = watch
        self._reader = reader
        self._proofs = proofs
        self._queries = queries
        self._access = access
        self._tokens = tokens
        self._wait_published = wait_published
        self._reading: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Let open streams end behind what is under way, so that the server can stop."""
        self._watch.close()
        for reading in self._reading:
            reading.cancel()

    async def AppendEvents(
        self, request: pb.AppendEventsRequest, context: Context
    ) -> pb.AppendEventsResponse:
        """Record the events of one request."""
        response = pb.AppendEventsResponse()
        await self._recorder.record(request.batches, response, atomic=request.atomic)
        return response

    async def RecordEvents(
        self, request_iterator: AsyncIterator[pb.RecordEventsRequest], context: Context
    ) -> AsyncIterator[pb.RecordEventsResponse]:
        """Record requests as they come, several at once, and answer them in their order.

        A request that is refused as a whole ends the stream, behind the answers to those before it.
        """
        waiting: asyncio.Queue[_Pending | None] = asyncio.Queue()
        places = asyncio.Semaphore(IN_FLIGHT)
        reading = asyncio.create_task(self._read(request_iterator, waiting, places))
        self._reading.add(reading)
        try:
            while (pending := await waiting.get()) is not None:
                yield await pending
                places.release()
            await asyncio.wait([reading])
            if not reading.cancelled():
                reading.result()
        finally:
            self._reading.discard(reading)
            reading.cancel()
            while not waiting.empty():
                left = waiting.get_nowait()
                if left is not None:
                    left.cancel()

    async def GetReceipt(
        self, request: pb.GetReceiptRequest, context: Context
    ) -> pb.GetReceiptResponse:
        """Return the receipt of a recorded event; it is as public as the log."""
        row = await asyncio.to_thread(self._reader.find, id_bytes(request.event_id))
        if row is None:
            raise NotFoundError("event")
        if request.wait:
            await wait_until_published(self._wait_published, row.index)
        receipt: Inclusion = await asyncio.to_thread(self._proofs.inclusion, row.index)
        return pb.GetReceiptResponse(entry=receipt.entry, proof=receipt.proof)

    async def ListHeld(self, request: pb.ListHeldRequest, context: Context) -> pb.ListHeldResponse:
        """List events that count for nothing yet."""
        page = await asyncio.to_thread(self._held, current_caller(), request)
        return pb.ListHeldResponse(
            events=[_held_event(row) for row in page.rows], next_page_token=page.token
        )

    async def Watch(
        self, request: pb.WatchRequest, context: Context
    ) -> AsyncIterator[pb.WatchResponse]:
        """Follow the log from an index on."""
        cohort = id_bytes(request.cohort) if request.cohort else None
        async for row in self._watch.follow(current_caller(), request.start_index, cohort):
            yield _watched(row)

    async def _read(
        self,
        requests: AsyncIterator[pb.RecordEventsRequest],
        waiting: "asyncio.Queue[_Pending | None]",
        places: asyncio.Semaphore,
    ) -> None:
        """Start on requests in their order; a `None` behind the last ends the stream."""
        try:
            async for request in requests:
                await places.acquire()
                waiting.put_nowait(asyncio.create_task(self._record(request)))
        finally:
            waiting.put_nowait(None)

    async def _record(self, request: pb.RecordEventsRequest) -> pb.RecordEventsResponse:
        response = pb.RecordEventsResponse()
        await self._recorder.record(request.batches, response, atomic=request.atomic)
        return response

    def _held(self, caller: Caller, request: pb.ListHeldRequest) -> ShownPage[HeldEvent]:
        view = self._access.of(caller)
        cohort = id_bytes(request.cohort) if request.cohort else None
        if cohort is not None:
            view.require_cohort(cohort)
        return show_page(
            self._tokens,
            PageRequest(request.page_size, request.page_token, {"cohort": request.cohort}),
            Listing(
                fetch=lambda after, limit: self._queries.held(cohort, after, limit),
                place=lambda row: row.index.to_bytes(8, "big"),
                visible=lambda row: (
                    view.cohort(row.cohort) if row.cohort else view.institution(row.institution)
                ),
            ),
        )


def _held_event(row: HeldEvent) -> pb.HeldEvent:
    reason_zh, reason_en = held_words(row.code)
    return pb.HeldEvent(
        index=row.index,
        event_id=id_text(row.event_id),
        type=row.type,
        stream=id_text(row.stream),
        cohort=id_text(row.cohort),
        code=row.code,
        reason_zh=reason_zh,
        reason_en=reason_en,
        recorded_us=row.recorded_us,
    )


def _watched(row: LogRow) -> pb.WatchResponse:
    return pb.WatchResponse(index=row.index, entry=row.entry, event=row.event)
