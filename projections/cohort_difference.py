"""What tells two moments of a cohort apart: what became known, and what it changed (DESIGN 1)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ledger.domain.authority import TRANSCRIBED
from ledger.domain.recorded_event import RecordedEvent
from projections import held
from projections.cohort_file_reader import read_cohort_file
from projections.cohort_file_records import CohortFile, CohortFileItem, CohortFileLearner
from projections.learner_figures import hours_of
from projections.ports import FedEvent
from projections.registry import READ_MODELS
from projections.replay import CohortReplay
from projections.timeline import hour_changes
from projections.timeline_events import CORRECTIONS, VOIDINGS, EventReader, target_of
from projections.timeline_records import (
    CertificateChange,
    ChangedEvent,
    CohortDifference,
    FigureChange,
)

LATE_US: Final = 24 * 60 * 60 * 1_000_000
"""An event is late when it was recorded longer than this after it happened."""
_ALL_ROWS: Final = 2**31 - 1


def cohort_difference(
    before: CohortReplay, after: CohortReplay, cohort: bytes
) -> CohortDifference | None:
    """Compare two moments of a cohort; None when neither has anything of it.

    Args:
        before: A replay to the first moment, finished.
        after: A replay to the second moment, finished.
        cohort: The cohort.
    """
    old, new = read_cohort_file(before, cohort), read_cohort_file(after, cohort)
    if old is None and new is None:
        return None
    return CohortDifference(
        before=old.cohort if old else None,
        after=new.cohort if new else None,
        before_size=before.position(READ_MODELS),
        after_size=after.position(READ_MODELS),
        events=tuple(_events(before, after, cohort)),
        figures=tuple(_figures(_learners(old), _learners(new))),
        items=tuple(_added_items(old, new)),
        certificates=tuple(_certificates(_learners(old), _learners(new))),
    )


def _events(before: CohortReplay, after: CohortReplay, cohort: bytes) -> Iterator[ChangedEvent]:
    old, new = _by_index(before.events), _by_index(after.events)
    every = {**old, **new}
    reader = EventReader(cohort, list(every.values()))
    added = [new[index] for index in sorted(new.keys() - old.keys())]
    held_now = _held(after, cohort)
    # What is held changes nothing: nobody may read there that it voided a record.
    amending = [event for event, _ in added if event.index not in held_now]
    corrected, voided = _targets(amending, CORRECTIONS), _targets(amending, VOIDINGS)
    released = (_held(before, cohort) - held_now) & old.keys() & new.keys()
    for index in sorted(every):
        event, _ = every[index]
        event_id = bytes(event.header.event_id)
        is_added, is_removed = index not in old, index not in new
        corrected_by, voided_by = corrected.get(event_id), voided.get(event_id)
        if is_added or is_removed or index in released or event_id in corrected.keys() | voided:
            late = event.recorded_us - event.header.occurred_us > LATE_US
            yield ChangedEvent(
                event=reader.row(every[index]),
                added=is_added,
                removed=is_removed,
                corrected_by=corrected_by,
                voided_by=voided_by,
                transcribed=is_added and event.header.record_origin in TRANSCRIBED,
                late=is_added and late,
                released=index in released,
            )


def _by_index(events: Iterable[FedEvent]) -> dict[int, FedEvent]:
    return {fed[0].index: fed for fed in events}


def _targets(events: Iterable[RecordedEvent], types: frozenset[str]) -> dict[bytes, int]:
    """Return the newest index of an event of these types by the id that it aims at."""
    return {target_of(event): event.index for event in events if event.type in types}


def _held(replay: CohortReplay, cohort: bytes) -> set[int]:
    rows = replay.page(held.VIEW, cohort, b"", _ALL_ROWS)
    return {int.from_bytes(place, "big") for place, _ in rows}


def _learners(file: CohortFile | None) -> Mapping[bytes, CohortFileLearner]:
    return {learner.enrolment: learner for learner in file.learners} if file else {}


def _figures(
    old: Mapping[bytes, CohortFileLearner], new: Mapping[bytes, CohortFileLearner]
) -> Iterator[FigureChange]:
    for enrolment in sorted(old.keys() | new.keys()):
        was, now = old.get(enrolment), new.get(enrolment)
        person = (now or old[enrolment]).person_ref
        yield from hour_changes(
            enrolment, person, hours_of(was) if was else {}, hours_of(now) if now else {}
        )


def _added_items(old: CohortFile | None, new: CohortFile | None) -> Iterator[CohortFileItem]:
    known = {item.index for item in old.items} if old else set()
    return (item for item in (new.items if new else ()) if item.index not in known)


def _certificates(
    old: Mapping[bytes, CohortFileLearner], new: Mapping[bytes, CohortFileLearner]
) -> Iterator[CertificateChange]:
    for enrolment in sorted(old.keys() | new.keys()):
        was = _certificate(old.get(enrolment))
        now = _certificate(new.get(enrolment))
        if was != now:
            yield CertificateChange(enrolment, *was, *now)


def _certificate(learner: CohortFileLearner | None) -> tuple[str, str]:
    return (learner.certificate, learner.certificate_state) if learner else ("", "")
