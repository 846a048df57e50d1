"""What an officer sees across cohorts over the wire: two institutions, their bureau, another's."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from clients.sdk import Circumstances, Identity, Ledger
from clients.sdk.identity import TlsFiles
from ledger.api.v1 import events_pb2
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.log.identifiers import enrolment_id
from ledger.storage.spiffe_ids import party_uri
from ledger.storage.tls_files import issue_client
from tests.integration.served_failures import failure
from tests.integration.served_ledger import (
    CA,
    DOMAIN,
    NOW,
    ServedLedger,
    outcomes,
    serving,
    trust_of,
)
from tests.unit.application.town import ORIGIN, START, START_US, Member, Town

DAY, NEXT_DAY = 20260302, 20260303
CASE: Final = "苏应急〔2026〕17号"
NUMBER: Final = "32059919900101002X"
PERSON: Final = person_pb.RegisterPersonRequest(
    id_type=person_pb.ID_TYPE_RESIDENT_ID_CARD, id_number=NUMBER, name="王小明"
)
PRACTICAL: Final = events_pb2.HOUR_COMPONENT_PRACTICAL


@dataclass
class Scene:
    """Two institutions that both train one person; the first has issued a certificate.

    Attributes:
        ledger: The running ledger.
        folder: Where its files are.
        cohorts: The cohorts, of the school and of the other institution.
        persons: Their references for the person.
        certificate: Number of the certificate.
    """

    ledger: ServedLedger
    folder: Path
    cohorts: tuple[UUID, UUID]
    persons: tuple[UUID, UUID]
    certificate: str

    async def ask(self, member: Member | None, method: str, request: Any) -> Any:  # noqa: ANN401 - any method
        client = await self.ledger.client(member)
        return await getattr(client.supervision, method)(request, timeout=60)

    async def refusal(self, member: Member | None, method: str, request: Any) -> str:  # noqa: ANN401 - any method
        return (await failure(self.ask(member, method, request))).code

    def logged(self) -> list[tuple[str, str, int]]:
        """Case, caller and time of every trace, oldest first."""
        with sqlite3.connect(self.folder / "vault.db") as connection:
            return connection.execute(
                "SELECT case_number, caller, asked_us FROM trace_log ORDER BY asked_us"
            ).fetchall()


async def prepared(ledger: ServedLedger, folder: Path) -> Scene:
    town = ledger.town
    cohorts, persons = [], []
    for member in (town.school, town.other):
        client = await ledger.client(member)
        known = await client.persons.RegisterPerson(PERSON, timeout=60)
        person = UUID(known.person_ref)
        cohort, plan = town.cohort(of=member)
        commitment = known.identity_commitment
        events = [
            plan,
            town.enrolment(cohort, person, member, commitment=commitment),
            member.emitter.cohort_opened(cohort=cohort, enrolled=1),
        ]
        # The course lies three days back, and is recorded now: late.
        events += town.whole_course(cohort, [person], member)
        events += town.lesson_day(cohort, [person], PRACTICAL, START, 1, member)[:-1]
        assert set(outcomes((await client.append(member, *events)).results)) == {""}
        cohorts.append(cohort)
        persons.append(person)
    enrolment = enrolment_id(cohorts[0], persons[0])
    number = await asyncio.to_thread(_issue, _identity(ledger, town.school), enrolment)
    await ledger.follow()
    return Scene(ledger, folder, (cohorts[0], cohorts[1]), (persons[0], persons[1]), number)


def _identity(ledger: ServedLedger, member: Member) -> Identity:
    certificate, key = issue_client(CA, party_uri(DOMAIN, member.party), NOW)
    tls = TlsFiles(CA.certificate_pem(), certificate, key)
    trust = trust_of(ledger.town)
    return Identity(ORIGIN, member.party, ledger.address, "localhost", member.key, tls, trust)


def _issue(identity: Identity, enrolment: UUID) -> str:
    with Ledger.open(identity, timeout=60) as client:
        return client.certificates.issue(enrolment).number


def story(tmp_path: Path, told: Callable[[Scene, Town], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            await told(await prepared(ledger, tmp_path), ledger.town)

    asyncio.run(whole())


def test_the_sessions_of_a_day_are_for_their_institution_and_its_bureau(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        async def cohorts(member: Member | None, **chosen: Any) -> set[str]:  # noqa: ANN401 - filters
            request = pb.ListSessionsRequest(day=DAY, **chosen)
            return {
                row.cohort for row in (await scene.ask(member, "ListSessions", request)).sessions
            }

        own, theirs = map(str, scene.cohorts)
        assert await cohorts(town.school) == {own}
        assert await cohorts(town.other) == {theirs}
        assert await cohorts(town.bureau) == {own, theirs}
        for nobody in (town.district, town.platform, town.examiners, None):
            assert await cohorts(nobody) == set()
        assert await cohorts(town.bureau, area="320599") == {own, theirs}
        assert await cohorts(town.bureau, area="320598") == set()
        assert await cohorts(town.bureau, institution=str(town.other.party)) == {theirs}
        assert await cohorts(town.school, institution=str(town.other.party)) == set()
        none = await scene.ask(town.bureau, "ListSessions", pb.ListSessionsRequest(day=NEXT_DAY))
        assert len(none.sessions) == 0

    story(tmp_path, told)


def test_a_session_shows_timetable_course_and_presence(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        request = pb.ListSessionsRequest(day=DAY)
        (row,) = (await scene.ask(town.school, "ListSessions", request)).sessions
        assert (row.cohort_number, row.trade_name) == ("2026-001", "低压电工作业")
        assert (row.institution, row.institution_name) == (str(town.school.party), "示例单位")
        assert (row.area, row.component, row.room) == ("320599", PRACTICAL, "A-101")
        assert (row.planned_start_us, row.planned_end_us) == (START_US, START_US + 60_000_000)
        assert (row.state, row.started_us, row.ended_us) == ("started", START_US, 0)
        assert (row.signed_in, list(row.teachers_signed_in)) == (1, [])
        wrong = pb.ListSessionsRequest(day=20260231)
        assert await scene.refusal(town.school, "ListSessions", wrong) == "INVALID_REQUEST"

    story(tmp_path, told)


def test_pages_of_a_day_hold_each_session_once(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        found, token = [], ""
        while True:
            request = pb.ListSessionsRequest(day=DAY, page_size=1, page_token=token)
            page = await scene.ask(town.bureau, "ListSessions", request)
            found += [row.cohort for row in page.sessions]
            token = page.next_page_token
            if not token:
                break
        assert sorted(found) == sorted(map(str, scene.cohorts))
        # A token is good for the filters that it was made with.
        first = pb.ListSessionsRequest(day=DAY, page_size=1)
        token = (await scene.ask(town.bureau, "ListSessions", first)).next_page_token
        other = pb.ListSessionsRequest(day=NEXT_DAY, page_token=token)
        assert await scene.refusal(town.bureau, "ListSessions", other) == "PAGE_TOKEN_INVALID"

    story(tmp_path, told)


def test_irregular_records_name_event_and_fact_and_stay_in_their_area(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        async def records(member: Member | None, **chosen: Any) -> list[pb.IrregularRecord]:  # noqa: ANN401 - filters
            request = pb.ListIrregularRequest(**chosen)
            return list((await scene.ask(member, "ListIrregular", request)).records)

        own, theirs = map(str, scene.cohorts)
        late = await records(town.school)
        # Two days with start, sign-in, sign-out and end; the timetable itself was written now.
        assert {row.kind for row in late} == {pb.IRREGULAR_KIND_LATE}
        assert len(late) == 8
        assert {row.cohort for row in late} == {own}
        assert [row.index for row in late] == sorted(row.index for row in late)
        start = next(row for row in late if row.type == "SessionStarted")
        assert start.shows_en == "recorded 72 h 0 min after it happened"
        assert start.shows_zh == "发生后 72 小时 0 分入账"
        assert (start.occurred_us, start.enrolment) == (START_US - 3 * 86_400_000_000, "")
        assert start.recorded_us >= START_US
        assert {row.cohort for row in await records(town.bureau)} == {own, theirs}
        for nobody in (town.district, town.platform, town.examiners, None):
            assert await records(nobody) == []
        assert {row.cohort for row in await records(town.bureau, cohort=theirs)} == {theirs}
        party = str(town.school.party)
        assert {row.cohort for row in await records(town.bureau, institution=party)} == {own}
        assert await records(town.other, institution=party) == []
        assert await records(town.bureau, area="320598") == []
        assert await records(town.bureau, kinds=[pb.IRREGULAR_KIND_HELD]) == []
        assert len(await records(town.school, from_day=DAY, to_day=DAY)) == 8
        assert await records(town.school, from_day=NEXT_DAY) == []
        assert await records(town.school, to_day=20260301) == []
        hidden = pb.ListIrregularRequest(cohort=own)
        absent = pb.ListIrregularRequest(cohort=str(uuid4()))
        for request in (hidden, absent):
            assert await scene.refusal(town.other, "ListIrregular", request) == "NOT_FOUND"

    story(tmp_path, told)


def test_transcribed_and_held_records_are_listed_with_what_they_show(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        school = await scene.ledger.client(town.school)
        how = Circumstances(
            occurred=START - timedelta(hours=1),
            record_origin=events_pb2.RECORD_ORIGIN_TRANSCRIBED_PAPER,
            source_digest=b"s" * 32,
            entered_by=UUID(int=1, version=4),
            approved_by=UUID(int=2, version=4),
        )
        paper = town.school.emitter.course_test_recorded(
            cohort=scene.cohorts[0], person_ref=scene.persons[0], score_hundredths=9_000, how=how
        )
        stranger = town.sign_in(scene.cohorts[0], uuid4())
        answer = await school.append(town.school, paper, stranger)
        assert outcomes(answer.results) == ["", "ENROLMENT_NOT_OPEN"]
        await scene.ledger.follow()
        kinds = [pb.IRREGULAR_KIND_TRANSCRIBED, pb.IRREGULAR_KIND_HELD]
        request = pb.ListIrregularRequest(kinds=kinds)
        first, second = (await scene.ask(town.school, "ListIrregular", request)).records
        assert (first.event_id, first.shows_en) == (str(paper.event_id), "transcribed from paper")
        assert first.enrolment == str(paper.stream)
        assert (second.event_id, second.kind) == (str(stranger.event_id), pb.IRREGULAR_KIND_HELD)
        assert second.shows_zh.startswith("该学员尚未在本班报名")

    story(tmp_path, told)


def test_a_bureau_traces_a_person_across_institutions(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        by_person = pb.TraceRequest(case_number=CASE, person=PERSON)
        by_certificate = pb.TraceRequest(case_number=CASE, certificate=scene.certificate)
        found = await scene.ask(town.bureau, "Trace", by_person)
        assert await scene.ask(town.bureau, "Trace", by_certificate) == found
        rows = {row.institution: row for row in found.references}
        assert rows.keys() == {str(town.school.party), str(town.other.party)}
        own = rows[str(town.school.party)]
        assert own.person_ref == str(scene.persons[0])
        (enrolment,) = own.enrolments
        assert (enrolment.cohort, enrolment.state) == (str(scene.cohorts[0]), "enrolled")
        assert [each.number for each in enrolment.certificates] == [scene.certificate]
        teacher = str(UUID(int=7, version=4))
        assert [row.teacher for row in enrolment.sessions] == [teacher] * 3
        planned = [row.planned_start_us for row in enrolment.sessions]
        assert planned == sorted(planned)
        (theirs,) = rows[str(town.other.party)].enrolments
        assert (len(theirs.certificates), len(theirs.sessions)) == (0, 3)

    story(tmp_path, told)


def test_an_institution_traces_inside_itself_and_others_get_no_hint(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        by_person = pb.TraceRequest(case_number=CASE, person=PERSON)
        by_certificate = pb.TraceRequest(case_number=CASE, certificate=scene.certificate)
        for member in (town.school, town.other):
            found = await scene.ask(member, "Trace", by_person)
            assert [row.institution for row in found.references] == [str(member.party)]
        inside = await scene.ask(town.school, "Trace", by_certificate)
        assert [row.institution for row in inside.references] == [str(town.school.party)]
        unknown = person_pb.RegisterPersonRequest(
            id_type=PERSON.id_type, id_number="320599199001010011", name=PERSON.name
        )
        misnamed = person_pb.RegisterPersonRequest(
            id_type=PERSON.id_type, id_number=NUMBER, name="王大明"
        )
        nothing = await failure(
            scene.ask(town.bureau, "Trace", pb.TraceRequest(case_number=CASE, person=unknown))
        )
        assert nothing.code == "NOT_FOUND"
        refused: tuple[tuple[Member | None, pb.TraceRequest], ...] = (
            (town.other, by_certificate),
            (town.bureau, pb.TraceRequest(case_number=CASE, person=misnamed)),
            (town.district, by_person),
            (town.district, by_certificate),
            (town.platform, by_person),
            (town.examiners, by_person),
            (None, by_certificate),
        )
        for caller, request in refused:
            # Word for word what is said of somebody of whom the ledger knows nothing.
            assert await failure(scene.ask(caller, "Trace", request)) == nothing

    story(tmp_path, told)


def test_every_trace_is_logged_with_case_caller_and_time_before_it_is_answered(
    tmp_path: Path,
) -> None:
    async def told(scene: Scene, town: Town) -> None:
        request = pb.TraceRequest(case_number=CASE, person=PERSON)
        await scene.ask(town.bureau, "Trace", request)
        now_us = town.time.now_us
        town.time.pass_time(1)
        assert await scene.refusal(town.district, "Trace", request) == "NOT_FOUND"
        assert scene.logged() == [
            (CASE, f"party/{town.bureau.party}", now_us),
            (CASE, f"party/{town.district.party}", now_us + 1),
        ]
        # Without a log there is no answer.
        with sqlite3.connect(tmp_path / "vault.db") as connection:
            connection.execute("DROP TABLE trace_log")
        assert await scene.refusal(town.bureau, "Trace", request) in {
            "STORAGE_UNAVAILABLE",
            "INTERNAL",
        }

    story(tmp_path, told)


def test_a_trace_without_a_case_or_of_two_things_is_refused_and_not_logged(tmp_path: Path) -> None:
    async def told(scene: Scene, town: Town) -> None:
        for request in (
            pb.TraceRequest(person=PERSON),
            pb.TraceRequest(case_number=CASE),
            pb.TraceRequest(case_number=CASE, person=PERSON, certificate=scene.certificate),
            pb.TraceRequest(case_number=CASE, certificate="PXZM-1"),
        ):
            assert await scene.refusal(town.bureau, "Trace", request) == "INVALID_REQUEST"
        assert scene.logged() == []

    story(tmp_path, told)
