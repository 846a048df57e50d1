"""Hours 学时 of one learner: a pure function of events and pinned policy (DESIGN section 5).

Sources: AQ 8011-2023 (length of an hour, offline share). Rules of evaluator version 1:

1. Presence. The sign-ins and sign-outs of a session, or of a day where the policy signs by day,
   are read in order of time; at one moment sign-outs come first. A sign-in followed by a sign-out
   is an interval of presence. A further sign-in while one is open leaves the earlier one
   open-ended: that is reported and credits nothing. A sign-out without a sign-in credits nothing.
   Several intervals add up. An interval of a day is presence in each session of that day. What
   names a host counts in that host's sessions, and there nothing else does.
2. Minutes of a session. The presence inside [start, end) and outside of interruptions, summed in
   microseconds and floored to whole minutes, less the whole break, at least 0. When the break was
   is not recorded, so all of it is taken off, also from who was there for a part: a break is never
   credited.
3. Overlapping sessions. Sessions are read by start, then id. Presence that counted in one session
   counts in no later one, also where the break of the first has used it up.
4. Sessions are classroom theory or practical work; one of online theory is ignored.
5. Online lessons. A lesson code counts once, its first entry in the log, with the minutes watched.
   When else the learner was in a classroom is not looked at.
6. Hours. Minutes are summed per component and day, then floored to hours of the policy's length.
   The day is that of the session's or lesson's start in Asia/Shanghai, UTC+8 all year.
7. Daily cap. Where it is binding, the hours of a day beyond it are taken away: online theory first,
   then classroom theory, then practical work.
8. Carried credits. Hours of an enrolment that the learner was transferred from are added as they
   stand; no cap of a day applies to them.

The order in which events were recorded moves nothing but which of two lessons of one code counts.
A new version leaves this one in place, with its golden cases.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.domain.policies import HourComponent, HourRules, Pairing

EVALUATOR_VERSION: Final = 1
"""Version of the rules above; certificates state it."""

THEORY_OFFLINE: Final = "theory_offline"
THEORY: Final = "theory"
PRACTICAL: Final = "practical"

_MINUTE_US: Final = 60 * 1_000_000
_DAY_US: Final = 24 * 60 * _MINUTE_US
_SHANGHAI_US: Final = 8 * 60 * _MINUTE_US
_PARTS: Final = tuple(HourComponent)
_CAPPED_FIRST: Final = (
    HourComponent.THEORY_ONLINE,
    HourComponent.THEORY_OFFLINE,
    HourComponent.PRACTICAL,
)


@dataclass(frozen=True, slots=True)
class TaughtSession:
    """A session that was held.

    Attributes:
        session: UUID of 16 bytes.
        component: What was taught.
        start_us: When teaching started, microseconds since 1970 UTC.
        end_us: When it ended, exclusive.
        break_minutes: Minutes of breaks in between.
        events: Log indices of the facts that it rests on, corrections included.
        pauses: Interruptions as (first, last) moment, the last one exclusive.
        host: The cohort that held it as a make-up; empty for one of the home cohort.
    """

    session: bytes
    component: HourComponent
    start_us: int
    end_us: int
    break_minutes: int
    events: tuple[int, ...]
    pauses: tuple[tuple[int, int], ...] = ()
    host: bytes = b""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign-in 签到 or sign-out 签退.

    Attributes:
        session: UUID of the session, 16 bytes.
        at_us: When, microseconds since 1970 UTC.
        is_sign_in: A sign-in; otherwise a sign-out.
        index: Log index of the event.
        amended_by: Log indices of corrections and clock offsets that it rests on as well.
        host: The cohort that recorded it of its guest; empty when it was recorded at home.
    """

    session: bytes
    at_us: int
    is_sign_in: bool
    index: int
    amended_by: tuple[int, ...] = ()
    host: bytes = b""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An online lesson 线上课时.

    Attributes:
        lesson: Code in the syllabus.
        started_us: Start of watching, microseconds since 1970 UTC.
        watched_minutes: Minutes watched.
        index: Log index of the event.
        amended_by: Log indices of corrections that it rests on as well.
    """

    lesson: str
    started_us: int
    watched_minutes: int
    index: int
    amended_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Hours that were carried over from another cohort: component, hours, log index."""

    component: HourComponent
    hours: int
    index: int


@dataclass(frozen=True, slots=True)
class ComponentHours:
    """What is credited in one component.

    Attributes:
        component: The component.
        minutes: Minutes before rounding and cap; carried hours have none.
        hours: Hours after both, carried ones included.
        events: Log indices of what credited at least one minute or hour, sorted and distinct.
    """

    component: HourComponent
    minutes: int
    hours: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A requirement that is not met.

    Attributes:
        component: `THEORY_OFFLINE`, `THEORY` (classroom and online together) or `PRACTICAL`.
        required: Hours required.
        credited: Hours credited, fewer than these.
    """

    component: str
    required: int
    credited: int


@dataclass(frozen=True, slots=True)
class LearnerHours:
    """The hours of one learner.

    Attributes:
        components: All three components, in the order of `HourComponent`.
        open_sign_ins: Log indices of sign-ins without a sign-out, sorted; of any session, also of
            one that was not held.
        shortfalls: Requirements not met, of those figures that may refuse.
    """

    components: tuple[ComponentHours, ...]
    open_sign_ins: tuple[int, ...]
    shortfalls: tuple[Shortfall, ...]

    @property
    def met(self) -> bool:
        """Every requirement that may refuse is met."""
        return not self.shortfalls

    @property
    def total(self) -> int:
        """Hours of all components together."""
        return sum(row.hours for row in self.components)

    def hours(self, component: HourComponent) -> int:
        """Return the hours credited in a component."""
        return next(row.hours for row in self.components if row.component is component)


_Place = tuple[bytes | int, bytes]
"""Where marks are paired: a session, or a day where the policy signs by day; and its host."""


@dataclass(frozen=True, slots=True)
class _Presence:
    start_us: int
    end_us: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Booking:
    component: HourComponent
    day: int
    minutes: int
    events: tuple[int, ...]


def evaluate_hours(
    sessions: Iterable[TaughtSession],
    marks: Iterable[Mark],
    lessons: Iterable[Lesson],
    rules: HourRules,
    carried: Iterable[Credit] = (),
) -> LearnerHours:
    """Compute a learner's hours by the rules of evaluator version 1, whatever the inputs' order.

    Args:
        sessions: Sessions that were held.
        marks: The learner's sign-ins and sign-outs.
        lessons: The learner's online lessons.
        rules: The hours part of the pinned policy.
        carried: Hours of an enrolment that the learner was transferred from.
    """
    by_day = rules.pairing is Pairing.DAY
    presence, open_sign_ins = _pair(marks, by_day=by_day)
    bookings = [
        booking
        for booking in (
            *_session_bookings(sessions, presence, by_day=by_day),
            *_lesson_bookings(lessons),
        )
        if booking.minutes
    ]
    carry = tuple(carried)
    hours = _hours(bookings, rules)
    for credit in carry:
        hours[credit.component] += credit.hours
    return LearnerHours(
        tuple(_component(component, bookings, carry, hours[component]) for component in _PARTS),
        open_sign_ins,
        tuple(_shortfalls(hours, rules)),
    )


def _pair(
    marks: Iterable[Mark], *, by_day: bool
) -> tuple[Mapping[_Place, list[_Presence]], tuple[int, ...]]:
    presence: defaultdict[_Place, list[_Presence]] = defaultdict(list)
    open_marks: dict[_Place, Mark] = {}
    left_open = []
    for mark in sorted(marks, key=lambda mark: (mark.at_us, mark.is_sign_in, mark.index)):
        place = _day(mark.at_us) if by_day else mark.session, mark.host
        earlier = open_marks.pop(place, None)
        if mark.is_sign_in:
            open_marks[place] = mark
            if earlier:
                left_open.append(earlier.index)
        elif earlier:
            rests_on = earlier.index, mark.index, *earlier.amended_by, *mark.amended_by
            presence[place].append(_Presence(earlier.at_us, mark.at_us, rests_on))
    left_open.extend(mark.index for mark in open_marks.values())
    return presence, tuple(sorted(left_open))


def _session_bookings(
    sessions: Iterable[TaughtSession],
    presence: Mapping[_Place, list[_Presence]],
    *,
    by_day: bool,
) -> Iterator[_Booking]:
    counted: list[tuple[int, int]] = []
    for session in sorted(sessions, key=_session_order):
        if session.component is HourComponent.THEORY_ONLINE:
            continue
        # What ended before this session's start meets neither this session nor a later one.
        counted = [span for span in counted if span[1] > session.start_us]
        fresh: list[tuple[int, int]] = []
        events = list(session.events)
        place = _day(session.start_us) if by_day else session.session, session.host
        for present in presence.get(place, ()):
            span = max(present.start_us, session.start_us), min(present.end_us, session.end_us)
            parts = _without(span, (*counted, *fresh, *session.pauses))
            if parts:
                fresh += parts
                events += present.events
        counted += fresh
        minutes = sum(end - start for start, end in fresh) // _MINUTE_US - session.break_minutes
        yield _Booking(session.component, _day(session.start_us), max(minutes, 0), tuple(events))


def _session_order(session: TaughtSession) -> tuple[int, bytes, int, int, int, tuple[int, ...]]:
    # Start and id decide; the rest makes the order total should an id stand twice.
    return (
        session.start_us,
        session.session,
        session.end_us,
        session.component,
        session.break_minutes,
        session.events,
    )


def _without(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of a span that none of the taken spans covers; none of them is empty."""
    parts = [span] if span[0] < span[1] else []
    for first, last in taken:
        sides = [
            side
            for start, end in parts
            for side in ((start, min(end, first)), (max(start, last), end))
        ]
        parts = [(start, end) for start, end in sides if start < end]
    return parts


def _lesson_bookings(lessons: Iterable[Lesson]) -> Iterator[_Booking]:
    first: dict[str, Lesson] = {}
    for lesson in sorted(lessons, key=lambda lesson: lesson.index):
        first.setdefault(lesson.lesson, lesson)
    for lesson in first.values():
        yield _Booking(
            HourComponent.THEORY_ONLINE,
            _day(lesson.started_us),
            lesson.watched_minutes,
            (lesson.index, *lesson.amended_by),
        )


def _day(at_us: int) -> int:
    return (at_us + _SHANGHAI_US) // _DAY_US


def _hours(bookings: Iterable[_Booking], rules: HourRules) -> dict[HourComponent, int]:
    # A file evaluates dozens of learners: figures stand in lists, a component's at its number - 1.
    lengths = [rules.minutes(part) for part in _PARTS]
    days: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(_PARTS))
    for booking in bookings:
        days[booking.day][booking.component - 1] += booking.minutes
    total = [0] * len(_PARTS)
    for minutes in days.values():
        hours = [spent // length for spent, length in zip(minutes, lengths, strict=True)]
        if rules.daily_cap.refuses:
            _cap(hours, rules.daily_cap.value)
        total = [before + more for before, more in zip(total, hours, strict=True)]
    return dict(zip(_PARTS, total, strict=True))


def _cap(hours: list[int], cap: int) -> None:
    """Take the hours of a day beyond the cap away."""
    surplus = max(sum(hours) - cap, 0)
    for part in _CAPPED_FIRST:
        cut = min(hours[part - 1], surplus)
        hours[part - 1] -= cut
        surplus -= cut


def _component(
    component: HourComponent, bookings: Iterable[_Booking], carry: Iterable[Credit], hours: int
) -> ComponentHours:
    mine = [booking for booking in bookings if booking.component is component]
    events = {index for booking in mine for index in booking.events}
    events |= {credit.index for credit in carry if credit.component is component}
    return ComponentHours(
        component, sum(booking.minutes for booking in mine), hours, tuple(sorted(events))
    )


def _shortfalls(hours: Mapping[HourComponent, int], rules: HourRules) -> Iterator[Shortfall]:
    offline = hours[HourComponent.THEORY_OFFLINE]
    theory = offline + hours[HourComponent.THEORY_ONLINE]
    practical = hours[HourComponent.PRACTICAL]
    for component, figure, required, credited in (
        (THEORY_OFFLINE, rules.theory_offline_share, rules.theory_offline, offline),
        (THEORY, rules.theory, rules.theory.value, theory),
        (PRACTICAL, rules.practical, rules.practical.value, practical),
    ):
        if figure.refuses and credited < required:
            yield Shortfall(component, required, credited)
