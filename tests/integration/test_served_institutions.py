"""The life of an institution over the wire: register, staff files, and who may see them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import grpc

from clients.sdk import Circumstances
from ledger.api.v1 import events_pb2 as events
from ledger.api.v1 import institution_service_pb2 as institution_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1 import staff_service_pb2 as staff_pb
from tests.integration.served_failures import failure
from tests.integration.served_ledger import Client, ServedLedger, outcomes, serving
from tests.unit.application.town import START, Member

STAFF = UUID(int=0x57AF, version=4)


def run(folder: Path, scene: Callable[[ServedLedger], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(folder) as ledger:
            await scene(ledger)

    asyncio.run(whole())


async def institution(client: Client, member: Member) -> institution_pb.Institution:
    request = institution_pb.GetInstitutionRequest(institution=str(member.party))
    answer: institution_pb.GetInstitutionResponse = await client.institutions.GetInstitution(
        request, timeout=60
    )
    return answer.institution


async def hire(ledger: ServedLedger, member: Member, staff: UUID) -> None:
    """A teacher with a qualification."""
    client = await ledger.client(member)
    appointed = member.emitter.staff_appointed(
        staff=staff,
        role=events.STAFF_ROLE_FULL_TIME_TEACHER,
        identity_commitment=bytes(32),
        subject="2010-1.2",
        from_day=date(2026, 1, 1),
    )
    qualified = member.emitter.staff_qualification_recorded(
        staff=staff,
        qualification="ELECTRICIAN-2",
        document_digest=b"q" * 32,
        valid_until=date(2027, 8, 31),
    )
    response = await client.append(member, appointed, qualified)
    assert outcomes(response.results) == ["", ""]


def test_the_register_shows_scope_reports_and_sanctions(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        bureau, school = await ledger.client(town.bureau), await ledger.client(town.school)
        report = town.school.emitter.initial_report_submitted(
            trades=["2010-1.3"], document_digest=bytes(32)
        )
        suspended = town.bureau.emitter.recruitment_suspended(
            institution=town.school.party, decision_number="2026-7", reason="OFF-SYLLABUS"
        )
        await school.append(town.school, report)
        await bureau.append(town.bureau, suspended)
        _, plan = town.cohort()
        refused = await school.append(town.school, plan)
        assert outcomes(refused.results) == ["RECRUITMENT_SUSPENDED"]
        await ledger.follow()
        # The register is for everyone, those of no area included.
        found = await institution(await ledger.client(town.platform), town.school)
        assert (list(found.scope), found.standing, found.listed_since) == (
            ["2010-1.2"],
            "suspended",
            20240506,
        )
        assert [(each.report, each.state, list(each.trades)) for each in found.reports] == [
            (str(report.event_id), "submitted", ["2010-1.3"])
        ]
        assert [(each.type, each.decision_number) for each in found.decisions] == [
            ("InstitutionImported", ""),
            ("RecruitmentSuspended", "2026-7"),
        ]
        listed = await school.institutions.ListInstitutions(
            institution_pb.ListInstitutionsRequest()
        )
        rows = {row.institution: row for row in listed.institutions}
        row = rows[str(town.school.party)]
        assert (row.standing, len(row.reports), len(row.decisions)) == ("suspended", 0, 0)
        assert rows[str(town.bureau.party)].standing == ""
        assert rows[str(town.other.party)].standing == "active"

    run(tmp_path, scene)


def test_a_staff_file_is_for_its_institution_and_the_bureaus_of_its_area(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, theirs = ledger.town, uuid4()
        await hire(ledger, town.school, STAFF)
        await hire(ledger, town.other, theirs)
        await ledger.follow()
        request = staff_pb.GetStaffFileRequest(staff=str(STAFF))
        for member in (town.school, town.bureau):
            client = await ledger.client(member)
            found = await client.staff.GetStaffFile(request, timeout=60)
            assert (found.staff.institution, found.staff.state) == (
                str(town.school.party),
                "appointed",
            )
            assert (found.staff.role, found.staff.first_expiry, found.events) == (
                events.STAFF_ROLE_FULL_TIME_TEACHER,
                20270831,
                2,
            )
            assert [each.document_digest for each in found.qualifications] == [b"q" * 32]
        for stranger in (town.other, town.district, town.platform, town.examiners, None):
            client = await ledger.client(stranger)
            assert (await failure(client.staff.GetStaffFile(request))).code == "NOT_FOUND"

        async def listed(member: Member | None, institution: UUID | None = None) -> set[str]:
            client = await ledger.client(member)
            wanted = "" if institution is None else str(institution)
            page = await client.staff.ListStaff(staff_pb.ListStaffRequest(institution=wanted))
            return {row.staff for row in page.staff}

        assert await listed(town.school) == {str(STAFF)}
        assert await listed(town.bureau) == {str(STAFF), str(theirs)}
        assert await listed(town.bureau, town.other.party) == {str(theirs)}
        assert await listed(town.school, town.other.party) == set()
        assert await listed(town.district) == set()
        assert await listed(None) == set()

    run(tmp_path, scene)


def test_a_held_report_is_listed_for_its_institution(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        school = await ledger.client(town.school)
        ahead = Circumstances(occurred=START + timedelta(days=1))
        report = town.school.emitter.initial_report_submitted(
            trades=["2010-1.3"], document_digest=bytes(32), how=ahead
        )
        response = await school.append(town.school, report)
        assert outcomes(response.results) == ["CLOCK_AHEAD"]
        await ledger.follow()

        async def held(member: Member) -> list[tuple[str, str]]:
            client = await ledger.client(member)
            page = await client.recording.ListHeld(pb.ListHeldRequest())
            return [(row.event_id, row.cohort) for row in page.events]

        assert await held(town.school) == [(str(report.event_id), "")]
        assert await held(town.bureau) == [(str(report.event_id), "")]
        assert await held(town.other) == []
        assert list((await institution(school, town.school)).reports) == []

    run(tmp_path, scene)


def test_pages_of_staff_hold_everyone_once(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, files = ledger.town, sorted(str(uuid4()) for _ in range(5))
        for file in files:
            await hire(ledger, town.school, UUID(file))
        await ledger.follow()
        client, found, token = await ledger.client(town.school), [], ""
        while True:
            request = staff_pb.ListStaffRequest(page_size=2, page_token=token)
            page = await client.staff.ListStaff(request)
            found += [row.staff for row in page.staff]
            token = page.next_page_token
            if not token:
                break
        assert found == files

    run(tmp_path, scene)


def test_events_of_a_staff_file_are_followed_by_those_who_may_see_it(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        await hire(ledger, town.school, STAFF)
        # What everyone sees last.
        report = town.other.emitter.initial_report_submitted(
            trades=["2010-1.3"], document_digest=bytes(32)
        )
        await (await ledger.client(town.other)).append(town.other, report)

        async def types(member: Member) -> list[str]:
            client = await ledger.client(member)
            found: list[str] = []
            stream = client.recording.Watch(pb.WatchRequest())
            while not found or found[-1] != "InitialReportSubmitted":
                response = await stream.read()
                assert response is not grpc.aio.EOF
                found.append(events.TrainingEvent.FromString(response.event).header.type)
            stream.cancel()
            return [name for name in found if name.startswith("Staff")]

        whole = ["StaffAppointed", "StaffQualificationRecorded"]
        assert await types(town.school) == whole
        assert await types(town.bureau) == whole
        assert await types(town.other) == []
        assert await types(town.platform) == []

    run(tmp_path, scene)
