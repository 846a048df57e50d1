"""What services ask of the read models. Each answer is read from one committed state.

Who may see what is the server's to decide, and so are page tokens: `after` is `Page.after` of the
page before, empty for the first. Limits are at least 1.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from projections import (
    certificates,
    cohorts,
    from_documents,
    held,
    institutions,
    keys,
    policies,
    staff,
)
from projections.answers import Answer, Certificate, Cohort, HeldEvent, Key, Page
from projections.certificate_register import CertificateChoice, read_certificates
from projections.cohort_file_reader import read_brief, read_cohort_file, read_one, walk
from projections.cohort_file_records import CohortFile
from projections.documents import Document
from projections.institution_records import Institution, InstitutionChoice
from projections.institution_records import institution as institution_record
from projections.learner_history import HistoryEnrolment, read_history
from projections.ports import ViewReader, ViewStore
from projections.registry import READ_MODELS
from projections.staff_records import StaffFile, staff_file

T = TypeVar("T")
Row = tuple[bytes, Document]

_LOOKS: Final = 40
_LOOK_SECONDS: Final = 0.05
"""How often a thing is looked for that may be recorded and not seen yet: for two seconds."""

_WAITING: Final = 4
"""How many may wait so; others are answered at once, or a follower at rest would stop all reads."""


class Queries:
    """Typed reads of the read models."""

    def __init__(
        self,
        store: ViewStore,
        log_size: Callable[[], int] = lambda: 0,
        follower: str = READ_MODELS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Read what `follower` keeps in `store`.

        Args:
            store: The read models.
            log_size: Returns the size of the log; blocking.
            follower: The follower.
            pause: Waits so many seconds.
        """
        self._store = store
        self._log_size = log_size
        self._follower = follower
        self._pause = pause
        self._waiting = threading.BoundedSemaphore(_WAITING)

    def cohort(self, cohort: bytes) -> Answer[Cohort | None]:
        """Return a cohort in brief."""
        return self._answer(lambda reader: read_brief(reader, cohort))

    def cohorts(self, institution: bytes | None, after: bytes, limit: int) -> Page[Cohort]:
        """Return the cohorts of an institution, or all, by id."""
        return self._page(cohorts.VIEW, institution, after, limit, from_documents.cohort)

    def cohort_file(self, cohort: bytes) -> Answer[CohortFile | None]:
        """Return the cohort file 一期一档."""
        return self._answer(lambda reader: read_cohort_file(reader, cohort))

    def institution(self, institution: bytes) -> Answer[Institution | None]:
        """Return a party."""
        return self._answer(
            lambda reader: _made(
                read_one(reader, institutions.VIEW, institution),
                lambda document: institution_record(institution, document),
            )
        )

    def institutions(
        self, choice: InstitutionChoice, after: bytes, limit: int
    ) -> Page[Institution]:
        """Return parties by name in code point order."""
        with self._store.snapshot() as reader:
            rows: list[Row] = []
            for place, document in walk(reader, institutions.VIEW, None, after):
                if choice.holds(document):
                    rows.append((place, document))
                    if len(rows) > limit:
                        break
            return self._rendered(reader, rows, limit, institution_record)

    def staff_file(self, file: bytes) -> Answer[StaffFile | None]:
        """Return a staff file 一人一档."""
        return self._answer(
            lambda reader: _made(
                read_one(reader, staff.VIEW, file), lambda document: staff_file(file, document)
            )
        )

    def staff_files(self, institution: bytes | None, after: bytes, limit: int) -> Page[StaffFile]:
        """Return the staff files of an institution, or all, by id."""
        return self._page(staff.VIEW, institution, after, limit, staff_file)

    def key(self, key_id: bytes) -> Answer[Key | None]:
        """Return a registered key."""

        def read(reader: ViewReader) -> Key | None:
            link = read_one(reader, keys.IDS, key_id)
            stream = bytes.fromhex(link["stream"]) if link else b""
            return _made(read_one(reader, keys.VIEW, stream), from_documents.key)

        return self._answer(read)

    def keys(self, institution: bytes, after: bytes, limit: int) -> Page[Key]:
        """Return the keys of a party by registration."""
        return self._page(
            keys.VIEW, institution, after, limit, lambda _, document: from_documents.key(document)
        )

    def certificate(self, number: str) -> Answer[Certificate | None]:
        """Return a certificate by its number."""
        return self._answer(lambda reader: _certificate(reader, number))

    def certificates(
        self, choice: CertificateChoice, after: bytes, limit: int
    ) -> Page[Certificate]:
        """Return certificates by issue."""
        with self._store.snapshot() as reader:
            size = reader.position(self._follower)
            return Page(*read_certificates(reader, choice, after, limit, size), size)

    def learner_history(
        self, person_ref: bytes, after: bytes, limit: int
    ) -> Page[HistoryEnrolment]:
        """Return the enrolments of an institution's reference in the order of their start."""
        with self._store.snapshot() as reader:
            rows, more = read_history(reader, person_ref, after, limit)
            return Page(rows, more, reader.position(self._follower))

    def held(self, cohort: bytes | None, after: bytes, limit: int) -> Page[HeldEvent]:
        """Return the held facts of a cohort, or all, by log index."""
        return self._page(held.VIEW, cohort, after, limit, from_documents.held_event)

    def policy(self, digest: bytes) -> Answer[bytes | None]:
        """Return the bytes of an adopted policy file."""
        return self._answer(
            lambda reader: _made(read_one(reader, policies.VIEW, digest), from_documents.policy)
        )

    def _answer(self, read: Callable[[ViewReader], T]) -> Answer[T]:
        """Answer now; where there is nothing, as soon as all that was recorded by now is seen.

        Who was told that a thing is recorded is not told that there is no such thing.
        """
        answer = self._now(read)
        if answer.value is not None or not self._waiting.acquire(blocking=False):
            return answer
        try:
            due = self._log_size()
            for _ in range(_LOOKS):
                if answer.as_of_size >= due:
                    break
                self._pause(_LOOK_SECONDS)
                answer = self._now(read)
        finally:
            self._waiting.release()
        return answer

    def _now(self, read: Callable[[ViewReader], T]) -> Answer[T]:
        with self._store.snapshot() as reader:
            return Answer(read(reader), reader.position(self._follower))

    def _page(
        self,
        view: str,
        owner: bytes | None,
        after: bytes,
        limit: int,
        make: Callable[[bytes, Document], T],
    ) -> Page[T]:
        with self._store.snapshot() as reader:
            rows = reader.page(view, owner, after, limit + 1)
            return self._rendered(reader, rows, limit, make)

    def _rendered(
        self,
        reader: ViewReader,
        rows: list[Row],
        limit: int,
        make: Callable[[bytes, Document], T],
    ) -> Page[T]:
        """Render the first `limit` rows; one more shows that there is a next page."""
        shown = rows[:limit]
        return Page(
            tuple(make(place, document) for place, document in shown),
            shown[-1][0] if len(rows) > limit else b"",
            reader.position(self._follower),
        )


def _made(document: Document | None, make: Callable[[Document], T]) -> T | None:
    return None if document is None else make(document)


def _certificate(reader: ViewReader, number: str) -> Certificate | None:
    link = read_one(reader, certificates.NUMBERS, number.encode())
    if link is None:
        return None
    stream = bytes.fromhex(link["certificate"])
    document = reader.get(certificates.VIEW, (stream,))[stream]
    return from_documents.certificate(
        stream,
        document,
        read_one(reader, institutions.VIEW, bytes.fromhex(document["institution"])),
        read_one(reader, cohorts.VIEW, bytes.fromhex(document["cohort"])),
    )
