"""The key tree (DESIGN 4): which key may speak, for whom, and until when.

A key counts only if its own stream is at hand, complete and opened: `KeyRegistered` first, signed
by a key of the tree, up to the root key that the trust file pins, which registers itself. Bureaus
register the keys of parties, a party those of its systems and devices. Events are replayed in the
order of the log, so nothing rests on what came later. A key ends by `KeyEnded`; what it signed from
there on stands but is contested.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.log.errors import ProofError
from ledger.log.identifiers import key_stream, party_id, uuid_text
from ledger.log.opened_event import SignedEvent
from ledger.log.signatures import PublicKey, load_public_key

PARTY_KIND_BUREAU: Final = 2
KEY_USE_PARTY: Final = 1
KEY_ENDING_ROTATED: Final = 1
KEY_ENDING_COMPROMISED: Final = 3
ALGORITHMS: Final[Mapping[int, str]] = {1: "ed25519", 2: "ecdsa-p256"}
# Bureau, institution, system or device, and the rotations of a key, each registered by the one
# before. A certificate's history holds the whole chain, so it has to end somewhere.
_MAX_DEPTH: Final = 64


class AuthorityError(ProofError):
    """A signature by a key that is unknown, not in the tree, or may not sign this."""


class EventSignatureError(ProofError):
    """The author's signature over an event does not verify."""


@dataclass(frozen=True, slots=True)
class TreeKey:
    """A key of the tree.

    Attributes:
        key: The public key.
        holder: UUID text of the party that it signs for.
        use: `KeyUse` number.
        device: Serial code of the device or system, empty for a party's own key.
        registration: The event that registered it.
        depth: Number of registrations above it; 0 for the root key.
    """

    key: PublicKey
    holder: str
    use: int
    device: str
    registration: SignedEvent
    depth: int


@dataclass(slots=True)
class KeyTree:
    """The keys of a log as far as its events were replayed.

    Attributes:
        origin: Origin of the log.
        root: Id of the root key that the trust file pins.
        keys: The keys by id.
        endings: The events that ended a key, by its id, in the order of the log.
        bureaus: UUID texts of the parties that are bureaus.
        parties: The last registration of each party, by the UUID text of its stream.
    """

    origin: str
    root: bytes
    keys: dict[bytes, TreeKey] = field(default_factory=dict)
    endings: dict[bytes, list[SignedEvent]] = field(default_factory=dict)
    bureaus: set[str] = field(default_factory=set)
    parties: dict[str, SignedEvent] = field(default_factory=dict)
    _streams: dict[str, TreeKey] = field(default_factory=dict)

    def replay(self, events: Iterable[SignedEvent]) -> dict[int, TreeKey]:
        """Check the signature of every event and the authority over keys and parties.

        Args:
            events: The opened events of any streams; those of the kinds `key` and `institution`
                without a gap.

        Returns:
            The author's key of each event, by the event's index.

        Raises:
            AuthorityError: when an author is unknown or may not write the event.
            EventSignatureError: when a signature does not verify.
            FormatError: when a registered public key is malformed.
            ProofError: when a stream is not what its id says.
        """
        authors = {}
        for event in sorted(events, key=lambda event: event.index):
            author = self._take(event)
            _check_signature(event, author.key)
            authors[event.index] = author
        return authors

    def is_bureau(self, key: TreeKey) -> bool:
        """Tell whether a key is a bureau's own key."""
        return key.use == KEY_USE_PARTY and key.holder in self.bureaus

    def contested(self, event: SignedEvent) -> str:
        """Return why the signature under a replayed `event` is contested, or nothing.

        A key whose registration is contested has nothing to stand on either.
        """
        while True:
            key_id = event.header.author_key
            reason = self._ended(key_id, event)
            above = self.keys[key_id].registration
            if reason or event is above:
                return reason
            event = above

    def _ended(self, key_id: bytes, event: SignedEvent) -> str:
        # An ending is believed even from a key that has ended: the cautious side.
        if event.type == "KeyEnded":
            return ""
        for end in self.endings.get(key_id, ()):
            if end.body.ending == KEY_ENDING_COMPROMISED:
                if event.index >= end.body.from_index:
                    return (
                        f"entry {event.index} is signed by a key reported compromised "
                        f"from entry {end.body.from_index} on"
                    )
            elif event.index > end.index and not _announced(end, event):
                return f"entry {event.index} is signed by a key that ended at entry {end.index}"
        return ""

    def _take(self, event: SignedEvent) -> TreeKey:
        """Apply an event of a key or institution stream and return its author."""
        if event.type == "KeyRegistered":
            return self._register_key(event)
        author = self._author(event)
        if event.type == "KeyEnded":
            self._end_key(event, author)
        elif event.type == "InstitutionRegistered":
            self._register_party(event, author)
        return author

    def _author(self, event: SignedEvent) -> TreeKey:
        author = self.keys.get(event.header.author_key)
        if author is None:
            raise AuthorityError(
                f"entry {event.index} is signed by the key {event.header.author_key.hex()}, "
                "which the streams of the proof do not register before it"
            )
        return author

    def _register_key(self, event: SignedEvent) -> TreeKey:
        body, stream = event.body, event.entry.stream
        public_key = load_public_key(body.public_key)
        key_id = public_key.key_id
        if stream != str(key_stream(self.origin, key_id)) or event.entry.seq != 1:
            raise ProofError(f"entry {event.index} does not open the stream of the key in it")
        if ALGORITHMS.get(body.algorithm) != public_key.algorithm:
            raise ProofError(f"entry {event.index} registers another algorithm than the key's")
        holder = uuid_text(body.holder)
        if key_id == self.root:
            if event.header.author_key != key_id or body.use != KEY_USE_PARTY:
                raise AuthorityError("the root key does not register itself as a party's own key")
            self.bureaus.add(holder)
            return self._add(TreeKey(public_key, holder, body.use, body.device, event, 0))
        author = self._author(event)
        # A party's key serves its own systems and devices; only a bureau's makes party keys.
        below = author.use == KEY_USE_PARTY and author.holder == holder
        allowed = self.is_bureau(author) or (below and body.use != KEY_USE_PARTY)
        if not allowed or author.depth >= _MAX_DEPTH:
            raise AuthorityError(f"entry {event.index} registers a key without the right to do so")
        depth = author.depth + 1
        self._add(TreeKey(public_key, holder, body.use, body.device, event, depth))
        return author

    def _add(self, key: TreeKey) -> TreeKey:
        self.keys[key.key.key_id] = key
        self._streams[key.registration.entry.stream] = key
        return key

    def _end_key(self, event: SignedEvent, author: TreeKey) -> None:
        ended = self._streams.get(event.entry.stream)
        if ended is None:
            raise ProofError(f"entry {event.index} ends a key that its stream did not register")
        own_party = author.use == KEY_USE_PARTY and author.holder == ended.holder
        if author is not ended and not own_party and not self.is_bureau(author):
            raise AuthorityError(f"entry {event.index} ends a key that is not its author's to end")
        self.endings.setdefault(ended.key.key_id, []).append(event)

    def _register_party(self, event: SignedEvent, author: TreeKey) -> None:
        stream = event.entry.stream
        if stream != str(party_id(self.origin, event.body.credit_code)):
            raise ProofError(f"entry {event.index} is not in the stream of the party it registers")
        if not self.is_bureau(author):
            raise AuthorityError(f"entry {event.index} registers a party without a bureau's key")
        self.parties[stream] = event
        if event.body.kind == PARTY_KIND_BUREAU:
            self.bureaus.add(stream)


def _check_signature(event: SignedEvent, key: PublicKey) -> None:
    if event.opened.algorithm != key.algorithm:
        raise EventSignatureError(
            f"entry {event.index} names the algorithm {event.opened.algorithm!r}, "
            f"its key is registered for {key.algorithm}"
        )
    try:
        key.verify(event.opened.signature, event.batch_message())
    except ProofError as error:
        raise EventSignatureError(
            f"the signature over the event of entry {event.index} does not verify"
        ) from error


def _announced(end: SignedEvent, event: SignedEvent) -> bool:
    """Tell whether a rotated key's backlog was still accepted when `event` was recorded."""
    until: int = end.body.accepted_until_us
    return bool(end.body.ending == KEY_ENDING_ROTATED and event.entry.recorded <= until)
