"""Corrections and voidings: what they need to count, and what the record says after them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.amendments import Corrected, StreamRecord, stream_record
from ledger.domain.clock_offsets import ClockOffset
from ledger.domain.event_types import EVENT_TYPES
from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
)
from ledger.domain.recorded_event import RecordedEvent
from tests.unit.domain.facts import (
    CHIEF,
    CHIEF_KEY,
    CLERK,
    COHORT,
    HOST,
    S1,
    S2,
    SECOND_TEACHER,
    TEACHER,
    ended,
    fact,
    id_of,
    lesson,
    scheduled,
    signed_in,
    signed_out,
    started,
)
from tests.unit.domain.learner_days import DAY, at

FREE_DAYS = 7
TWO_PERSONS = CLERK, CHIEF
EVIDENCE = b"v" * 32


def corrects(
    target: int,
    what: Corrected,
    *,
    number: int = 0,
    new_id: bytes = b"",
    commitment: bytes = b"",
    of_cohort: bool = False,
) -> Message:
    kind = pb.CohortRecordCorrected if of_cohort else pb.RecordCorrected
    return kind(
        target=id_of(target),
        field=what.value,  # type: ignore[arg-type] # the number of the enum
        number=number,
        id=new_id,
        commitment=commitment,
        reason="TYPED-WRONG",
        evidence_digest=EVIDENCE,
    )


def voids(target: int, *, of_cohort: bool = False) -> Message:
    kind = pb.CohortEventVoided if of_cohort else pb.EventVoided
    return kind(target=id_of(target), reason="TYPED-WRONG", evidence_digest=EVIDENCE)


def amendment(
    index: int,
    body: Message,
    *,
    cohorts: tuple[bytes, ...] = (COHORT,),
    persons: tuple[bytes, bytes] = TWO_PERSONS,
    approver: bytes = b"",
    recorded_us: int | None = None,
) -> RecordedEvent:
    return fact(
        index,
        "20:00",
        body,
        cohorts=cohorts,
        persons=persons,
        approver=approver,
        recorded_us=recorded_us,
    )


def record(*events: RecordedEvent) -> StreamRecord:
    return stream_record(events, (), FREE_DAYS)


def counting(events: Sequence[RecordedEvent]) -> list[int]:
    return [each.event.index for each in record(*events).counted]


SIGN_IN = fact(5, "08:22", signed_in(S1))
EIGHT = at("08:00")


# --- Each field ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "field", "value"),
    [
        (signed_in(), Corrected.OCCURRED, {"number": EIGHT}),
        (signed_out(), Corrected.OCCURRED, {"number": EIGHT}),
        (started(), Corrected.OCCURRED, {"number": EIGHT}),
        (ended(), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.SessionInterrupted(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.SessionResumed(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (lesson("LV-ON-01", "08:00", 31), Corrected.OCCURRED, {"number": EIGHT}),
        (signed_in(), Corrected.SIGNED_OUT, {"number": EIGHT}),
        (signed_in(), Corrected.SESSION, {"new_id": S2}),
        (signed_out(), Corrected.SESSION, {"new_id": S2}),
        (lesson("LV-ON-01", "08:00", 31), Corrected.MINUTES, {"number": 30}),
        (ended(S1, 20), Corrected.MINUTES, {"number": 0}),
        (pb.CourseTestRecorded(score_hundredths=1), Corrected.SCORE, {"number": 8_000}),
        (pb.TheoryExamResultRecorded(attempt=1), Corrected.SCORE, {"number": 8_000}),
        (pb.PracticalExamResultRecorded(attempt=1), Corrected.SCORE, {"number": 8_000}),
        (scheduled(), Corrected.TEACHER, {"new_id": SECOND_TEACHER}),
        (pb.SessionRescheduled(session=S1), Corrected.TEACHER, {"new_id": SECOND_TEACHER}),
        (pb.TeacherSubstituted(session=S1), Corrected.TEACHER, {"new_id": SECOND_TEACHER}),
        (pb.TeacherSignedIn(session=S1), Corrected.TEACHER, {"new_id": SECOND_TEACHER}),
        (pb.TeacherSignedOut(session=S1), Corrected.TEACHER, {"new_id": SECOND_TEACHER}),
        (pb.TeacherSignedIn(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.TeacherSignedOut(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.UnlistedSignedIn(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.UnlistedSignedOut(session=S1), Corrected.OCCURRED, {"number": EIGHT}),
        (pb.UnlistedSignedIn(session=S1), Corrected.SIGNED_OUT, {"number": EIGHT}),
        (pb.LearnerEnrolled(), Corrected.IDENTITY, {"commitment": b"w" * 32}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else None,
)
def test_each_field_of_each_record_that_has_it(
    target: Message, field: Corrected, value: dict[str, int | bytes]
) -> None:
    of_cohort = EVENT_TYPES[target.DESCRIPTOR.name].kind == "cohort"
    body = corrects(5, field, of_cohort=of_cohort, **value)  # type: ignore[arg-type] # its kinds
    found = record(fact(5, "08:22", target), amendment(6, body))
    (counted,) = found.counted
    (new,) = value.values()
    assert counted.values == {field: new}
    assert (counted.events, sorted(found.amended), found.held) == ((5, 6), [6], {})
    assert counted.at_us == (new if field is Corrected.OCCURRED else at("08:22"))


@pytest.mark.parametrize("field", Corrected)
def test_a_record_has_no_other_field(field: Corrected) -> None:
    """A document has none of the fields; a sign-in has three."""
    values = {"number": EIGHT, "new_id": S2, "commitment": b"w" * 32}
    item = fact(5, "08:22", pb.ArchiveItemAdded(item_class="04-roster"))
    body = corrects(5, field, of_cohort=True, **values)  # type: ignore[arg-type] # its kinds
    assert record(item, amendment(6, body)).held == {6: NOT_CORRECTABLE}
    body = corrects(5, field, **values)  # type: ignore[arg-type] # its kinds
    of_sign_in = field in {Corrected.OCCURRED, Corrected.SIGNED_OUT, Corrected.SESSION}
    assert record(SIGN_IN, amendment(6, body)).held == ({} if of_sign_in else {6: NOT_CORRECTABLE})


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (SIGN_IN, Corrected.SESSION),
        (fact(5, "08:22", scheduled()), Corrected.TEACHER),
        (fact(5, "08:22", pb.LearnerEnrolled()), Corrected.IDENTITY),
    ],
)
def test_a_correction_that_states_no_value_corrects_nothing(
    target: RecordedEvent, field: Corrected
) -> None:
    of_cohort = EVENT_TYPES[target.type].kind == "cohort"
    found = record(target, amendment(6, corrects(5, field, number=9, of_cohort=of_cohort)))
    assert found.held == {6: NOT_CORRECTABLE}
    assert found.counted[0].values == {}


@pytest.mark.parametrize(
    ("target", "field", "most"),
    [
        (lesson("LV-ON-01", "08:00", 31), Corrected.MINUTES, 1_440),
        (ended(), Corrected.MINUTES, 600),
        (pb.CourseTestRecorded(score_hundredths=1), Corrected.SCORE, 10_000),
        (pb.TheoryExamResultRecorded(attempt=1), Corrected.SCORE, 10_000),
        (pb.PracticalExamResultRecorded(attempt=1), Corrected.SCORE, 10_000),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else None,
)
def test_a_correction_stays_within_the_bounds_of_what_it_corrects(
    target: Message, field: Corrected, most: int
) -> None:
    of_cohort = EVENT_TYPES[target.DESCRIPTOR.name].kind == "cohort"
    for number, held in ((most, {}), (most + 1, {6: NOT_CORRECTABLE})):
        body = corrects(5, field, number=number, of_cohort=of_cohort)
        assert record(fact(5, "08:22", target), amendment(6, body)).held == held


def test_the_last_correction_of_a_field_counts_and_every_one_is_named() -> None:
    first = amendment(6, corrects(5, Corrected.OCCURRED, number=EIGHT))
    other = amendment(7, corrects(5, Corrected.SESSION, new_id=S2))
    last = amendment(8, corrects(5, Corrected.OCCURRED, number=EIGHT + 60_000_000))
    (counted,) = record(SIGN_IN, first, other, last).counted
    assert counted.at_us == EIGHT + 60_000_000
    assert counted.id(Corrected.SESSION, S1) == S2
    assert counted.number(Corrected.OCCURRED, 0) == EIGHT + 60_000_000
    assert counted.events == (5, 6, 7, 8)


def test_what_is_not_corrected_is_as_recorded() -> None:
    (counted,) = record(SIGN_IN).counted
    assert counted.number(Corrected.MINUTES, 31) == 31
    assert counted.id(Corrected.SESSION, S1) == S1


def test_an_amendment_whose_own_clock_was_ahead_counts_for_nothing_until_that_is_stated() -> None:
    """It was answered as held, and says nothing of the record before it counts."""
    body = voids(5)
    void = fact(6, "20:00", body, persons=TWO_PERSONS, recorded_us=at("19:00"), device="OFFICE-1")
    alone = stream_record([SIGN_IN, void], (), FREE_DAYS)
    nothing: frozenset[int] = frozenset()
    assert (alone.held, alone.voided, alone.amended) == ({6: CLOCK_AHEAD}, nothing, nothing)
    offset = ClockOffset("OFFICE-1", b"", at("19:00") - at("20:00"), 0, at("23:59"), 9, COHORT)
    stated = stream_record([SIGN_IN, void], (offset,), FREE_DAYS)
    assert not stated.held
    assert (stated.voided, stated.amended) == (frozenset({5}), frozenset({6}))


def test_a_corrected_time_ends_a_wrong_clock_and_makes_one() -> None:
    ahead = replace(SIGN_IN, recorded_us=at("08:00"))
    assert record(ahead).held == {5: CLOCK_AHEAD}
    right = amendment(6, corrects(5, Corrected.OCCURRED, number=at("07:59")))
    assert (record(ahead, right).held, counting([ahead, right])) == ({}, [5])
    # Nor may a correction put a record into the future of its own entry.
    wrong = amendment(6, corrects(5, Corrected.OCCURRED, number=at("08:33")))
    assert record(SIGN_IN, wrong).held == {5: CLOCK_AHEAD}


# --- What an amendment needs ---------------------------------------------------------------------

BODIES = [
    pytest.param(corrects(5, Corrected.OCCURRED, number=EIGHT), id="correction"),
    pytest.param(voids(5), id="voiding"),
]


@pytest.mark.parametrize("body", BODIES)
def test_the_target_stands_before_it_in_the_same_stream(body: Message) -> None:
    assert record(SIGN_IN, amendment(6, body)).held == {}
    assert record(amendment(6, body)).held == {6: TARGET_UNKNOWN}
    # Recorded before what it names: it does not count later either.
    assert record(SIGN_IN, amendment(4, body)).held == {4: TARGET_UNKNOWN}
    assert counting([SIGN_IN, amendment(4, body)]) == [5]


def test_nothing_amends_itself() -> None:
    assert record(amendment(6, voids(6))).held == {6: TARGET_UNKNOWN}


@pytest.mark.parametrize("body", BODIES)
def test_it_names_the_cohorts_of_its_target_in_their_order(body: Message) -> None:
    guest = fact(5, "08:22", signed_in(S1), cohorts=(COHORT, HOST))
    both = amendment(6, body, cohorts=(COHORT, HOST))
    assert record(guest, both).held == {}
    for cohorts in ((COHORT,), (HOST, COHORT), (COHORT, HOST, HOST)):
        assert record(guest, amendment(6, body, cohorts=cohorts)).held == {6: TARGET_COHORTS_DIFFER}
    assert record(SIGN_IN, both).held == {6: TARGET_COHORTS_DIFFER}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    ("persons", "held"),
    [
        (TWO_PERSONS, ""),
        ((b"", CHIEF), APPROVAL_MISSING),
        ((CLERK, b""), APPROVAL_MISSING),
        ((b"", b""), APPROVAL_MISSING),
        ((CHIEF, CHIEF), APPROVAL_MISSING),
    ],
)
def test_two_persons_stand_behind_it(
    body: Message, persons: tuple[bytes, bytes], held: str
) -> None:
    # The approver's key alone is not a second person.
    event = amendment(6, body, persons=persons, approver=CHIEF_KEY)
    assert record(SIGN_IN, event).held == ({6: held} if held else {})


@pytest.mark.parametrize("body", BODIES)
def test_after_the_free_days_the_approvers_key_signs_too(body: Message) -> None:
    limit = SIGN_IN.recorded_us + FREE_DAYS * DAY
    in_time, late = (amendment(6, body, recorded_us=when) for when in (limit, limit + 1))
    signed = amendment(6, body, recorded_us=limit + 1, approver=CHIEF_KEY)
    assert record(SIGN_IN, in_time).held == {}
    assert record(SIGN_IN, late).held == {6: APPROVAL_MISSING}
    assert record(SIGN_IN, signed).held == {}
    # Without a binding figure no day is too late.
    assert stream_record([SIGN_IN, late], (), None).held == {}
    assert stream_record([SIGN_IN, late], (), 0).held == {6: APPROVAL_MISSING}


# --- Voidings ------------------------------------------------------------------------------------


def test_a_voided_record_counts_for_nothing() -> None:
    found = record(SIGN_IN, fact(6, "12:00", signed_out()), amendment(7, voids(5)))
    assert [each.event.index for each in found.counted] == [6]
    assert (sorted(found.voided), sorted(found.amended), found.held) == ([5], [7], {})


def test_a_voiding_that_is_void_leaves_the_record_as_it_was() -> None:
    events = [SIGN_IN, amendment(6, voids(5)), amendment(7, voids(6))]
    found = record(*events)
    assert counting(events) == [5]
    assert (sorted(found.voided), sorted(found.amended)) == ([6], [7])
    # And that one too: the first voiding holds again.
    events.append(amendment(8, voids(7)))
    assert counting(events) == []
    found = record(*events)
    assert (sorted(found.voided), sorted(found.amended)) == ([5, 7], [6, 8])


def test_a_correction_that_is_void_corrects_nothing() -> None:
    events = [SIGN_IN, amendment(6, corrects(5, Corrected.OCCURRED, number=EIGHT))]
    assert record(*events).counted[0].at_us == EIGHT
    events.append(amendment(7, voids(6)))
    (counted,) = record(*events).counted
    assert (counted.at_us, counted.events) == (at("08:22"), (5,))


def test_a_voiding_that_is_held_voids_nothing() -> None:
    events = [SIGN_IN, amendment(6, voids(5), persons=(CLERK, CLERK))]
    assert counting(events) == [5]
    assert record(*events).voided == frozenset()
    # Nor does it void an earlier voiding.
    events = [SIGN_IN, amendment(6, voids(5)), amendment(7, voids(6), persons=(CLERK, CLERK))]
    assert counting(events) == []


@pytest.mark.parametrize(
    "name", sorted(name for name, known in EVENT_TYPES.items() if known.decision)
)
def test_decisions_are_not_voided(name: str) -> None:
    decision = fact(5, "08:22", getattr(pb, name)())
    assert record(decision, amendment(6, voids(5))).held == {6: NOT_CORRECTABLE}
    assert counting([decision, amendment(6, voids(5))]) == [5]


@pytest.mark.parametrize(
    ("body", "held"),
    [
        (pb.CourseTestRecorded(score_hundredths=1), {5: CLOCK_AHEAD}),
        # What the gate let in counts: its answer said so.
        (pb.CreditsCarriedOver(from_cohort=HOST), {}),
        (pb.ExamRegistered(sitting="T-1"), {}),
        (pb.LearnerEnrolled(basis="LOCAL-EMPLOYMENT"), {}),
    ],
)
def test_a_wrong_clock_holds_facts_and_no_decisions(body: Message, held: dict[int, str]) -> None:
    event = fact(5, "08:22", body, recorded_us=at("08:00"))
    assert record(event).held == held
    assert counting([event]) == ([] if held else [5])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_events_are_given_is_irrelevant(seed: int) -> None:
    events = [
        SIGN_IN,
        amendment(6, corrects(5, Corrected.OCCURRED, number=EIGHT)),
        amendment(7, corrects(5, Corrected.OCCURRED, number=EIGHT + 1)),
        fact(8, "12:00", signed_out()),
        amendment(9, voids(8)),
        amendment(10, voids(9)),
        amendment(11, voids(99)),
    ]
    shuffled = [*events]
    Random(seed).shuffle(shuffled)
    assert record(*shuffled) == record(*events)
    assert counting(events) == [5, 8]


def test_cohort_amendments_work_on_the_cohorts_stream() -> None:
    plan = fact(5, "07:00", scheduled(S1, teacher=TEACHER))
    body = corrects(5, Corrected.TEACHER, new_id=SECOND_TEACHER, of_cohort=True)
    assert record(plan, amendment(6, body)).counted[0].values == {Corrected.TEACHER: SECOND_TEACHER}
    assert counting([plan, amendment(6, voids(5, of_cohort=True))]) == []
