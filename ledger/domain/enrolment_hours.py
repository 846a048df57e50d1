"""From recorded events to a learner's hours (DESIGN sections 4 and 5).

Picks what `ledger.domain.hours` needs out of the events of an enrolment and of the cohorts whose
sessions it may have attended; other types are passed over, and the order given is irrelevant.
Whether the enrolment is open and the cohort planned is not asked here: who decides on the result
asks it, and facts recorded before count from then on.

Sessions of the home cohort count as they are attended. Those of another cohort count as a make-up
补课 only: when MakeUpScheduled of the home side names the session and that cohort. Where the policy
sets a deadline, a make-up that was held after it credits nothing.

What the home cohort recorded of somebody on no list counts for the learner to whom it is attributed
(`ledger.domain.unlisted_presence`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.domain.amendments import Corrected, Counted, StreamRecord, stream_record
from ledger.domain.clock_offsets import STATED, ClockOffset, clock_offset
from ledger.domain.holding import ATTENDANCE, guest_hold
from ledger.domain.hours import Credit, LearnerHours, Lesson, Mark, TaughtSession, evaluate_hours
from ledger.domain.policies import HourComponent, Policy
from ledger.domain.recorded_event import RecordedEvent
from ledger.domain.taught_sessions import SessionRecord, session_records
from ledger.domain.unlisted_presence import (
    SIGN_INS,
    SIGN_OUTS,
    UnlistedPresence,
    approved_record,
    unlisted_presence,
)

_COMPONENTS: Final = {component.value: component for component in HourComponent}
_MARKS: Final = SIGN_INS | SIGN_OUTS
_DAY_US: Final = 24 * 60 * 60 * 1_000_000
_SHANGHAI_US: Final = 8 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class CohortRecord:
    """What counts of one cohort's stream.

    Attributes:
        cohort: The cohort, which is the stream.
        record: Its records.
        sessions: Its sessions by id.
        taught: Those that were taught, by id.
        offsets: What was stated of devices' clocks.
        unlisted: Presence of who had no reference.
    """

    cohort: bytes
    record: StreamRecord
    sessions: Mapping[bytes, SessionRecord]
    taught: Mapping[bytes, TaughtSession]
    offsets: tuple[ClockOffset, ...]
    unlisted: UnlistedPresence


def cohort_record(
    cohort: bytes, events: Iterable[RecordedEvent], policy: Policy | None
) -> CohortRecord:
    """Return what counts of the events of a cohort's own stream.

    Args:
        cohort: The cohort.
        events: Events of its stream, those of other streams are passed over.
        policy: The pinned policy, None while there is none.
    """
    own = [event for event in events if event.stream == cohort]
    free_days = None if policy is None else correction_days(policy)
    offsets = stated_offsets(own, free_days)
    record = approved_record(stream_record(own, offsets, free_days))
    sessions = session_records(record.counted)
    taught = {
        session: held
        for session, record in sessions.items()
        if (held := record.taught()) is not None
    }
    return CohortRecord(
        cohort, record, sessions, taught, offsets, unlisted_presence(record.counted)
    )


_STATEMENTS: Final = frozenset({STATED, "CohortEventVoided"})


def stated_offsets(
    events: Iterable[RecordedEvent], free_days: int | None
) -> tuple[ClockOffset, ...]:
    """Return what the events of a cohort's stream state of devices' clocks and nobody voided.

    Args:
        events: Events of the stream.
        free_days: As in `ledger.domain.amendments.amendment_hold`.
    """
    stated = stream_record((e for e in events if e.type in _STATEMENTS), (), free_days).counted
    return tuple(clock_offset(each.event) for each in stated if each.event.type == STATED)


def correction_days(policy: Policy) -> int | None:
    """Return the days in which corrections are free; None where the policy only warns."""
    figure = policy.correction_days
    return figure.value if figure.refuses else None


def host_cohorts(enrolment_events: Iterable[RecordedEvent]) -> set[bytes]:
    """Return the cohorts, beside the home cohort, that a learner's make-up plans name."""
    return {
        event.body.cohort
        for event in enrolment_events
        if event.type == "MakeUpScheduled" and event.body.cohort != event.header.cohorts[0]
    }


def cohort_records(
    cohort_events: Iterable[RecordedEvent], home: bytes, policy: Policy
) -> tuple[CohortRecord, ...]:
    """Return what counts of several cohorts' streams, the home cohort first."""
    events = list(cohort_events)
    hosts = {event.stream for event in events} - {home}
    return tuple(cohort_record(cohort, events, policy) for cohort in (home, *sorted(hosts)))


def enrolment_record(
    events: Iterable[RecordedEvent], cohorts: Sequence[CohortRecord], policy: Policy | None
) -> StreamRecord:
    """Return what the records of an enrolment say together.

    Presence that its home cohort recorded as unlisted and attributed to it is among what counts.

    Args:
        events: Events of its stream.
        cohorts: The home cohort and the hosts, whose offsets of clocks hold.
        policy: The pinned policy, None while there is none.
    """
    own = list(events)
    offsets = [offset for cohort in cohorts for offset in cohort.offsets]
    record = attended_record(own, offsets, None if policy is None else correction_days(policy))
    attributed = _attributed(own, cohorts)
    if not attributed:
        return record
    counted = sorted([*record.counted, *attributed], key=lambda each: each.event.index)
    return replace(record, counted=counted)


def _attributed(own: Sequence[RecordedEvent], cohorts: Iterable[CohortRecord]) -> list[Counted]:
    return [
        mark
        for cohort in cohorts
        if own and cohort.unlisted.attributions and cohort.cohort == own[0].header.cohorts[0]
        for mark in cohort.unlisted.of(own[0].stream)
    ]


def attended_record(
    events: Iterable[RecordedEvent], offsets: Sequence[ClockOffset], free_days: int | None
) -> StreamRecord:
    """Return what records of an enrolment say together, a guest's attendance by the make-up plans.

    Args:
        events: Events of its stream; the make-up plans of the sessions that they speak of with
            them.
        offsets: What was stated of devices' clocks.
        free_days: As in `ledger.domain.amendments.amendment_hold`.
    """
    record = stream_record(events, offsets, free_days)
    make_ups = {
        (each.event.body.session, each.event.body.cohort)
        for each in record.counted
        if each.event.type == "MakeUpScheduled"
    }
    counted, held = [], dict(record.held)
    for each in record.counted:
        event = each.event
        named = event.header.cohorts if event.type in ATTENDANCE else ()
        # Most attendance is at home: then no session is looked at.
        hold = len(named) > 1 and guest_hold(
            named, each.id(Corrected.SESSION, event.body.session), make_ups
        )
        if hold:
            held[event.index] = hold
        else:
            counted.append(each)
    return replace(record, counted=counted, held=held)


def learner_hours(
    cohorts: Sequence[CohortRecord], records: Sequence[Counted], policy: Policy
) -> LearnerHours:
    """Compute the hours of one learner.

    Args:
        cohorts: The home cohort, and behind it those in whose sessions the learner may have been a
            guest.
        records: What counts of the enrolment (`enrolment_record`).
        policy: The pinned policy of the home cohort.
    """
    sessions = _attendable(cohorts[0], cohorts[1:], records, policy)
    return evaluate_hours(
        sessions, _marks(records), _lessons(records), policy.hours, _credits(records)
    )


def _attendable(
    home: CohortRecord,
    hosts: Iterable[CohortRecord],
    records: Iterable[Counted],
    policy: Policy,
) -> Iterator[TaughtSession]:
    plans = {
        each.event.body.session: each.event.body
        for each in records
        if each.event.type == "MakeUpScheduled"
    }
    for cohort in (home, *hosts):
        for session, taught in cohort.taught.items():
            plan = plans.get(session)
            # A session's id may stand in two cohorts; a plan says which of them it means.
            named = home.cohort if plan is None else plan.cohort
            if named != cohort.cohort:
                continue
            if plan is None or not _overdue(home, plan.missed, taught, policy):
                yield taught if cohort is home else replace(taught, host=cohort.cohort)


def _overdue(home: CohortRecord, missed: bytes, taught: TaughtSession, policy: Policy) -> bool:
    """Tell whether a make-up was held too late after the session that it makes up for."""
    deadline = policy.make_up.deadline_days
    record = home.sessions.get(missed)
    planned = None if record is None else record.timetable
    if not deadline.refuses or planned is None:
        return False
    return _day(taught.start_us) > _day(planned.event.body.start_us) + deadline.value


def _day(at_us: int) -> int:
    return (at_us + _SHANGHAI_US) // _DAY_US


def _marks(records: Sequence[Counted]) -> Iterator[Mark]:
    plans = {
        each.event.body.session: bytes(each.event.body.cohort)
        for each in records
        if each.event.type == "MakeUpScheduled"
    }
    for record in records:
        event = record.event
        if event.type not in _MARKS:
            continue
        session = record.id(Corrected.SESSION, event.body.session)
        is_sign_in = event.type in SIGN_INS
        named = event.header.cohorts
        # Of a guest, the host that the plan names: what counts has one (`guest_hold`).
        host = plans.get(session, b"") if len(named) > 1 else b""
        yield Mark(session, record.at_us, is_sign_in, event.index, record.events[1:], host)
        if not record.values:
            continue
        out_us = record.values.get(Corrected.SIGNED_OUT)
        if isinstance(out_us, int):
            yield Mark(session, out_us, False, record.events[-1], (), host)


def _lessons(records: Iterable[Counted]) -> Iterator[Lesson]:
    for record in records:
        if record.event.type == "OnlineLessonCompleted":
            body = record.event.body
            yield Lesson(
                body.lesson,
                record.number(Corrected.OCCURRED, body.started_us),
                record.number(Corrected.MINUTES, body.watched_minutes),
                record.event.index,
                record.events[1:],
            )


def _credits(records: Iterable[Counted]) -> Iterator[Credit]:
    for record in records:
        if record.event.type == "CreditsCarriedOver":
            for part in record.event.body.credited:
                component = _COMPONENTS.get(part.component)
                if component is not None:
                    yield Credit(component, part.hours, record.event.index)
