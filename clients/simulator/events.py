"""Everything that is recorded of a reality, in the order in which it reaches the ledger."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from clients.simulator.class_records import class_blocks
from clients.simulator.examinations import settled
from clients.simulator.learner_records import learner_blocks
from clients.simulator.office_records import office_blocks
from clients.simulator.outside_records import outside_blocks
from clients.simulator.reality import Reality
from clients.simulator.records import Block, Desk, Stage, Wanted, cohort_ref
from clients.simulator.repair_records import repair_blocks
from clients.simulator.truth import certificate_refusals, dues
from ledger.log.merkle import root

Step = Block | Wanted


def steps_of(reality: Reality) -> list[Step]:
    """Return blocks and wanted decisions in the order in which they were recorded."""
    random = Random(f"{reality.town.size.seed}/records")
    steps: list[Step] = [
        *class_blocks(reality, random),
        *office_blocks(reality),
        *learner_blocks(reality),
        *outside_blocks(reality),
        *repair_blocks(reality),
        *_wanted(reality),
    ]
    steps += _closings(reality, steps)
    return sorted(steps, key=_moment)


def shuffled(steps: Sequence[Step], seed: int) -> list[Step]:
    """Return the steps as they come when every terminal was offline for the whole time.

    Backlogs come first, block by block in any order; then what the office writes down about
    classes, the plans, the platform's backlogs, enrolments, and last of all the timetable. What
    decisions rest on comes before them, as the rules ask: who leaves, certificates, examinations.
    """
    random = Random(f"{seed}/shuffle")
    mixed = {Stage.TERMINAL, Stage.PLATFORM}

    def place(step: Step) -> tuple[int, float, str]:
        if isinstance(step, Wanted):
            stage = Stage.LEAVE if step.kind == "carry" else Stage.AFTER
            return stage, step.at.timestamp(), "wanted"
        key = random.random() if step.stage in mixed else step.recorded.timestamp()
        return step.stage, key, step.author

    return sorted(steps, key=place)


def _moment(step: Step) -> tuple[float, str]:
    at = step.at if isinstance(step, Wanted) else step.recorded
    return at.timestamp(), "" if isinstance(step, Wanted) else step.author


def _wanted(reality: Reality) -> Iterator[Wanted]:
    """Yield a certificate for each learner, carried credits, and what has to be refused."""
    due = dues(reality)
    for row in reality.leavings:
        if row.joined:
            at = row.at + timedelta(minutes=5)
            yield Wanted("carry", row.joined, at, source=row.learner)
    for cohort in reality.town.cohorts:
        at = settled(cohort)
        tried = False
        for learner in reality.learners_of(cohort.code):
            refusals = certificate_refusals(reality, learner.code, due[learner.code])
            yield Wanted("certificate", learner.code, at, tuple(refusals))
            if refusals and "NOT_ENROLLED" not in refusals and not tried:
                tried = True
                codes = ("CERTIFICATE_UNKNOWN", *refusals)
                yield Wanted("exam", learner.code, at + timedelta(days=1), codes)
    first = reality.town.cohorts[0]
    at = settled(first) + timedelta(days=2)
    yield Wanted("misuse", first.learners[-1].code, at, ("NOT_YOURS_TO_WRITE",))
    yield Wanted("scope", first.institution, at, ("REPORT_MISSING",))


def _closings(reality: Reality, steps: Sequence[Step]) -> Iterator[Block]:
    """Yield closing and seal of each cohort, over the documents that its office added."""
    due = dues(reality)
    for cohort in reality.town.cohorts:
        digests = [
            entry.args["salted_digest"]
            for step in steps
            if isinstance(step, Block) and step.cohort == cohort.code
            for entry in step.entries
            if entry.method == "archive_item_added"
        ]
        completed = sum(
            not certificate_refusals(reality, learner.code, due[learner.code])
            for learner in reality.learners_of(cohort.code)
        )
        at = settled(cohort) + timedelta(hours=5)
        desk = Desk(cohort.institution, cohort.code, Stage.AFTER)
        me = cohort_ref(cohort.code)
        desk.add("cohort_closed", at, {"cohort": me, "completed": completed})
        desk.add(
            "cohort_archive_sealed",
            at + timedelta(hours=1),
            {
                "cohort": me,
                "version": 1,
                "items": len(digests),
                "items_root": root([digest for digest in digests if isinstance(digest, bytes)]),
                "retain_until": cohort.last_day.replace(day=1, year=cohort.last_day.year + 7),
            },
        )
        yield desk.block(at + timedelta(hours=1))
