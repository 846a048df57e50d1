"""The sessions of a cohort file: what the timetable, the class and the recordings show of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.domain.amendments import Corrected
from ledger.domain.enrolment_hours import CohortRecord
from ledger.domain.hours import TaughtSession
from ledger.domain.taught_sessions import SessionRecord
from projections.cohort_file_records import CohortFileSession
from projections.cohort_learners import Learner
from projections.recording_coverage import covered_per_mille, recording_of, taught_intervals

_MINUTE_US = 60 * 1_000_000


@dataclass(slots=True)
class _Presence:
    """How many learners, guests, spot checks and unlisted people each session has."""

    learners: Counter[bytes] = field(default_factory=Counter)
    guests: Counter[bytes] = field(default_factory=Counter)
    checks: Counter[bytes] = field(default_factory=Counter)
    missed: Counter[bytes] = field(default_factory=Counter)
    unlisted: Counter[bytes] = field(default_factory=Counter)


def session_rows(
    cohort: CohortRecord, learners: Iterable[Learner], guests: Iterable[Learner]
) -> tuple[CohortFileSession, ...]:
    """Return the file's rows by planned start; those not scheduled stand by when they were held.

    Args:
        cohort: The cohort.
        learners: Its learners.
        guests: Learners of other cohorts in its sessions.
    """
    presence, opened = _Presence(), set()
    for learner in learners:
        if learner.opened:
            opened.add(learner.enrolment)
        presence.learners.update(learner.sessions())
        for record in learner.record.counted:
            if record.event.type == "PresenceSpotChecked":
                presence.checks[record.event.body.session] += 1
                presence.missed[record.event.body.session] += not record.event.body.present
    for guest in guests:
        presence.guests.update(guest.sessions())
    for session, enrolments in cohort.unlisted.signed_in().items():
        presence.unlisted[session] = sum(each not in opened for each in enrolments)
    rows = [
        _row(record, cohort.taught.get(session), presence)
        for session, record in cohort.sessions.items()
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.planned_start_us or row.started_us, row.session))
    )


def _row(
    record: SessionRecord, taught: TaughtSession | None, presence: _Presence
) -> CohortFileSession:
    session, timetable = record.session, record.timetable
    planned = None if timetable is None else timetable.event.body
    started, ended = record.started, record.ended
    teacher_in_us, teacher_out_us = record.teacher_times
    recordings = record.of("SessionRecordingStored")
    digests = [end.event.body.recording_digest for end in record.of("SessionEnded")]
    return CohortFileSession(
        session=session,
        component=record.component or 0,
        room=planned.room if planned else "",
        teacher=record.teacher,
        planned_start_us=planned.start_us if planned else 0,
        planned_end_us=planned.end_us if planned else 0,
        started_us=started.at_us if started else 0,
        ended_us=ended.at_us if ended else 0,
        break_minutes=(
            ended.number(Corrected.MINUTES, ended.event.body.break_minutes) if ended else 0
        ),
        interrupted_minutes=_interrupted(taught) // _MINUTE_US,
        signed_in=presence.learners[session],
        guests=presence.guests[session],
        recorded=bool(recordings) or any(digests),
        coverage_permille=covered_per_mille(
            map(recording_of, recordings), taught_intervals(taught) if taught else ()
        ),
        teacher_signed_in=teacher_in_us > 0,
        teacher_in_us=teacher_in_us,
        teacher_out_us=teacher_out_us,
        cancelled=record.cancelled,
        spot_checks=presence.checks[session],
        missed_spot_checks=presence.missed[session],
        unlisted=presence.unlisted[session],
    )


def _interrupted(taught: TaughtSession | None) -> int:
    return sum(end - start for start, end in taught.pauses) if taught else 0
