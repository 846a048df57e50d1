"""The life of an institution on both databases: reports, reviews, sanctions, staff files."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import CapturedEvent
from ledger.api.v1 import events_pb2 as pb
from ledger.application.group_commit import GroupCommit
from ledger.log.identifiers import key_id
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import Storage
from tests.contract.town_log import OTHER_PERSON, PERSON, by, founded, log_is_whole, planned
from tests.unit.application.town import Member, Town, batch, codes, committing, recorded, request

Run = Callable[[Coroutine[Any, Any, None]], None]
STAFF = UUID(int=0x57AF, version=4)
REASON = "CONDITIONS-1"


class County(Town):
    """The town with a bureau for the county that its institutions lie in, and a new school."""

    @property
    def county(self) -> Member:
        return self.member("county", pb.PARTY_KIND_BUREAU, "320599")

    @property
    def newcomer(self) -> Member:
        return self.member("newcomer", pb.PARTY_KIND_INSTITUTION, "320599")


@pytest.fixture
def town() -> County:
    return County()


async def settle(commits: GroupCommit, town: County) -> None:
    """Register the county's bureau and the new school."""
    events = [*town.registration(town.county), *town.registration(town.newcomer)]
    recorded(await commits.append(by(town.bureau, *events)))


def reported(town: County) -> CapturedEvent:
    return town.newcomer.emitter.initial_report_submitted(
        trades=["2010-1.2"], document_digest=bytes(32)
    )


def review(
    town: County, member: Member, report: UUID, stage: pb.ReviewStage.ValueType, *, approved: bool
) -> CapturedEvent:
    return member.emitter.report_reviewed(
        institution=town.newcomer.party,
        report=report,
        stage=stage,
        approved=approved,
        reason=REASON,
    )


def suspension(member: Member, of: Member) -> CapturedEvent:
    return member.emitter.recruitment_suspended(
        institution=of.party, decision_number="2026-7", reason=REASON
    )


def opening(member: Member, cohort: UUID, enrolled: int) -> CapturedEvent:
    return member.emitter.cohort_opened(cohort=cohort, enrolled=enrolled)


def appointment(member: Member, staff: UUID = STAFF) -> CapturedEvent:
    return member.emitter.staff_appointed(
        staff=staff,
        role=pb.STAFF_ROLE_FULL_TIME_TEACHER,
        identity_commitment=bytes(32),
        subject="2010-1.2",
        from_day=date(2026, 1, 1),
    )


def test_a_cohort_opens_once_a_report_covers_its_trade(
    storage: Storage, town: County, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            await settle(commits, town)
            school = town.newcomer
            cohort, plan = town.cohort(of=school)
            answers = await commits.append(by(school, plan, opening(school, cohort, 0)))
            # On one stream decisions stand or fall together.
            assert codes(answers) == ["ATOMIC_ABORTED", "REPORT_MISSING"]
            answers = await commits.append(
                by(school, reported(town), plan, opening(school, cohort, 0))
            )
            assert codes(answers) == ["", "", ""]
            log_is_whole(storage)

    run(story())


def test_reviews_come_in_turn_and_a_rejection_ends_the_cover(
    storage: Storage, town: County, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            await settle(commits, town)
            county, city, school = town.county, town.bureau, town.newcomer
            report = reported(town)
            recorded(await commits.append(by(school, report)))
            by_county, by_city = pb.REVIEW_STAGE_COUNTY, pb.REVIEW_STAGE_CITY

            async def reviewed(
                member: Member, stage: pb.ReviewStage.ValueType, *, approved: bool = True
            ) -> list[str]:
                event = review(town, member, report.event_id, stage, approved=approved)
                return codes(await commits.append(by(member, event)))

            assert await reviewed(city, by_city) == ["REVIEW_OUT_OF_TURN"]
            assert await reviewed(city, by_county) == ["REVIEW_NOT_YOURS"]
            assert await reviewed(town.district, by_county) == ["NOT_YOUR_AREA"]
            assert await reviewed(county, by_county) == [""]
            assert await reviewed(county, by_county) == ["REVIEW_OUT_OF_TURN"]
            assert await reviewed(city, by_city, approved=False) == [""]
            assert await reviewed(city, by_city) == ["REPORT_UNKNOWN"]
            cohort, plan = town.cohort(of=school)
            recorded(await commits.append(by(school, plan)))
            answers = await commits.append(by(school, opening(school, cohort, 0)))
            assert codes(answers) == ["REPORT_MISSING"]

    run(story())


def test_a_suspended_institution_begins_nothing_and_its_class_goes_on(
    storage: Storage, town: County, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            school = town.school
            cohort = await planned(commits, town, PERSON)
            recorded(await commits.append(by(school, opening(school, cohort, 1))))
            other = await planned(commits, town)
            recorded(await commits.append(by(town.bureau, suspension(town.bureau, school))))
            answers = await commits.append(
                by(
                    school,
                    town.cohort()[1],
                    opening(school, other, 0),
                    town.enrolment(cohort, OTHER_PERSON),
                    school.emitter.session_started(cohort=cohort, session=uuid4(), present=1),
                    town.sign_in(cohort, PERSON),
                    school.emitter.cohort_closed(cohort=cohort, completed=1),
                )
            )
            stopped = "RECRUITMENT_SUSPENDED"
            assert codes(answers) == [stopped, stopped, stopped, "", "", ""]
            # A process that starts now reads the same from the rows.
            async with committing(storage.writer, town) as second:
                again = await second.append(by(school, opening(school, other, 0)))
                assert codes(again) == [stopped]
            answers = await commits.append(by(town.bureau, suspension(town.bureau, school)))
            assert codes(answers) == ["ALREADY_SUSPENDED"]
            log_is_whole(storage)

    run(story())


def test_bureaus_write_in_their_area_and_institutions_into_their_own_stream(
    storage: Storage, town: County, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            answers = await commits.append(
                by(town.district, suspension(town.district, town.school))
            )
            assert codes(answers) == ["NOT_YOUR_AREA"]
            unknown = suspension(town.bureau, town.newcomer)
            answers = await commits.append(by(town.bureau, unknown))
            assert codes(answers) == ["UNKNOWN_PARTY"]
            answers = await commits.append(by(town.school, suspension(town.school, town.other)))
            assert codes(answers) == ["NOT_YOURS_TO_WRITE"]
            answers = await commits.append(by(town.bureau, suspension(town.bureau, town.platform)))
            assert codes(answers) == ["NOT_AN_INSTITUTION"]

    run(story())


def test_a_held_report_covers_nothing(storage: Storage, town: County, run: Run) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            await settle(commits, town)
            school, key = town.newcomer, Ed25519PrivateKey.generate()
            lost = town.emitter(key, school.party)
            registration = town.bureau.emitter.key_registered(
                public_key=public_bytes(key.public_key()),
                holder=school.party,
                use=pb.KEY_USE_PARTY,
            )
            ending = town.bureau.emitter.key_ended(
                key_id=key_id(public_bytes(key.public_key())),
                holder=school.party,
                ending=pb.KEY_ENDING_LOST_OR_RETIRED,
            )
            recorded(await commits.append(by(town.bureau, registration, ending)))
            report = lost.initial_report_submitted(trades=["2010-1.2"], document_digest=bytes(32))
            answers = await commits.append(request(batch(key, [report])))
            assert codes(answers) == ["KEY_LOST_OR_RETIRED"]
            cohort, plan = town.cohort(of=school)
            recorded(await commits.append(by(school, plan)))
            for process in (commits, None):
                if process is not None:
                    answers = await process.append(by(school, opening(school, cohort, 0)))
                else:
                    async with committing(storage.writer, town) as second:
                        answers = await second.append(by(school, opening(school, cohort, 0)))
                assert codes(answers) == ["REPORT_MISSING"]
            log_is_whole(storage)

    run(story())


def test_the_first_entry_fixes_whose_staff_file_it_is(
    storage: Storage, town: County, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            school, other = town.school, town.other
            qualified = school.emitter.staff_qualification_recorded(
                staff=STAFF,
                qualification="ELECTRICIAN-2",
                document_digest=bytes(32),
                valid_until=date(2027, 8, 31),
            )
            assert codes(await commits.append(by(school, qualified))) == [""]
            theirs = await commits.append(by(other, appointment(other)))
            assert codes(theirs) == ["NOT_YOURS_TO_WRITE"]
            async with committing(storage.writer, town) as second:
                again = await second.append(by(other, appointment(other)))
                assert codes(again) == ["NOT_YOURS_TO_WRITE"]
            assert codes(await commits.append(by(school, appointment(school)))) == [""]
            assert codes(await commits.append(by(other, appointment(other, uuid4())))) == [""]

    run(story())
