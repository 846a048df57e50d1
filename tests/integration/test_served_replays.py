"""The past of a cohort over the wire: moments on both clocks, the timeline, two moments apart."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import grpc

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import cohort_service_pb2 as pb
from ledger.api.v1 import events_pb2
from tests.integration.served_failures import failure
from tests.integration.served_ledger import ServedLedger, outcomes, serving
from tests.unit.application.town import START, START_US, Town

ANNA, BENNO = UUID(int=0xA1, version=4), UUID(int=0xA2, version=4)
DAY = timedelta(days=1)
DAY_US = 24 * 60 * 60 * 1_000_000
THEORY = events_pb2.HOUR_COMPONENT_THEORY_OFFLINE


def run(folder: Path, scene: Callable[[ServedLedger], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(folder) as ledger:
            await scene(ledger)

    asyncio.run(whole())


def paper_roll(town: Town, cohort: UUID, session: UUID, person: UUID) -> list[CapturedEvent]:
    """A learner of the first session as written on paper, typed in later by two persons."""

    def marked(occurred: timedelta) -> Circumstances:
        return Circumstances(
            occurred=START - 3 * DAY + occurred,
            record_origin=events_pb2.RECORD_ORIGIN_TRANSCRIBED_PAPER,
            source_digest=bytes(range(32)),
            entered_by=UUID(int=1, version=4),
            approved_by=UUID(int=2, version=4),
        )

    emitter, method = town.school.emitter, events_pb2.PRESENCE_METHOD_STAFF_WITNESS
    told = {"cohort": cohort, "person_ref": person, "session": session, "method": method}
    return [
        emitter.learner_signed_in(**told, how=marked(timedelta())),  # type: ignore[arg-type] # as named
        emitter.learner_signed_out(**told, how=marked(timedelta(minutes=90))),  # type: ignore[arg-type] # as named
    ]


async def school_with_a_late_roll(ledger: ServedLedger) -> tuple[UUID, int]:
    """A cohort, and the size of the log before the roll of two days later came in."""
    town, school = ledger.town, await ledger.client(ledger.town.school)
    cohort, plan = town.cohort()
    enrolments = [town.enrolment(cohort, person) for person in (ANNA, BENNO)]
    session = town.lesson_day(cohort, [ANNA], THEORY, START - 3 * DAY, 90)
    answer = await school.append(town.school, plan, *enrolments, *session)
    assert set(outcomes(answer.results)) == {""}
    size = answer.results[-1].accepted.index + 1
    town.time.pass_time(2 * DAY_US)
    scheduled = events_pb2.TrainingEvent.FromString(session[0].data).session_scheduled
    roll = paper_roll(town, cohort, UUID(bytes=scheduled.session), BENNO)
    assert set(outcomes((await school.append(town.school, *roll)).results)) == {""}
    return cohort, size


def theory(file: pb.GetCohortFileResponse) -> dict[str, int]:
    return {
        learner.person_ref: hours.credited
        for learner in file.learners
        for hours in learner.hours
        if hours.component == THEORY
    }


def test_a_file_as_of_a_moment_on_either_clock(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        cohort, size = await school_with_a_late_roll(ledger)
        school = await ledger.client(ledger.town.school)

        async def file(as_of: pb.AsOf | None) -> pb.GetCohortFileResponse:
            request = pb.GetCohortFileRequest(cohort=str(cohort))
            if as_of is not None:
                request.as_of.CopyFrom(as_of)
            answer: pb.GetCohortFileResponse = await school.cohorts.GetCohortFile(request)
            return answer

        both, anna_alone = {str(ANNA): 2, str(BENNO): 2}, {str(ANNA): 2, str(BENNO): 0}
        day_after = START_US + DAY_US
        by_index = await file(pb.AsOf(index=size))
        assert (theory(by_index), by_index.cohort.as_of_size) == (anna_alone, size)
        assert theory(await file(pb.AsOf(recorded_us=day_after))) == anna_alone
        assert theory(await file(pb.AsOf(occurred_us=day_after))) == both
        known_then = pb.AsOf(occurred_us=day_after, known_recorded_us=day_after)
        assert theory(await file(known_then)) == anna_alone
        assert theory(await file(pb.AsOf(occurred_us=day_after, known_index=size))) == anna_alone
        # Plan, enrolments and timetable happened at START; teaching, six facts, three days before.
        early = await file(pb.AsOf(occurred_us=START_US - DAY_US))
        assert (early.cohort.state, early.events, early.learners[0].state) == (
            "unplanned",
            6,
            "unopened",
        )
        # The tables say what a replay to the end says.
        await ledger.follow()
        now = await file(None)
        assert theory(now) == both
        replayed = await file(pb.AsOf(index=now.cohort.as_of_size))
        assert replayed == now
        brief = pb.GetCohortRequest(cohort=str(cohort), as_of=pb.AsOf(index=size))
        assert (await school.cohorts.GetCohort(brief)).cohort == by_index.cohort

    run(tmp_path, scene)


def test_the_timeline_in_pages(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        cohort, size = await school_with_a_late_roll(ledger)
        school = await ledger.client(ledger.town.school)

        async def steps(page_size: int, **which: object) -> list[pb.CohortStep]:
            found: list[pb.CohortStep] = []
            token = ""
            while True:
                request = pb.ReplayCohortRequest(
                    cohort=str(cohort),
                    page_size=page_size,
                    page_token=token,
                    **which,  # type: ignore[arg-type] # as named
                )
                answer = await school.cohorts.ReplayCohort(request)
                found += answer.steps
                token = answer.next_page_token
                if not token:
                    return found

        whole = await steps(0)
        assert await steps(1) == await steps(3) == whole
        assert [step.event.type for step in whole] == [
            "CohortPlanned",
            "LearnerEnrolled",
            "LearnerEnrolled",
            "SessionScheduled",
            "SessionStarted",
            "LearnerSignedIn",
            "LearnerSignedOut",
            "SessionEnded",
            "LearnerSignedIn",
            "LearnerSignedOut",
        ]
        # Anna's hours come with the end of the session, Benno's with his sign-out on paper.
        changed = {
            step.event.index: [
                (each.person_ref, each.minutes_before, each.minutes_after, each.hours_after)
                for each in step.hours
            ]
            for step in whole
            if step.hours
        }
        last = whole[-1].event
        assert changed == {
            size - 1: [(str(ANNA), 0, 90, 2)],
            last.index: [(str(BENNO), 0, 90, 2)],
        }
        assert (last.origin, last.label_zh, last.label_en, last.kind, last.held) == (
            events_pb2.RECORD_ORIGIN_TRANSCRIBED_PAPER,
            "学员签退",
            "Learner signed out",
            "enrolment",
            "",
        )
        of_benno = await steps(0, enrolment=last.enrolment)
        assert [step.event.index for step in of_benno] == [
            step.event.index for step in whole if step.event.enrolment == last.enrolment
        ]
        tail = await steps(0, from_index=size - 1, to_index=last.index)
        assert [step.event.index for step in tail] == [size - 1, last.index - 1]

        first = await school.cohorts.ReplayCohort(
            pb.ReplayCohortRequest(cohort=str(cohort), page_size=2)
        )
        other = pb.ReplayCohortRequest(
            cohort=str(cohort), from_index=1, page_token=first.next_page_token
        )
        assert (await failure(school.cohorts.ReplayCohort(other))).code == "PAGE_TOKEN_INVALID"

    run(tmp_path, scene)


def test_two_moments_apart(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        cohort, size = await school_with_a_late_roll(ledger)
        school = await ledger.client(ledger.town.school)
        request = pb.DiffCohortRequest(cohort=str(cohort), before=pb.AsOf(index=size))
        found = await school.cohorts.DiffCohort(request)
        assert (found.before_size, found.events_total, len(found.events)) == (size, 2, 2)
        for row in found.events:
            assert (row.added, row.transcribed, row.late) == (True, True, True)
            assert (row.removed, row.corrected_by, row.voided_by, row.released) == (
                False,
                0,
                0,
                False,
            )
        (hours,) = found.hours
        assert (hours.person_ref, hours.hours_before, hours.hours_after) == (str(BENNO), 0, 2)
        assert (found.before.enrolled, found.after.enrolled) == (2, 2)
        from_nothing = await school.cohorts.DiffCohort(pb.DiffCohortRequest(cohort=str(cohort)))
        assert from_nothing.events_total == 10
        assert (from_nothing.HasField("before"), from_nothing.HasField("after")) == (False, True)

    run(tmp_path, scene)


def test_the_past_is_for_whom_the_present_is(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        cohort, _ = await school_with_a_late_roll(ledger)
        now, text = pb.AsOf(index=1), str(cohort)
        for member in (ledger.town.other, None):
            stranger = (await ledger.client(member)).cohorts
            for call in (
                stranger.GetCohort(pb.GetCohortRequest(cohort=text, as_of=now)),
                stranger.GetCohortFile(pb.GetCohortFileRequest(cohort=text, as_of=now)),
                stranger.ReplayCohort(pb.ReplayCohortRequest(cohort=text)),
                stranger.DiffCohort(pb.DiffCohortRequest(cohort=text)),
            ):
                assert (await failure(call)).code == "NOT_FOUND"
        for member in (ledger.town.bureau, ledger.town.platform, ledger.town.examiners):
            reader = (await ledger.client(member)).cohorts
            answer = await reader.ReplayCohort(pb.ReplayCohortRequest(cohort=text))
            assert len(answer.steps) == 10

    run(tmp_path, scene)


def test_a_moment_that_is_none_is_refused(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        cohort, _ = await school_with_a_late_roll(ledger)
        school = (await ledger.client(ledger.town.school)).cohorts

        async def refused(as_of: pb.AsOf, text: str = str(cohort)) -> tuple[object, str]:
            request = pb.GetCohortFileRequest(cohort=text, as_of=as_of)
            found = await failure(school.GetCohortFile(request))
            return found.status, found.code

        invalid = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
        missing = (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        assert await refused(pb.AsOf(index=2**40)) == invalid
        assert await refused(pb.AsOf(occurred_us=1, known_index=2**40)) == invalid
        assert await refused(pb.AsOf(recorded_us=-1)) == invalid
        assert await refused(pb.AsOf(known_index=1)) == invalid
        # There was nothing of it yet; and of this one there is nothing at all.
        assert await refused(pb.AsOf(index=1)) == missing
        assert await refused(pb.AsOf(occurred_us=0)) == missing
        assert await refused(pb.AsOf(index=1), str(uuid4())) == missing

    run(tmp_path, scene)
