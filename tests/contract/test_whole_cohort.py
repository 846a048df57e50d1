"""The life of a cohort beyond plan and class, on both databases: guests, corrections, clocks,
transfer, exam registration, seal, another policy. Each refusal stands beside what is taken.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

from clients.sdk import CapturedEvent, Circumstances, Correction
from ledger.api.v1 import events_pb2 as pb
from ledger.application.outcomes import Refused
from ledger.log.merkle import root
from ledger.storage.open_storage import Storage
from tests.contract.certificate_office import ID_NUMBERS, Office, office
from tests.contract.town_log import PERSON, by, founded, log_is_whole, planned
from tests.unit.application.town import (
    POLICY,
    POLICY_DIGEST,
    START,
    Member,
    Town,
    codes,
    recorded,
)

Run = Callable[[Coroutine[Any, Any, None]], None]
CARD = pb.PRESENCE_METHOD_ID_CARD
CLERK, MANAGER = UUID(int=0xC1, version=4), UUID(int=0xC2, version=4)
TWO = Circumstances(entered_by=CLERK, approved_by=MANAGER)
EVIDENCE = sha256(b"paper roll").digest()
SESSION = uuid4()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def signed_in(
    member: Member, cohort: UUID, how: Circumstances, session: UUID = SESSION
) -> CapturedEvent:
    return member.emitter.learner_signed_in(
        cohort=cohort, person_ref=PERSON, session=session, method=CARD, how=how
    )


def corrected(
    member: Member, cohort: UUID, target: UUID, what: Correction, how: Circumstances = TWO
) -> CapturedEvent:
    return member.emitter.record_corrected(
        cohort=cohort,
        person_ref=PERSON,
        target=target,
        correction=what,
        reason="PAPER-ROLL",
        evidence_digest=EVIDENCE,
        how=how,
    )


# --- Guests --------------------------------------------------------------------------------------


def test_a_guest_is_recorded_by_the_host_and_counts_when_the_home_side_has_planned_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            home = await planned(commits, town, PERSON)
            host, plan = town.cohort(of=town.other)
            recorded(await commits.append(by(town.other, plan)))
            guest = Circumstances(guest_cohorts=(host,), recorded_for=town.school.party)

            async def by_host(cohort: UUID, how: Circumstances) -> list[str]:
                return codes(
                    await commits.append(by(town.other, signed_in(town.other, cohort, how)))
                )

            assert await by_host(home, guest) == ["GUEST_NOT_PLANNED"]
            make_up = town.school.emitter.make_up_scheduled(
                cohort=home,
                person_ref=PERSON,
                missed=uuid4(),
                session=SESSION,
                host_cohort=host,
                due_day=date(2026, 4, 10),
            )
            assert codes(await commits.append(by(town.school, make_up))) == [""]
            assert await by_host(home, guest) == [""]
            # Not in a cohort that is not the host's, nor as if the learner were its own.
            elsewhere = replace(guest, guest_cohorts=(uuid4(),))
            assert await by_host(home, elsewhere) == ["NOT_YOUR_COHORT"]
            assert await by_host(home, Circumstances(recorded_for=town.school.party)) == [
                "NOT_YOUR_COHORT"
            ]
            log_is_whole(storage)

    run(story())


# --- Corrections ---------------------------------------------------------------------------------


def test_a_correction_names_a_record_before_it_and_is_its_writers_own(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            came = signed_in(town.school, cohort, Circumstances())
            recorded(await commits.append(by(town.school, came)))
            out = Correction.signed_out(START + timedelta(hours=2))

            async def answer(member: Member, event: CapturedEvent) -> list[str]:
                return codes(await commits.append(by(member, event)))

            school, target = town.school, came.event_id
            # Nobody is signed out before the class is over.
            too_early = corrected(school, cohort, target, out)
            assert await answer(school, too_early) == ["NOT_CORRECTABLE"]
            town.time.pass_time(2 * 3600 * 1_000_000)
            assert await answer(school, corrected(school, cohort, target, out)) == [""]
            unknown = corrected(school, cohort, uuid4(), out)
            assert await answer(school, unknown) == ["TARGET_UNKNOWN"]
            lesson = corrected(school, cohort, target, Correction.score(8_000))
            assert await answer(school, lesson) == ["NOT_CORRECTABLE"]
            other = replace(TWO, guest_cohorts=(await planned(commits, town),))
            differing = corrected(school, cohort, target, out, other)
            assert await answer(school, differing) == ["TARGET_COHORTS_DIFFER"]
            # The exam body writes of this cohort too, but not who was in class.
            by_examiners = replace(TWO, recorded_for=school.party)
            foreign = corrected(town.examiners, cohort, target, out, by_examiners)
            assert await answer(town.examiners, foreign) == ["NOT_YOURS_TO_WRITE"]
            # Nor behind a correction of its own result in the same request.
            how = Circumstances(recorded_for=school.party)
            result = town.examiners.emitter.theory_exam_result_recorded(
                cohort=cohort, person_ref=PERSON, attempt=1, score_hundredths=8_000, how=how
            )
            assert await answer(town.examiners, result) == [""]
            own = corrected(
                town.examiners, cohort, result.event_id, Correction.score(8_100), by_examiners
            )
            another = corrected(town.examiners, cohort, target, out, by_examiners)
            both = await commits.append(by(town.examiners, own, another))
            assert codes(both) == ["", "NOT_YOURS_TO_WRITE"]
            # Eight days later the approver's own key is due.
            town.time.pass_time(8 * 24 * 3600 * 1_000_000)
            late = corrected(school, cohort, target, out)
            assert await answer(school, late) == ["APPROVAL_MISSING"]
            log_is_whole(storage)

    run(story())


def test_a_clock_that_is_ahead_holds_until_its_offset_is_stated(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            terminal = town.emitter(town.school.key, town.school.party, device="TERM-0031")
            ahead = Circumstances(occurred=START + timedelta(hours=8))

            def sign_in() -> CapturedEvent:
                return terminal.learner_signed_in(
                    cohort=cohort, person_ref=PERSON, session=SESSION, method=CARD, how=ahead
                )

            assert codes(await commits.append(by(town.school, sign_in()))) == ["CLOCK_AHEAD"]
            stated = town.school.emitter.clock_offset_stated(
                cohort=cohort,
                device="TERM-0031",
                offset=timedelta(hours=-8),
                first=START,
                last=START + timedelta(hours=12),
                reason="CLOCK-CHECKED",
            )
            assert codes(await commits.append(by(town.school, stated))) == [""]
            assert codes(await commits.append(by(town.school, sign_in()))) == [""]
            log_is_whole(storage)

    run(story())


# --- Transfer ------------------------------------------------------------------------------------


def test_credits_are_carried_over_once_and_as_they_were(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            emitter, person = town.school.emitter, it.persons[0]
            target, plan = town.cohort()

            def moved(to: UUID) -> CapturedEvent:
                return emitter.learner_transferred(
                    cohort=it.cohort, person_ref=person, to_cohort=to, reason="MOVED"
                )

            def carried(theory: int, work: int) -> CapturedEvent:
                return emitter.credits_carried_over(
                    cohort=target,
                    person_ref=person,
                    from_cohort=it.cohort,
                    up_to_index=storage.reader.head().size,
                    credited={
                        pb.HOUR_COMPONENT_THEORY_OFFLINE: theory,
                        pb.HOUR_COMPONENT_PRACTICAL: work,
                    },
                )

            assert await it.record(moved(target)) == ["NOT_PLANNED"]
            known = it.vault.register(town.school.party, 1, ID_NUMBERS[0], "测试学员")
            enrolled = town.enrolment(target, person, commitment=known.identity_commitment)
            opened = emitter.cohort_opened(cohort=target, enrolled=1)
            assert await it.record(plan, enrolled, opened) == ["", "", ""]
            assert await it.record(carried(2, 1)) == ["NOT_TRANSFERRED"]
            assert await it.record(moved(it.cohort)) == ["INVALID_FIELD"]
            assert await it.record(moved(target)) == [""]
            assert await it.record(moved(target)) == ["NOT_ENROLLED"]
            assert await it.record(carried(2, 2)) == ["TOTALS_DIFFER"]
            assert await it.record(carried(2, 1)) == [""]
            assert await it.record(carried(2, 1)) == ["ALREADY_CARRIED"]
            # The test was passed in the former cohort; here it is due.
            test = emitter.course_test_recorded(
                cohort=target, person_ref=person, score_hundredths=8_500
            )
            assert await it.record(test) == [""]
            stream = uuid5(target, str(person))
            prepared = it.certificates.prepare(town.school.party.bytes, stream.bytes)
            assert [(part.component, part.hours) for part in prepared.body.credited] == [
                (pb.HOUR_COMPONENT_THEORY_OFFLINE, 2),
                (pb.HOUR_COMPONENT_PRACTICAL, 1),
            ]
            log_is_whole(storage)

    run(story())


# --- Unlisted presence ---------------------------------------------------------------------------


def unlisted(it: Office, session: pb.SessionScheduled, ticket: UUID) -> list[CapturedEvent]:
    """Somebody without a reference is there from start to end."""
    emitter, held = it.town.school.emitter, UUID(bytes=session.session)
    first, last = (
        Circumstances(occurred=EPOCH + timedelta(microseconds=moment))
        for moment in (session.start_us, session.end_us)
    )
    return [
        emitter.unlisted_signed_in(
            cohort=it.cohort, session=held, ticket=ticket, method=CARD, how=first
        ),
        emitter.unlisted_signed_out(
            cohort=it.cohort, session=held, ticket=ticket, method=CARD, how=last
        ),
    ]


def test_a_certificate_rests_on_attributed_presence_once_two_persons_stand_behind_it(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town, taught=False) as it:
            emitter, ticket = town.school.emitter, uuid4()
            course = town.whole_course(it.cohort, [it.persons[1]])
            test = emitter.course_test_recorded(
                cohort=it.cohort, person_ref=it.persons[0], score_hundredths=8_500
            )
            assert set(await it.record(*course, test)) == {""}
            rows = storage.reader.stream_rows(it.cohort.bytes)
            sessions = [
                pb.TrainingEvent.FromString(row.event).session_scheduled
                for row in rows
                if row.type == "SessionScheduled"
            ]

            def attributed(session: pb.SessionScheduled, how: Circumstances) -> CapturedEvent:
                return emitter.unlisted_presence_attributed(
                    cohort=it.cohort,
                    session=UUID(bytes=session.session),
                    ticket=ticket,
                    enrolment=it.enrolment,
                    how=how,
                )

            for session in sessions:
                assert await it.record(*unlisted(it, session, ticket)) == ["", ""]
            assert it.reasons() == ["HOURS_SHORT"] * 3
            theory, practical = sessions
            assert await it.record(attributed(theory, TWO)) == [""]
            # Theory is complete: what is missing is the practical hour.
            assert it.reasons() == ["HOURS_SHORT"]
            assert await it.record(attributed(practical, TWO)) == [""]
            prepared = it.prepare()
            assert [(part.component, part.hours) for part in prepared.body.credited] == [
                (pb.HOUR_COMPONENT_THEORY_OFFLINE, 2),
                (pb.HOUR_COMPONENT_PRACTICAL, 1),
            ]
            row = storage.reader.stream_rows(it.cohort.bytes)[-1]
            target = UUID(bytes=pb.TrainingEvent.FromString(row.event).header.event_id)
            void = emitter.cohort_event_voided(
                cohort=it.cohort,
                target=target,
                reason="OTHER-LEARNER",
                evidence_digest=EVIDENCE,
                how=TWO,
            )
            assert await it.record(void) == [""]
            # Prepared is not issued: the gate counts again.
            assert await it.record(it.issue(prepared)) == ["HOURS_SHORT"]
            assert await it.record(attributed(practical, TWO)) == [""]
            assert await it.record(it.issue(prepared)) == [""]
            log_is_whole(storage)

    run(story())


def test_an_attribution_by_one_person_is_recorded_and_held(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            home = await planned(commits, town, PERSON)
            body = pb.UnlistedPresenceAttributed(
                session=SESSION.bytes,
                ticket=uuid4().bytes,
                enrolment=uuid5(home, str(PERSON)).bytes,
            )
            # The SDK would not make it.
            alone = town.school.emitter._of_cohort(body, home, replace(TWO, approved_by=CLERK))
            assert codes(await commits.append(by(town.school, alone))) == ["APPROVAL_MISSING"]
            log_is_whole(storage)

    run(story())


# --- Examination ---------------------------------------------------------------------------------


def registered(it: Office, **basis: Any) -> CapturedEvent:  # noqa: ANN401 - edition or a digest
    return it.town.examiners.emitter.exam_registered(
        cohort=it.cohort,
        person_ref=it.persons[0],
        sitting="EX-2026-04-16",
        how=Circumstances(recorded_for=it.town.school.party),
        **basis,
    )


def test_a_registration_rests_on_a_valid_certificate_or_on_another_proof(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            examiners = town.examiners
            assert await it.record(registered(it, edition=1), of=examiners) == [
                "CERTIFICATE_UNKNOWN"
            ]
            prepared = it.prepare()
            assert await it.record(it.issue(prepared)) == [""]
            assert await it.record(registered(it, edition=1), of=examiners) == [""]
            # Not the institution's to write.
            own = town.school.emitter.exam_registered(
                cohort=it.cohort, person_ref=it.persons[0], sitting="EX-1", edition=1
            )
            assert await it.record(own) == ["NOT_YOURS_TO_WRITE"]
            suspended = town.bureau.emitter.training_certificate_suspended(
                certificate=UUID(bytes=prepared.certificate),
                cohort=it.cohort,
                reason="UNDER-INVESTIGATION",
                how=Circumstances(recorded_for=town.school.party),
            )
            assert await it.record(suspended, of=town.bureau) == [""]
            assert await it.record(registered(it, edition=1), of=examiners) == [
                "CERTIFICATE_NOT_VALID"
            ]
            elsewhere = registered(it, other_proof_digest=EVIDENCE)
            assert await it.record(elsewhere, of=examiners) == [""]
            log_is_whole(storage)

    run(story())


def test_a_registration_without_hours_or_certificate_names_every_reason(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town, taught=False) as it:
            event = registered(it, edition=1)
            (answer,) = await it.commits.append(by(town.examiners, event))
            assert isinstance(answer, Refused)
            reasons = (answer.refusal, *answer.refusal.further)
            assert [each.code for each in reasons] == [
                "CERTIFICATE_UNKNOWN",
                "HOURS_SHORT",
                "HOURS_SHORT",
                "HOURS_SHORT",
                "TEST_NOT_PASSED",
            ]

    run(story())


# --- Archive and policy --------------------------------------------------------------------------


def test_a_seal_is_the_next_version_over_exactly_the_documents_in_the_file(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            emitter = town.school.emitter
            digests = [sha256(b"roster").digest(), sha256(b"timetable").digest()]
            items = [
                emitter.archive_item_added(
                    cohort=it.cohort,
                    item_class="04-roster",
                    salted_digest=digest,
                    media_type="application/pdf",
                    size=4_096,
                    place="CABINET-3",
                )
                for digest in digests
            ]

            def seal(version: int, of: list[bytes]) -> CapturedEvent:
                return emitter.cohort_archive_sealed(
                    cohort=it.cohort,
                    version=version,
                    items=len(of),
                    items_root=root(of),
                    retain_until=date(2032, 4, 7),
                )

            assert await it.record(*items) == ["", ""]
            assert await it.record(seal(1, digests)) == ["NOT_CLOSED"]
            closed = emitter.cohort_closed(cohort=it.cohort, completed=2)
            assert await it.record(closed) == [""]
            assert await it.record(seal(2, digests)) == ["SEAL_VERSION"]
            assert await it.record(seal(1, digests[:1])) == ["COUNT_DIFFERS"]
            assert await it.record(seal(1, digests[::-1])) == ["INVALID_FIELD"]
            assert await it.record(seal(1, digests)) == [""]
            # Sealed is not locked: a later document is sealed as version 2.
            late = sha256(b"exam results").digest()
            more = emitter.archive_item_added(
                cohort=it.cohort,
                item_class="12-exam",
                salted_digest=late,
                media_type="application/pdf",
                size=1,
                place="CABINET-3",
            )
            assert await it.record(more, seal(2, [*digests, late])) == ["", ""]
            log_is_whole(storage)

    run(story())


def test_a_running_cohort_is_repinned_to_another_adopted_policy_of_its_trade(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            emitter = town.school.emitter
            stricter = POLICY.replace(b"value = 1\n", b"value = 2\n", 1)
            digest = sha256(stricter).digest()

            def repinned(policy: bytes) -> CapturedEvent:
                return emitter.cohort_policy_repinned(
                    cohort=it.cohort, policy=policy, reason="NEW-RULE"
                )

            assert await it.record(repinned(digest)) == ["POLICY_NOT_ADOPTED"]
            adopted = town.bureau.emitter.policy_adopted(document=stricter)
            assert await it.record(adopted, of=town.bureau) == [""]
            assert await it.record(repinned(POLICY_DIGEST)) == ["ALREADY_PINNED"]
            assert it.prepare().body.policy == POLICY_DIGEST
            assert await it.record(repinned(digest)) == [""]
            # One hour of practical work was enough before, and is not any more.
            assert it.reasons() == ["HOURS_SHORT"]
            log_is_whole(storage)

    run(story())


def test_a_plan_is_filed_once_and_with_a_bureau(storage: Storage, town: Town, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort, plan = town.cohort()

            def filed(bureau: UUID) -> CapturedEvent:
                return town.school.emitter.cohort_filed(
                    cohort=cohort, bureau=bureau, rooms=["R-201"], teachers=[uuid4()]
                )

            async def answer(*events: CapturedEvent) -> list[str]:
                return codes(await commits.append(by(town.school, *events)))

            assert await answer(filed(town.bureau.party)) == ["NOT_PLANNED"]
            assert await answer(plan) == [""]
            assert await answer(filed(town.examiners.party)) == ["UNKNOWN_PARTY"]
            assert await answer(filed(town.bureau.party)) == [""]
            assert await answer(filed(town.bureau.party)) == ["ALREADY_FILED"]

    run(story())
