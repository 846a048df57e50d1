"""Reading over the wire: registers, cohort files, pages, the log, and following it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import grpc

from ledger.api.v1 import cohort_service_pb2 as cohort_pb
from ledger.api.v1 import events_pb2
from ledger.api.v1 import institution_service_pb2 as institution_pb
from ledger.api.v1 import key_service_pb2 as key_pb
from ledger.api.v1 import log_service_pb2 as log_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log.checkpoints import open_checkpoint
from ledger.log.entries import entry_hash
from ledger.log.head_proof import AbsenceProof, HeadProof, read_head_proof
from ledger.log.merkle import leaf_hash, root, verify_consistency
from ledger.log.tlog_proof import TlogProof
from tests.integration.served_failures import failure
from tests.integration.served_ledger import ServedLedger, outcomes, serving, trust_of

T = TypeVar("T")
PERSON = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")


def run(folder: Path, scene: Callable[[ServedLedger], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with serving(folder) as ledger:
            return await scene(ledger)

    return asyncio.run(whole())


def test_registers_of_parties_and_keys(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town = ledger.town
        client = await ledger.client(town.other)
        party = (
            await client.institutions.GetInstitution(
                institution_pb.GetInstitutionRequest(institution=str(town.school.party)),
                timeout=60,
            )
        ).institution
        assert (party.kind, party.credit_code, party.area, party.name) == (
            events_pb2.PARTY_KIND_INSTITUTION,
            town.school.credit_code,
            "320599",
            "示例单位",
        )
        key = (await client.keys.GetKey(key_pb.GetKeyRequest(key_id=town.school.key_id))).key
        assert (key.holder, key.use, key.ending) == (
            str(town.school.party),
            events_pb2.KEY_USE_PARTY,
            events_pb2.KEY_ENDING_UNSPECIFIED,
        )
        missing = institution_pb.GetInstitutionRequest(institution=str(uuid4()))
        assert (await failure(client.institutions.GetInstitution(missing))).code == "NOT_FOUND"
        nobody = key_pb.GetKeyRequest(key_id=bytes(32))
        assert (await failure(client.keys.GetKey(nobody))).code == "NOT_FOUND"

    run(tmp_path, scene)


def test_pages_show_every_party_once_whatever_their_size(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        client = await ledger.client(ledger.town.other)

        async def pages(size: int, area: str = "") -> list[str]:
            found, token = [], ""
            while True:
                answer = await client.institutions.ListInstitutions(
                    institution_pb.ListInstitutionsRequest(
                        area=area, page_size=size, page_token=token
                    )
                )
                found += [row.institution for row in answer.institutions]
                token = answer.next_page_token
                if not token:
                    return found

        whole = await pages(0)
        assert len(set(whole)) == len(whole) == 6
        assert await pages(1) == await pages(4) == whole
        # The bureaus' areas are 3205 and 320598.
        assert len(await pages(2, "320599")) == 4

    run(tmp_path, scene)


def test_a_page_token_is_for_its_caller_filters_and_method(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        events = [town.cohort()[1] for _ in range(3)]
        assert outcomes((await school.append(town.school, *events)).results) == ["", "", ""]
        await ledger.follow()

        def page(token: str, institution: str = "") -> cohort_pb.ListCohortsRequest:
            return cohort_pb.ListCohortsRequest(
                institution=institution, page_size=2, page_token=token
            )

        first = await school.cohorts.ListCohorts(page(""))
        rest = await school.cohorts.ListCohorts(page(first.next_page_token))
        cohorts = {row.cohort for row in (*first.cohorts, *rest.cohorts)}
        assert (len(first.cohorts), len(rest.cohorts), len(cohorts)) == (2, 1, 3)
        assert rest.next_page_token == ""

        token = first.next_page_token
        bureau = await ledger.client(town.bureau)
        mine = str(town.school.party)
        keys = key_pb.ListKeysRequest(institution=mine, page_token=token)
        for call in (
            bureau.cohorts.ListCohorts(page(token)),
            school.cohorts.ListCohorts(page(token, mine)),
            school.keys.ListKeys(keys),
            school.cohorts.ListCohorts(page(token[:-4] + "AAAA")),
            school.cohorts.ListCohorts(page("'; --")),
        ):
            refused = await failure(call)
            assert (refused.status, refused.code) == (
                grpc.StatusCode.INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID",
            )
        too_long = await failure(school.cohorts.ListCohorts(page("A" * 513)))
        assert too_long.code == "INVALID_REQUEST"

    run(tmp_path, scene)


def test_a_cohort_file_with_its_learners_and_their_hours(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        events = [plan, town.enrolment(cohort, PERSON), *town.whole_course(cohort, [PERSON])]
        assert set(outcomes((await school.append(town.school, *events)).results)) == {""}
        await ledger.follow()
        request = cohort_pb.GetCohortFileRequest(cohort=str(cohort))
        file = await school.cohorts.GetCohortFile(request)
        assert (file.cohort.state, file.cohort.enrolled) == ("planned", 1)
        assert (len(file.sessions), file.events) == (2, len(events))
        (learner,) = file.learners
        assert (learner.person_ref, learner.state) == (str(PERSON), "enrolled")
        credited = {hours.component: hours.credited for hours in learner.hours}
        assert credited[events_pb2.HOUR_COMPONENT_THEORY_OFFLINE] == 2
        assert credited[events_pb2.HOUR_COMPONENT_PRACTICAL] == 1
        assert (learner.requirement_met, learner.course_test_hundredths) == (True, 8_000)

    run(tmp_path, scene)


def test_held_events_leave_the_list_when_they_count(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        town, school = ledger.town, await ledger.client(ledger.town.school)
        cohort, plan = town.cohort()
        sign_in = town.sign_in(cohort, PERSON)
        await school.append(town.school, plan, sign_in)
        await ledger.follow()
        request = pb.ListHeldRequest()
        (held,) = (await school.recording.ListHeld(request)).events
        assert (held.event_id, held.code, held.type) == (
            str(sign_in.event_id),
            "ENROLMENT_NOT_OPEN",
            "LearnerSignedIn",
        )
        assert held.cohort == str(cohort)
        assert held.reason_zh.startswith("该学员尚未")
        other = await ledger.client(town.other)
        assert not (await other.recording.ListHeld(request)).events
        await school.append(town.school, town.enrolment(cohort, PERSON))
        await ledger.follow()
        assert not (await school.recording.ListHeld(request)).events

    run(tmp_path, scene)


def test_the_log_proves_itself_and_lists_nothing_beyond_its_checkpoint(tmp_path: Path) -> None:
    async def scene(ledger: ServedLedger) -> None:
        trusted = trust_of(ledger.town).verifiers()
        client = await ledger.client(None)
        school = await ledger.client(ledger.town.school)
        _, plan = ledger.town.cohort()
        await school.append(ledger.town.school, plan)
        await ledger.publication_of(plan.event_id)

        note = (await client.log.GetCheckpoint(log_pb.GetCheckpointRequest())).checkpoint
        checkpoint = open_checkpoint(note, trusted).checkpoint
        size = checkpoint.size
        listed = await client.log.ListEntries(log_pb.ListEntriesRequest(page_size=1_000))
        assert [row.index for row in listed.entries] == list(range(listed.size))
        assert listed.size >= size
        beyond = await client.log.ListEntries(log_pb.ListEntriesRequest(start_index=2**53 - 1))
        assert not beyond.entries
        two = await client.log.ListEntries(log_pb.ListEntriesRequest(start_index=3, page_size=2))
        assert [row.index for row in two.entries] == [3, 4]

        proved = await client.log.GetInclusionProof(log_pb.GetInclusionProofRequest(index=5))
        assert proved.entry == listed.entries[5].entry
        TlogProof.parse(proved.proof).verify(entry_hash(proved.entry), trusted)
        beyond_log = log_pb.GetInclusionProofRequest(index=2**52)
        refused = await failure(client.log.GetInclusionProof(beyond_log))
        assert (refused.status, refused.code) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "NOT_PUBLISHED",
        )
        assert refused.retry_after == 1

        grown = await client.log.GetConsistencyProof(log_pb.GetConsistencyProofRequest(old_size=3))
        newest = open_checkpoint(grown.checkpoint, trusted).checkpoint
        old_root = root([leaf_hash(row.entry) for row in listed.entries[:3]])
        verify_consistency(3, old_root, newest.size, newest.root, grown.path)
        backwards = log_pb.GetConsistencyProofRequest(old_size=9, new_size=3)
        assert (await failure(client.log.GetConsistencyProof(backwards))).code == "INVALID_REQUEST"

        head = await client.log.GetHeadProof(log_pb.GetHeadProofRequest(map_key=bytes(32)))
        assert isinstance(read_head_proof(head.head_proof), AbsenceProof | HeadProof)

    run(tmp_path, scene)
