"""Requests prepared beforehand: made, signed and written to a file before the time starts.

A file is a row of frames: the length in 4 bytes, big endian, and the request's bytes.
"""

from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import sign_batch
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from tests.world import Classroom, World

_LENGTH: Final = 4
_SIGN_INS_A_SESSION: Final = 40


def write_requests(path: Path, requests: Iterable[bytes]) -> Path:
    """Write requests; return the path."""
    with path.open("wb") as file:
        for request in requests:
            file.write(len(request).to_bytes(_LENGTH))
            file.write(request)
    return path


def read_requests(path: Path) -> list[bytes]:
    """Read what `write_requests` wrote."""
    data, requests, at = path.read_bytes(), [], 0
    while at < len(data):
        start = at + _LENGTH
        at = start + int.from_bytes(data[at:start])
        requests.append(data[start:at])
    return requests


class SignIns:
    """Sign-ins of a world's learners, a terminal after the other, without end."""

    def __init__(self, world: World) -> None:
        """Start with the first classroom."""
        self._classrooms = cycle(_Class(each) for each in world.classrooms)

    def requests(self, count: int, events: int) -> Iterator[bytes]:
        """Yield append requests, each one batch by the next terminal."""
        for _ in range(count):
            batch = next(self._classrooms).batch(events)
            yield recording.AppendEventsRequest(batches=[batch]).SerializeToString()


class _Class:
    """A classroom, its learners in turn, and the session under way."""

    def __init__(self, classroom: Classroom) -> None:
        self._classroom = classroom
        self._learners = cycle(classroom.learners)
        self._session: UUID = uuid4()
        self._signed_in = 0

    def batch(self, events: int) -> recording.Batch:
        terminal, cohort = self._classroom.terminal, self._classroom.cohort
        captured = []
        for _ in range(events):
            self._signed_in += 1
            if self._signed_in % _SIGN_INS_A_SESSION == 0:
                self._session = uuid4()
            captured.append(
                terminal.learner_signed_in(
                    cohort=cohort,
                    person_ref=next(self._learners),
                    session=self._session,
                    method=pb.PRESENCE_METHOD_ID_CARD,
                )
            )
        return sign_batch(terminal.identity, captured).to_message()


def signed_calls(key: Ed25519PrivateKey, requests: Iterable[bytes]) -> Iterator[bytes]:
    """Yield requests of baseline (d): a signature of 64 bytes, and what it signs."""
    for request in requests:
        yield key.sign(request) + request
