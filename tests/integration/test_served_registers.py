"""Registers and histories over the wire: whose they are, filters, pages."""

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

from clients.sdk import Ledger
from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import cohort_service_pb2 as cohort_pb
from ledger.api.v1 import institution_service_pb2 as institution_pb
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.log.identifiers import enrolment_id
from tests.integration.served_failures import failure
from tests.integration.served_ledger import ServedLedger, outcomes, serving
from tests.integration.trained_learners import identity, issue, trained
from tests.unit.application.town import Member

SHANGHAI = timezone(timedelta(hours=8))


async def listed(
    ledger: ServedLedger, member: Member | None, **chosen: str | int
) -> list[certificate_pb.Certificate]:
    """Every certificate that a member sees, one a page."""
    client = await ledger.client(member)
    found: list[certificate_pb.Certificate] = []
    token = ""
    while True:
        request = certificate_pb.ListCertificatesRequest(page_size=1, page_token=token)
        request.MergeFrom(certificate_pb.ListCertificatesRequest(**chosen))  # type: ignore[arg-type] # filters by name
        page = await client.certificates.ListCertificates(request, timeout=60)
        found += page.certificates
        token = page.next_page_token
        if not token:
            return found


def numbers(rows: list[certificate_pb.Certificate]) -> list[str]:
    return [row.number for row in rows]


async def two_courses(ledger: ServedLedger) -> tuple[list[UUID], UUID, list[str]]:
    """One learner of the school's, twice: cohorts, reference, certificates by issue."""
    cohorts, persons, issued = [], [], []
    school = identity(ledger, ledger.town.school)
    for _ in range(2):
        cohort, person = await trained(ledger)
        number, _file = await asyncio.to_thread(issue, school, enrolment_id(cohort, person))
        cohorts.append(cohort)
        persons.append(person)
        issued.append(number)
    await ledger.follow()
    assert persons[0] == persons[1]
    return cohorts, persons[0], issued


def test_certificates_are_listed_for_their_institution_and_its_bureau(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town = ledger.town
            cohorts, _, issued = await two_courses(ledger)
            rows = await listed(ledger, town.school)
            assert numbers(rows) == issued
            assert {row.institution for row in rows} == {str(town.school.party)}
            assert {(row.institution_name, row.trade_name) for row in rows} == {
                ("示例单位", "低压电工作业")
            }
            assert await listed(ledger, town.bureau) == rows
            for nobody in (town.other, town.district, town.platform, town.examiners, None):
                assert await listed(ledger, nobody) == []
            school, other = str(town.school.party), str(town.other.party)
            assert numbers(await listed(ledger, town.bureau, institution=school)) == issued
            assert await listed(ledger, town.bureau, institution=other) == []
            assert await listed(ledger, town.school, institution=other) == []
            assert await listed(ledger, town.other, institution=school) == []
            assert await listed(ledger, town.district, institution=school) == []
            of_second = await listed(ledger, town.school, cohort=str(cohorts[1]))
            assert numbers(of_second) == [issued[1]]
            assert await listed(ledger, town.bureau, cohort=str(cohorts[1])) == of_second
            # The platform and the examiners are named in the cohort: it is there for them.
            assert await listed(ledger, town.platform, cohort=str(cohorts[1])) == []
            for stranger in (town.other, town.district, None):
                hidden = await failure(listed(ledger, stranger, cohort=str(cohorts[1])))
                assert hidden.code == "NOT_FOUND"
            await chosen_by_state_and_day(ledger, rows)

    asyncio.run(whole())


async def chosen_by_state_and_day(
    ledger: ServedLedger, rows: list[certificate_pb.Certificate]
) -> None:
    school = ledger.town.school
    assert await listed(ledger, school, state="valid") == rows
    assert await listed(ledger, school, state="revoked") == []
    moment = datetime.fromtimestamp(rows[0].issued_us / 1_000_000, SHANGHAI)
    day, before, after = (
        int((moment + timedelta(days=days)).strftime("%Y%m%d")) for days in (0, -1, 1)
    )
    assert await listed(ledger, school, issued_from=day, issued_to=day) == rows
    assert await listed(ledger, school, issued_from=after) == []
    assert await listed(ledger, school, issued_to=before) == []
    refused: tuple[dict[str, str | int], ...] = (
        {"issued_from": 20260231},
        {"issued_to": 20261301},
        {"issued_from": 5},
        {"state": "lost"},
        {"cohort": "no id"},
    )
    for chosen in refused:
        assert (await failure(listed(ledger, school, **chosen))).code == "INVALID_REQUEST"
    client = await ledger.client(school)
    first = await client.certificates.ListCertificates(
        certificate_pb.ListCertificatesRequest(page_size=1), timeout=60
    )
    assert first.as_of_size > 0
    # A token is good for the filters that it was made with.
    other = certificate_pb.ListCertificatesRequest(state="valid", page_token=first.next_page_token)
    wrong = await failure(client.certificates.ListCertificates(other, timeout=60))
    assert wrong.code == "PAGE_TOKEN_INVALID"


def test_a_learners_history_is_for_the_institution_whose_reference_it_is(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town = ledger.town
            cohorts, person, issued = await two_courses(ledger)
            school = await ledger.client(town.school)
            rows = await asyncio.to_thread(history, ledger, person)
            assert [row.cohort.cohort for row in rows] == list(map(str, cohorts))
            for row, number in zip(rows, issued, strict=True):
                assert row.learner.enrolment == str(enrolment_id(UUID(row.cohort.cohort), person))
                assert (row.learner.state, row.learner.requirement_met) == ("enrolled", True)
                file = await school.cohorts.GetCohortFile(
                    cohort_pb.GetCohortFileRequest(cohort=row.cohort.cohort), timeout=60
                )
                assert (row.cohort, [row.learner]) == (file.cohort, list(file.learners))
                assert [(each.number, each.state) for each in row.certificates] == [
                    (number, "valid")
                ]
                assert (row.transferred_from, len(row.policy)) == ("", 64)
            request = person_pb.GetLearnerHistoryRequest(person_ref=str(person))
            other = await ledger.client(town.other)
            foreign = await failure(other.persons.GetLearnerHistory(request, timeout=60))
            # Word for word what is said of a reference that there is not.
            absent = person_pb.GetLearnerHistoryRequest(person_ref=str(UUID(int=5, version=4)))
            assert foreign.code == "NOT_FOUND"
            assert await failure(other.persons.GetLearnerHistory(absent, timeout=60)) == foreign
            for caller in (town.bureau, town.examiners, None):
                client = await ledger.client(caller)
                refused = await failure(client.persons.GetLearnerHistory(request, timeout=60))
                assert refused.code == "PERMISSION_DENIED"
            await in_pages(ledger, person, rows)
            await with_a_reference_that_leaked(ledger, person, rows)

    asyncio.run(whole())


def history(ledger: ServedLedger, person: UUID) -> list[person_pb.HistoryEnrolment]:
    with Ledger.open(identity(ledger, ledger.town.school), timeout=60) as client:
        return list(client.registers.learner_history(person))


async def in_pages(
    ledger: ServedLedger, person: UUID, rows: list[person_pb.HistoryEnrolment]
) -> None:
    persons = (await ledger.client(ledger.town.school)).persons
    ask = person_pb.GetLearnerHistoryRequest
    first = await persons.GetLearnerHistory(ask(person_ref=str(person), page_size=1), timeout=60)
    assert list(first.enrolments) == rows[:1]
    token = first.next_page_token
    second = await persons.GetLearnerHistory(
        ask(person_ref=str(person), page_size=1, page_token=token), timeout=60
    )
    assert (list(second.enrolments), second.next_page_token) == (rows[1:], "")
    none = await persons.GetLearnerHistory(
        ask(person_ref=str(person), state="withdrawn"), timeout=60
    )
    assert (len(none.enrolments), none.next_page_token) == (0, "")
    reused = ask(person_ref=str(person), state="enrolled", page_token=token)
    wrong = await failure(persons.GetLearnerHistory(reused, timeout=60))
    assert wrong.code == "PAGE_TOKEN_INVALID"


async def with_a_reference_that_leaked(
    ledger: ServedLedger, person: UUID, rows: list[person_pb.HistoryEnrolment]
) -> None:
    """The other institution enrols under the school's reference: its cohort stays its own."""
    town = ledger.town
    cohort, plan = town.cohort(of=town.other)
    other = await ledger.client(town.other)
    answer = await other.append(town.other, plan, town.enrolment(cohort, person, town.other))
    assert outcomes(answer.results) == ["", ""]
    await ledger.follow()
    found = await asyncio.to_thread(history, ledger, person)
    assert [row.learner for row in found] == [row.learner for row in rows]


def test_institutions_are_listed_by_standing_and_trade(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            town = ledger.town
            await ledger.follow()
            client = await ledger.client(None)

            async def parties(**chosen: str) -> set[str]:
                found: set[str] = set()
                token = ""
                while True:
                    request = institution_pb.ListInstitutionsRequest(
                        page_size=1, page_token=token, **chosen
                    )
                    page = await client.institutions.ListInstitutions(request, timeout=60)
                    assert found.isdisjoint(each.institution for each in page.institutions)
                    found |= {each.institution for each in page.institutions}
                    token = page.next_page_token
                    if not token:
                        return found

            both = {str(town.school.party), str(town.other.party)}
            assert both < await parties()
            assert await parties(standing="active") == both
            assert await parties(standing="suspended") == set()
            assert await parties(trade="2010-1.2") == both
            assert await parties(trade="2010-1") == set()
            assert await parties(trade="2010-1.2", area="320598") == set()
            for wrong in ({"standing": "closed"}, {"trade": "a b"}):
                assert (await failure(parties(**wrong))).code == "INVALID_REQUEST"

    asyncio.run(whole())
