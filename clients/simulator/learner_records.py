"""What the office writes of its learners: enrolments, absences with make-ups, who leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from clients.simulator.calendar import moment
from clients.simulator.reality import Reality
from clients.simulator.records import (
    Block,
    Desk,
    Kind,
    Ref,
    Stage,
    cohort_ref,
    person_ref,
    session_ref,
    staff_ref,
)
from clients.simulator.town import Cohort, Learner
from ledger.api.v1 import events_pb2 as pb


def learner_blocks(reality: Reality) -> Iterator[Block]:
    """Yield the office's blocks about the learners of every cohort."""
    for cohort in reality.town.cohorts:
        yield _enrol(reality, cohort)
        yield from _absences(reality, cohort)
        yield from _leavings(reality, cohort)


def _desk(cohort: Cohort, stage: Stage) -> Desk:
    return Desk(cohort.institution, cohort.code, stage)


def _admit(reality: Reality, desk: Desk, learner: Learner, at: datetime) -> None:
    """Write the enrolment of a learner, with the checks before it."""
    cohort = reality.town.cohort(learner.cohort)
    reviewer = next(code for party, code in reality.town.teachers if party == cohort.institution)
    who = {"cohort": cohort_ref(learner.cohort), "person_ref": person_ref(learner.person)}
    commitment = Ref(Kind.COMMITMENT, learner.person)
    basis = "LOCAL-EMPLOYMENT"
    desk.add("learner_enrolled", at, {**who, "identity_commitment": commitment, "basis": basis})
    desk.add(
        "enrolment_eligibility_verified",
        at + timedelta(minutes=1),
        {**who, "reviewer": staff_ref(reviewer)},
    )
    desk.add(
        "identity_verified",
        at + timedelta(minutes=2),
        {**who, "method": pb.PRESENCE_METHOD_ID_CARD},
    )


def _enrol(reality: Reality, cohort: Cohort) -> Block:
    desk, at = _desk(cohort, Stage.ENROL), moment(cohort.first_day - timedelta(days=5), 14 * 60)
    joined = {row.joined for row in reality.leavings}
    for number, learner in enumerate(reality.learners_of(cohort.code)):
        if learner.code not in joined:
            _admit(reality, desk, learner, at + timedelta(minutes=4 * number))
    return desk.block(at + timedelta(hours=8))


def _absences(reality: Reality, cohort: Cohort) -> Iterator[Block]:
    due = cohort.last_day + timedelta(days=1)
    for absence in reality.absences:
        learner = reality.learners[absence.learner]
        if learner.cohort != cohort.code:
            continue
        who = {"cohort": cohort_ref(cohort.code), "person_ref": person_ref(learner.person)}
        desk, missed = _desk(cohort, Stage.OFFICE), session_ref(absence.session)
        desk.add(
            "absence_recorded", absence.known, {**who, "session": missed, "reason": absence.reason}
        )
        if absence.make_up:
            held = reality.held[absence.make_up]
            host = held.session.cohort
            session = session_ref(absence.make_up)
            desk.add(
                "make_up_scheduled",
                absence.known + timedelta(minutes=30),
                {
                    **who,
                    "missed": missed,
                    "session": session,
                    "host_cohort": cohort_ref(host),
                    "due_day": due,
                },
            )
            done = _desk(cohort, Stage.OFFICE)
            at = held.end + timedelta(hours=2)
            done.add("make_up_completed", at, {**who, "session": session})
            yield done.block(at)
        yield desk.block(absence.known + timedelta(minutes=30))


def _leavings(reality: Reality, cohort: Cohort) -> Iterator[Block]:
    for row in reality.leavings:
        learner = reality.learners[row.learner]
        if learner.cohort != cohort.code:
            continue
        desk = _desk(cohort, Stage.LEAVE)
        who = {"cohort": cohort_ref(cohort.code), "person_ref": person_ref(learner.person)}
        if row.joined:
            joined = reality.learners[row.joined]
            _admit(reality, desk, joined, row.at - timedelta(minutes=10))
            to_cohort = cohort_ref(joined.cohort)
            desk.add(
                "learner_transferred", row.at, {**who, "to_cohort": to_cohort, "reason": row.reason}
            )
        else:
            desk.add("learner_withdrew", row.at, {**who, "reason": row.reason})
        yield desk.block(row.at)
