"""Two readers beside the writers: one keeps every checkpoint it is shown, one every event.

reliability-security section 2, I4 and I5: what was once shown must never have been otherwise.
"""

from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

import grpc

from clients.sdk import Ledger, Retries
from clients.sdk.channel import open_channel
from ledger.api.v1.log_service_pb2 import GetCheckpointRequest
from ledger.api.v1.log_service_pb2_grpc import LogServiceStub
from tests.server_process import Served

_PATIENT: Final = Retries(first_pause=0.05, longest_pause=0.2)
_PAUSE_SECONDS: Final = 0.02


@dataclass
class Observer:
    """Polls checkpoints and watches events until the block ends.

    Attributes:
        notes: Every checkpoint that was shown, in the order of seeing.
        watched: Entries of events by index, as a reader of the stream saw them.
    """

    served: Served
    notes: list[str] = field(default_factory=list)
    watched: list[tuple[int, bytes]] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event, init=False)

    def __enter__(self) -> Self:
        self._ledger = Ledger.open(self.served.world.school, retries=_PATIENT)
        self._threads = [
            Thread(target=self._poll, name="poller", daemon=True),
            Thread(target=self._watch, name="watcher", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._ledger.close()
        for thread in self._threads:
            thread.join()

    def _poll(self) -> None:
        # Unchecked: an SDK reader that remembers would refuse a second history by itself.
        with open_channel(self._ledger.identity) as channel:
            log = LogServiceStub(channel)
            while not self._stopping.wait(_PAUSE_SECONDS):
                try:
                    note = log.GetCheckpoint(GetCheckpointRequest(), timeout=1.0).checkpoint
                except grpc.RpcError:
                    continue
                if not self.notes or note != self.notes[-1]:
                    self.notes.append(note)

    def _watch(self) -> None:
        try:
            for event in self._ledger.watch(0):
                self.watched.append((event.index, event.entry_bytes))
        except ValueError:
            # The connection was closed under the call: the block has ended.
            if not self._stopping.is_set():
                raise
