"""A ledger under way: a server that runs, clients that write into it, readers beside them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.faults.acknowledgement_book import AcknowledgementBook
from tests.faults.observer import Observer
from tests.faults.settling import Settled, log_size, published_size, settle_and_check
from tests.faults.writers import Writers
from tests.server_process import Served, ServerProcess, wait_until


@dataclass(frozen=True, slots=True)
class UnderWay:
    """All that runs.

    Attributes:
        served: The ledger.
        writers: The clients.
        observer: The readers.
        before: Size of the log before the clients began.
    """

    served: Served
    writers: Writers
    observer: Observer
    before: int

    @property
    def server(self) -> ServerProcess:
        """The server."""
        return self.served.server

    @property
    def database(self) -> str:
        """URL of its database."""
        return self.served.home.settings().database

    def wait_for_acknowledgements(self, count: int = 1) -> None:
        """Wait until so many more events are acknowledged: writing goes on."""
        due = self.writers.book.acknowledged + count
        self._wait(lambda: self.writers.book.acknowledged >= due, f"{count} acknowledgements")

    def wait_for_failures(self, count: int = 1) -> None:
        """Wait until so many more attempts ended without an outcome."""
        due = self.writers.book.unanswered + count
        self._wait(lambda: self.writers.book.unanswered >= due, f"{count} attempts without answer")

    def settle_and_check(self) -> Settled:
        """Let everything settle, and ask the oracle."""
        settled = settle_and_check(self.served, self.writers, self.observer, before=self.before)
        print(settled)  # noqa: T201 - what the run was about, where it is read
        return settled

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        def checked() -> bool:
            self.writers.check()
            return condition()

        wait_until(
            checked, what, lambda: f"{sorted(self.writers.failures)} {self.server.last_words()}"
        )


@contextmanager
def under_way(served: Served, seed: int) -> Iterator[UnderWay]:
    """Start the server, the clients and the readers; end them with the block."""
    before = log_size(served)
    book = AcknowledgementBook(served.server.log.with_name("acknowledgements.jsonl"))
    writers = Writers(served, book, seed)
    served.server.start()
    served.server.wait_ready()
    # Clients believe a log's keys by its first checkpoint.
    wait_until(lambda: published_size(served) > 0, "the first checkpoint", served.server.last_words)
    try:
        with Observer(served) as observer:
            writers.start()
            try:
                yield UnderWay(served, writers, observer, before)
            finally:
                writers.abandon()
    finally:
        book.close()
