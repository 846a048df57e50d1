"""Presence of who was on no list: whose hours it makes, from which events, and when it makes none.

The lesson runs from 08:00 to 12:00 with 20 minutes of breaks; its events have the indices 0 to 2.
"""

from random import Random
from typing import Any

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.enrolment_hours import cohort_record
from ledger.domain.holding import APPROVAL_MISSING, CLOCK_AHEAD
from ledger.domain.hours import ComponentHours
from ledger.domain.policies import HourComponent
from tests.unit.domain.hour_story import (
    CARD,
    CLERK,
    ENROLMENT,
    HOME,
    HOST,
    MANAGER,
    MINUTE_US,
    POLICY,
    Telling,
    at,
    session,
)

OTHER = b"o" * 16
TICKET, SECOND = b"t" * 16, b"u" * 16
OFFLINE = HourComponent.THEORY_OFFLINE
EVIDENCE = bytes(32)


def taught() -> Telling:
    told = Telling()
    told.session("lesson", 2, "08:00", "12:00", breaks=20)
    return told


def came(told: Telling, clock: str = "07:50", ticket: bytes = TICKET, **more: Any) -> bytes:  # noqa: ANN401
    body = pb.UnlistedSignedIn(session=session("lesson"), method=CARD, ticket=ticket)
    return told.tell(body, 2, clock, **more)


def left(told: Telling, clock: str = "11:00", ticket: bytes = TICKET, **more: Any) -> bytes:  # noqa: ANN401
    body = pb.UnlistedSignedOut(session=session("lesson"), method=CARD, ticket=ticket)
    return told.tell(body, 2, clock, **more)


def attributed(
    told: Telling,
    enrolment: bytes = ENROLMENT,
    *,
    ticket: bytes = TICKET,
    of: str = "lesson",
    persons: tuple[bytes, bytes] = (CLERK, MANAGER),
    cohort: bytes = HOME,
) -> bytes:
    body = pb.UnlistedPresenceAttributed(session=session(of), ticket=ticket, enrolment=enrolment)
    entered_by, approved_by = persons
    return told.tell(
        body, 3, "09:00", cohorts=(cohort,), entered_by=entered_by, approved_by=approved_by
    )


def void(told: Telling, target: bytes) -> bytes:
    body = pb.CohortEventVoided(target=target, reason="OTHER-LEARNER", evidence_digest=EVIDENCE)
    return told.tell(body, 3, "10:00", entered_by=CLERK, approved_by=MANAGER)


def enrolled() -> Telling:
    """The lesson and an enrolment, index 3."""
    told = taught()
    told.tell(pb.LearnerEnrolled(basis="LOCAL-WORK"), 2, "07:00")
    return told


def minutes(told: Telling) -> int:
    return next(row.minutes for row in told.hours().components if row.component is OFFLINE)


def whose(told: Telling, enrolment: bytes) -> list[int]:
    """Log indices of the marks that are a learner's."""
    unlisted = cohort_record(HOME, told.events, POLICY).unlisted
    return [mark.event.index for mark in unlisted.of(enrolment)]


def test_attributed_presence_makes_hours_that_name_all_that_they_rest_on() -> None:
    told = enrolled()
    came(told)  # 4
    left(told)  # 5
    assert minutes(told) == 0
    attributed(told)  # 6
    # 08:00 to 11:00 is 180, less 20 are 160; 160 // 45 = 3
    assert told.hours().components[0] == ComponentHours(OFFLINE, 160, 3, (0, 1, 2, 4, 5, 6))
    assert told.hours().open_sign_ins == ()
    assert whose(told, OTHER) == []


def test_the_attribution_may_come_before_the_terminals_backlog() -> None:
    told = enrolled()
    attributed(told)  # 4
    assert minutes(told) == 0
    came(told)  # 5
    assert (minutes(told), told.hours().open_sign_ins) == (0, (5,))
    left(told)  # 6
    assert told.hours().components[0] == ComponentHours(OFFLINE, 160, 3, (0, 1, 2, 4, 5, 6))


@pytest.mark.parametrize(
    "persons", [(CLERK, CLERK), (CLERK, b""), (b"", MANAGER), (b"", b"")], ids=str
)
def test_one_person_attributes_nothing(persons: tuple[bytes, bytes]) -> None:
    told = enrolled()
    came(told)
    left(told)
    attributed(told, persons=persons)  # 6
    assert minutes(told) == 0
    record = cohort_record(HOME, told.events, POLICY)
    assert record.record.held == {6: APPROVAL_MISSING}
    # It does not stand in the way of one that two persons made.
    attributed(told)
    assert minutes(told) == 160


@pytest.mark.parametrize("seed", range(4))
def test_of_two_attributions_the_earlier_in_the_log_counts_for_all(seed: int) -> None:
    told = enrolled()
    came(told)
    left(told)
    first = attributed(told, OTHER)
    attributed(told)
    Random(seed).shuffle(told.events)
    assert (minutes(told), whose(told, OTHER), whose(told, ENROLMENT)) == (0, [4, 5], [])
    told.events.sort(key=lambda event: event.index)
    void(told, first)
    Random(seed).shuffle(told.events)
    assert (minutes(told), whose(told, OTHER), whose(told, ENROLMENT)) == (160, [], [4, 5])


def test_a_voided_attribution_takes_the_hours_away() -> None:
    told = enrolled()
    came(told)
    left(told)
    wrong = attributed(told)
    assert minutes(told) == 160
    voiding = void(told, wrong)
    assert (minutes(told), told.hours().open_sign_ins) == (0, ())
    # And the voiding was void itself.
    void(told, voiding)
    assert minutes(told) == 160


def test_it_holds_for_that_ticket_in_that_session_alone() -> None:
    told = enrolled()
    came(told)
    left(told)
    attributed(told, ticket=SECOND)
    attributed(told, of="evening")
    assert minutes(told) == 0
    came(told, "11:00", SECOND)
    left(told, "12:00", SECOND)
    # 60 - 20 = 40: the second ticket's hour, not the first one's three.
    assert minutes(told) == 40


def test_presence_in_another_cohort_is_not_attributed_there() -> None:
    told = enrolled()
    told.session("evening", 2, "18:00", "20:00", cohort=HOST)
    plan = pb.MakeUpScheduled(
        missed=session("lesson"), session=session("evening"), cohort=HOST, due_day=20260401
    )
    told.tell(plan, 2, "13:00")
    for kind, clock in ((pb.UnlistedSignedIn, "17:50"), (pb.UnlistedSignedOut, "20:00")):
        mark = kind(session=session("evening"), method=CARD, ticket=TICKET)
        told.tell(mark, 2, clock, cohorts=(HOST,))
    attributed(told, of="evening", cohort=HOST)
    attributed(told, of="evening")
    assert minutes(told) == 0
    # Her own marks there do count: 120 minutes.
    told.sign("evening", 2, "17:50", "20:00", hosts=(HOST,))
    assert minutes(told) == 120


def test_it_adds_to_what_the_learner_signed_herself() -> None:
    told = enrolled()
    came(told)
    left(told, "09:00")
    told.sign("lesson", 2, "10:00", "12:00")
    # 120 - 20 = 100
    assert minutes(told) == 100
    attributed(told)
    # 60 + 120 - 20 = 160
    assert minutes(told) == 160


@pytest.mark.parametrize(
    ("mark", "field", "clock", "expected"),
    [
        # 08:00 to 10:00 less 20
        ("left", pb.CORRECTED_FIELD_OCCURRED, "10:00", 100),
        # 09:00 to 11:00 less 20
        ("came", pb.CORRECTED_FIELD_OCCURRED, "09:00", 100),
        # The sign-out at 11:00 follows one at 09:30 and ends nothing: 90 - 20.
        ("came", pb.CORRECTED_FIELD_SIGNED_OUT, "09:30", 70),
    ],
)
def test_a_corrected_mark_is_attributed_as_corrected(
    mark: str, field: pb.CorrectedField.ValueType, clock: str, expected: int
) -> None:
    told = enrolled()
    # The terminal delivered the sign-in in the evening: no time after that could be true.
    marks = {"came": came(told, late_minutes=600), "left": left(told)}
    attributed(told)  # 6
    correction = pb.CohortRecordCorrected(
        target=marks[mark],
        field=field,
        number=at(2, clock),
        reason="PAPER-ROLL",
        evidence_digest=EVIDENCE,
    )
    told.tell(correction, 3, "11:00", entered_by=CLERK, approved_by=MANAGER)  # 7
    assert minutes(told) == expected
    assert {6, 7} <= set(told.hours().components[0].events)


def test_a_terminals_wrong_clock_is_put_right_for_the_unlisted_too() -> None:
    told = enrolled()
    came(told, "10:00", device="TERM-0001", late_minutes=-120)  # 4
    left(told)
    attributed(told)
    record = cohort_record(HOME, told.events, POLICY).record
    assert (minutes(told), record.held) == (0, {4: CLOCK_AHEAD})
    offset = pb.ClockOffsetStated(
        device="TERM-0001",
        offset_us=-120 * MINUTE_US,
        first_us=at(2, "00:00"),
        last_us=at(2, "23:59"),
        reason="TIME-ZONE",
    )
    told.tell(offset, 3, "12:00")  # 7
    assert told.hours().components[0] == ComponentHours(OFFLINE, 160, 3, (0, 1, 2, 4, 5, 6, 7))


def test_whose_the_sign_ins_of_a_session_are() -> None:
    told = enrolled()
    came(told)
    came(told, "09:00")
    came(told, "09:30", SECOND)
    left(told, "12:00", b"v" * 16)
    attributed(told)
    unlisted = cohort_record(HOME, told.events, POLICY).unlisted
    # One entry a ticket; who only left never came.
    assert unlisted.signed_in() == {session("lesson"): [ENROLMENT, b""]}
