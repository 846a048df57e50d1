"""Rows of whole streams for one proof, and which streams it needs beside those asked for.

A signature counts only with the stream of its key, and that one with the stream of the key that
registered it, up to the root key (docs/formats.md sections 7 and 8). A key of a bureau below the
root also needs that bureau's registration.
"""

from collections.abc import Iterable, Sequence

from ledger.application.breaches import LogBreachError
from ledger.application.errors import NotFoundError
from ledger.application.ports import LogReader, LogRow
from ledger.log.errors import FormatError
from ledger.log.event_reader import Event, read_event
from ledger.log.identifiers import key_stream, uuid_text
from ledger.log.key_tree import PARTY_KIND_BUREAU


class StreamRows:
    """Rows by stream, each read once, cut off at a size of the log."""

    def __init__(self, origin: str, reader: LogReader) -> None:
        """Read from `reader` when asked."""
        self._origin = origin
        self._reader = reader
        self._rows: dict[bytes, list[LogRow]] = {}
        self.size = 0

    def of(self, stream: bytes) -> list[LogRow]:
        """Return the rows of a stream below `size`."""
        if stream not in self._rows:
            self._rows[stream] = self._reader.stream_rows(stream)
        return [row for row in self._rows[stream] if row.index < self.size]

    def forget(self, streams: Iterable[bytes]) -> None:
        """Read these streams again when they are asked for."""
        for stream in streams:
            self._rows.pop(stream, None)

    def institution_of(self, certificate: bytes) -> bytes:
        """Return the stream of the institution that issued a certificate.

        Raises:
            LogBreachError: when the issue event is malformed.
            NotFoundError: when the certificate has no entry below `size`.
        """
        rows = self.of(certificate)
        if not rows:
            raise NotFoundError(uuid_text(certificate))
        institution: bytes = _read(rows[0]).header.institution
        return institution

    def signing_streams(self, streams: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the streams behind the signatures in `streams`, without those themselves.

        Returns:
            The streams of the keys in the order of their first signature, the root key's last,
            then those of bureaus below the root.

        Raises:
            LogBreachError: when a key that signed is not registered.
        """
        search = _KeySearch(self, self._origin, streams)
        search.follow(streams)
        # A bureau's registration is signed by a key that may not have been met before.
        while bureaus := search.bureaus():
            search.parties += bureaus
            search.follow(bureaus)
        keys = [stream for stream in search.keys if stream != search.root]
        return (*keys, *(() if search.root is None else (search.root,)), *search.parties)


class _KeySearch:
    """The search for the keys behind streams."""

    def __init__(self, rows: StreamRows, origin: str, known: Iterable[bytes]) -> None:
        self._rows = rows
        self._origin = origin
        self._seen = set(known)
        # Streams of keys that were not asked for, and the holder of every key.
        self.keys: list[bytes] = []
        self.parties: list[bytes] = []
        self.root: bytes | None = None
        self._root_holder = b""
        self._holders: dict[bytes, bytes] = {}

    def follow(self, streams: Iterable[bytes]) -> None:
        """Add the keys that signed in these streams, and those above them."""
        waiting = list(streams)
        for stream in waiting:
            for row in self._rows.of(stream):
                key = key_stream(self._origin, row.batch_key).bytes
                self._register(key, row.index)
                if key not in self._seen:
                    self._seen.add(key)
                    self.keys.append(key)
                    waiting.append(key)

    def bureaus(self) -> list[bytes]:
        """Return the streams of bureaus that hold a key and are not in the search yet."""
        found = [
            holder
            for holder in dict.fromkeys(self._holders.values())
            if holder not in self._seen and holder != self._root_holder and self._is_bureau(holder)
        ]
        self._seen.update(found)
        return found

    def _register(self, stream: bytes, index: int) -> None:
        """Note who holds the key with this stream, which signed entry `index`."""
        if stream in self._holders:
            return
        rows = self._rows.of(stream)
        if not rows or rows[0].type != "KeyRegistered":
            raise LogBreachError(
                index,
                f"第 {index} 条的签名密钥没有登记",
                f"the key that signed entry {index} is not registered",
            )
        holder: bytes = _read(rows[0]).body.holder
        self._holders[stream] = holder
        if key_stream(self._origin, rows[0].batch_key).bytes == stream:
            self.root, self._root_holder = stream, holder

    def _is_bureau(self, party: bytes) -> bool:
        return any(
            row.type == "InstitutionRegistered" and _read(row).body.kind == PARTY_KIND_BUREAU
            for row in self._rows.of(party)
        )


def _read(row: LogRow) -> Event:
    try:
        return read_event(row.event)
    except FormatError as error:
        raise LogBreachError(
            row.index,
            f"第 {row.index} 条的事件不合格式（{error}）",
            f"the event of entry {row.index} is malformed: {error}",
        ) from error
