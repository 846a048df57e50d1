"""Who gets what over the wire: one row for every method, one column for every kind of caller."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import certificate_service_pb2 as certificate_pb
from ledger.api.v1 import cohort_service_pb2 as cohort_pb
from ledger.api.v1 import events_pb2 as events_pb
from ledger.api.v1 import institution_service_pb2 as institution_pb
from ledger.api.v1 import key_service_pb2 as key_pb
from ledger.api.v1 import log_service_pb2 as log_pb
from ledger.api.v1 import person_service_pb2 as person_pb
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.api.v1 import supervision_service_pb2 as supervision_pb
from ledger.log.identifiers import enrolment_id
from tests.integration.served_failures import failure
from tests.integration.served_ledger import (
    Client,
    ServedLedger,
    outcomes,
    serving,
)
from tests.integration.trained_learners import identity, issue, trained
from tests.unit.application.town import START, Member, batch

CALLERS: Final = (
    "school", "other", "platform", "examiners", "bureau", "district", "stranger", "operator"
)  # fmt: skip
ALL: Final = frozenset(CALLERS)
OWN: Final = frozenset({"school", "bureau"})
NAMED: Final = frozenset({"school", "platform", "examiners", "bureau"})
SCHOOL: Final = frozenset({"school"})
INSTITUTIONS: Final = frozenset({"school", "other"})
NOBODY: Final = frozenset[str]()
PERSON: Final = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
NUMBER: Final = "PXZM-320599-2026-0000-0000-0000-0"


@dataclass(frozen=True)
class Row:
    """A method.

    Attributes:
        call: Makes the call; returns whether it showed anything.
        served: Who gets an answer that shows something.
        code: What the others are told, empty when they get an answer that shows nothing.
    """

    call: Callable[[Client, "Scene"], Awaitable[bool]]
    served: frozenset[str]
    code: str = "NOT_FOUND"


@dataclass
class Scene:
    """A ledger with two cohorts of the school's, and ids.

    The first has a session and a held event. In the second a certificate was issued to a person
    whom the school registered.
    """

    ledger: ServedLedger
    cohort: UUID
    enrolment: UUID
    event: UUID
    person: UUID


def unary(
    service: str, method: str, request: Callable[[Scene], Any], shows: str
) -> Callable[[Client, Scene], Awaitable[bool]]:
    """A call of a unary method, which shows something when a field of its answer is set."""

    async def call(client: Client, scene: Scene) -> bool:
        answer = await getattr(getattr(client, service), method)(request(scene), timeout=60)
        return bool(getattr(answer, shows))

    return call


async def watch(client: Client, scene: Scene) -> bool:
    """Whether the first event that a caller sees from the plan on is the cohort's."""
    stream = client.recording.Watch(pb.WatchRequest(cohort=str(scene.cohort)))
    try:
        return bool((await stream.read()).event)
    finally:
        stream.cancel()


async def record_events(client: Client, scene: Scene) -> bool:
    _, plan = scene.ledger.town.cohort()
    request = pb.RecordEventsRequest(batches=[batch(scene.ledger.town.school.key, [plan])])
    stream = client.recording.RecordEvents(iter([request]))
    return outcomes((await stream.read()).results) == [""]


def plan_request(scene: Scene) -> pb.AppendEventsRequest:
    town = scene.ledger.town
    return pb.AppendEventsRequest(batches=[batch(town.school.key, [town.cohort()[1]])])


def plan_batch(scene: Scene) -> pb.Batch:
    """A batch with an event that is neither an issue nor a revocation."""
    return plan_request(scene).batches[0]


ROWS: Final = {
    "RecordingService.AppendEvents": Row(
        unary("recording", "AppendEvents", plan_request, "acknowledgement"), ALL
    ),
    "RecordingService.RecordEvents": Row(record_events, ALL),
    "RecordingService.GetReceipt": Row(
        unary(
            "recording",
            "GetReceipt",
            lambda scene: pb.GetReceiptRequest(event_id=str(scene.event), wait=True),
            "proof",
        ),
        ALL,
    ),
    "RecordingService.ListHeld": Row(
        unary(
            "recording",
            "ListHeld",
            lambda scene: pb.ListHeldRequest(cohort=str(scene.cohort)),
            "events",
        ),
        NAMED,
    ),
    "RecordingService.Watch": Row(watch, NAMED),
    "CohortService.GetCohort": Row(
        unary(
            "cohorts",
            "GetCohort",
            lambda scene: cohort_pb.GetCohortRequest(cohort=str(scene.cohort)),
            "cohort",
        ),
        NAMED,
    ),
    "CohortService.ListCohorts": Row(
        unary("cohorts", "ListCohorts", lambda _: cohort_pb.ListCohortsRequest(), "cohorts"),
        NAMED,
        "",
    ),
    "CohortService.GetCohortFile": Row(
        unary(
            "cohorts",
            "GetCohortFile",
            lambda scene: cohort_pb.GetCohortFileRequest(cohort=str(scene.cohort)),
            "learners",
        ),
        NAMED,
    ),
    "CohortService.ReplayCohort": Row(
        unary(
            "cohorts",
            "ReplayCohort",
            lambda scene: cohort_pb.ReplayCohortRequest(cohort=str(scene.cohort)),
            "steps",
        ),
        NAMED,
    ),
    "CohortService.DiffCohort": Row(
        unary(
            "cohorts",
            "DiffCohort",
            lambda scene: cohort_pb.DiffCohortRequest(cohort=str(scene.cohort)),
            "events",
        ),
        NAMED,
    ),
    # The rules refuse a certificate without hours: whoever hears that is told of the learner.
    "CertificateService.PrepareCertificate": Row(
        unary(
            "certificates",
            "PrepareCertificate",
            lambda scene: certificate_pb.PrepareCertificateRequest(enrolment=str(scene.enrolment)),
            "core",
        ),
        NOBODY,
        "HOURS_SHORT NOT_FOUND PERMISSION_DENIED",
    ),
    "CertificateService.IssueCertificate": Row(
        unary(
            "certificates",
            "IssueCertificate",
            lambda scene: certificate_pb.IssueCertificateRequest(batch=plan_batch(scene)),
            "result",
        ),
        NOBODY,
        "INVALID_REQUEST",
    ),
    "CertificateService.SupersedeCertificate": Row(
        unary(
            "certificates",
            "SupersedeCertificate",
            lambda scene: certificate_pb.SupersedeCertificateRequest(batch=plan_batch(scene)),
            "results",
        ),
        NOBODY,
        "INVALID_REQUEST",
    ),
    "CertificateService.RevokeCertificate": Row(
        unary(
            "certificates",
            "RevokeCertificate",
            lambda scene: certificate_pb.RevokeCertificateRequest(batch=plan_batch(scene)),
            "result",
        ),
        NOBODY,
        "INVALID_REQUEST",
    ),
    "CertificateService.AttachCredential": Row(
        unary(
            "certificates",
            "AttachCredential",
            lambda _: certificate_pb.AttachCredentialRequest(number=NUMBER, credential=b"{}"),
            "digest",
        ),
        NOBODY,
        "NOT_FOUND PERMISSION_DENIED",
    ),
    "CertificateService.GetCertificate": Row(
        unary(
            "certificates",
            "GetCertificate",
            lambda _: certificate_pb.GetCertificateRequest(number=NUMBER),
            "certificate",
        ),
        NOBODY,
    ),
    "CertificateService.ListCertificates": Row(
        unary(
            "certificates",
            "ListCertificates",
            lambda _: certificate_pb.ListCertificatesRequest(),
            "certificates",
        ),
        OWN,
        "",
    ),
    "CertificateService.GetHistory": Row(
        unary(
            "certificates",
            "GetHistory",
            lambda _: certificate_pb.GetHistoryRequest(number=NUMBER),
            "history_proof",
        ),
        NOBODY,
    ),
    "CertificateService.VerifyCertificate": Row(
        unary(
            "certificates",
            "VerifyCertificate",
            lambda _: certificate_pb.VerifyCertificateRequest(credential=b"{}"),
            "verdict",
        ),
        ALL,
    ),
    "PersonService.RegisterPerson": Row(
        unary(
            "persons",
            "RegisterPerson",
            lambda _: person_pb.RegisterPersonRequest(
                id_type=person_pb.ID_TYPE_RESIDENT_ID_CARD,
                id_number="32059919900101002X",
                name="王小明",
            ),
            "person_ref",
        ),
        INSTITUTIONS,
        "PERMISSION_DENIED",
    ),
    "PersonService.CorrectPerson": Row(
        unary(
            "persons",
            "CorrectPerson",
            lambda _: person_pb.CorrectPersonRequest(
                person_ref="3f2504e0-4f89-41d3-9a0c-0305e82c3301", name="王晓明"
            ),
            "identity_commitment",
        ),
        NOBODY,
        "NOT_FOUND PERMISSION_DENIED",
    ),
    "PersonService.GetLearnerHistory": Row(
        unary(
            "persons",
            "GetLearnerHistory",
            lambda scene: person_pb.GetLearnerHistoryRequest(person_ref=str(scene.person)),
            "enrolments",
        ),
        SCHOOL,
        "NOT_FOUND PERMISSION_DENIED",
    ),
    "PersonService.CommitOfficialNumber": Row(
        unary(
            "persons",
            "CommitOfficialNumber",
            lambda _: person_pb.CommitOfficialNumberRequest(
                number=NUMBER, official_number="T32059919900101002X"
            ),
            "number_commitment",
        ),
        NOBODY,
        "NOT_FOUND PERMISSION_DENIED",
    ),
    "InstitutionService.GetInstitution": Row(
        unary(
            "institutions",
            "GetInstitution",
            lambda scene: institution_pb.GetInstitutionRequest(
                institution=str(scene.ledger.town.school.party)
            ),
            "institution",
        ),
        ALL,
    ),
    "InstitutionService.ListInstitutions": Row(
        unary(
            "institutions",
            "ListInstitutions",
            lambda _: institution_pb.ListInstitutionsRequest(area="32"),
            "institutions",
        ),
        ALL,
    ),
    "KeyService.GetKey": Row(
        unary(
            "keys",
            "GetKey",
            lambda scene: key_pb.GetKeyRequest(key_id=scene.ledger.town.school.key_id),
            "key",
        ),
        ALL,
    ),
    "KeyService.ListKeys": Row(
        unary(
            "keys",
            "ListKeys",
            lambda scene: key_pb.ListKeysRequest(institution=str(scene.ledger.town.school.party)),
            "keys",
        ),
        ALL,
    ),
    "SupervisionService.ListSessions": Row(
        unary(
            "supervision",
            "ListSessions",
            lambda _: supervision_pb.ListSessionsRequest(day=20260302),
            "sessions",
        ),
        OWN,
        "",
    ),
    "SupervisionService.ListIrregular": Row(
        unary(
            "supervision",
            "ListIrregular",
            lambda _: supervision_pb.ListIrregularRequest(),
            "records",
        ),
        OWN,
        "",
    ),
    # Behind RegisterPerson, by which both institutions know the person when the bureau asks.
    "SupervisionService.Trace": Row(
        unary(
            "supervision",
            "Trace",
            lambda _: supervision_pb.TraceRequest(
                case_number="2026-17",
                person=person_pb.RegisterPersonRequest(
                    id_type=person_pb.ID_TYPE_RESIDENT_ID_CARD,
                    id_number="32059919900101002X",
                    name="王小明",
                ),
            ),
            "references",
        ),
        INSTITUTIONS | {"bureau"},
    ),
    "LogService.GetCheckpoint": Row(
        unary("log", "GetCheckpoint", lambda _: log_pb.GetCheckpointRequest(), "checkpoint"), ALL
    ),
    "LogService.GetInclusionProof": Row(
        unary(
            "log", "GetInclusionProof", lambda _: log_pb.GetInclusionProofRequest(index=0), "proof"
        ),
        ALL,
    ),
    "LogService.GetConsistencyProof": Row(
        unary(
            "log",
            "GetConsistencyProof",
            lambda _: log_pb.GetConsistencyProofRequest(old_size=1),
            "path",
        ),
        ALL,
    ),
    "LogService.ListEntries": Row(
        unary("log", "ListEntries", lambda _: log_pb.ListEntriesRequest(), "entries"), ALL
    ),
    "LogService.GetHeadProof": Row(
        unary(
            "log", "GetHeadProof", lambda _: log_pb.GetHeadProofRequest(map_key=bytes(32)), "proof"
        ),
        ALL,
    ),
}


def test_every_method_of_the_contract_has_a_row() -> None:
    modules = (
        pb, cohort_pb, certificate_pb, person_pb, institution_pb, key_pb, log_pb, supervision_pb
    )  # fmt: skip
    methods = {
        f"{service.name}.{method.name}"
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert ROWS.keys() == methods


def test_everyone_gets_what_is_theirs_and_nothing_else(tmp_path: Path) -> None:
    async def whole() -> dict[str, dict[str, str]]:
        async with serving(tmp_path) as ledger:
            scene = await prepared(ledger)
            found: dict[str, dict[str, str]] = {}
            for name in CALLERS:
                client = await ledger.client(member(ledger, name))
                for method, row in ROWS.items():
                    found.setdefault(method, {})[name] = await outcome(row, client, scene)
            return found

    found = asyncio.run(whole())
    for method, row in ROWS.items():
        served = {name for name, answer in found[method].items() if answer == "shown"}
        assert served == row.served, method
        refused = {answer for answer in found[method].values() if answer != "shown"}
        if refused:
            assert refused == set(row.code.split() or ["nothing"]), method


def test_what_is_hidden_and_what_is_not_there_are_told_in_the_same_words(tmp_path: Path) -> None:
    async def whole() -> None:
        async with serving(tmp_path) as ledger:
            scene = await prepared(ledger)
            other = await ledger.client(ledger.town.other)
            answers = []
            for cohort in (scene.cohort, uuid4()):
                request = cohort_pb.GetCohortRequest(cohort=str(cohort))
                answers.append(await failure(other.cohorts.GetCohort(request, timeout=60)))
            assert answers[0] == answers[1]
            theirs = cohort_pb.ListCohortsRequest(institution=str(ledger.town.school.party))
            listed = await other.cohorts.ListCohorts(theirs, timeout=60)
            assert (len(listed.cohorts), listed.next_page_token) == (0, "")

    asyncio.run(whole())


async def prepared(ledger: ServedLedger) -> Scene:
    town = ledger.town
    school = await ledger.client(town.school)
    cohort, plan = town.cohort()
    enrolment = town.enrolment(cohort, PERSON)
    timetable, *_ = town.lesson_day(cohort, [], events_pb.HOUR_COMPONENT_PRACTICAL, START)
    events = [plan, enrolment, timetable, town.sign_in(cohort, uuid4())]
    answer = await school.append(town.school, *events)
    assert outcomes(answer.results) == ["", "", "", "ENROLMENT_NOT_OPEN"]
    home, person = await trained(ledger)
    await asyncio.to_thread(issue, identity(ledger, town.school), enrolment_id(home, person))
    await ledger.follow()
    await ledger.publication_of(plan.event_id)
    return Scene(ledger, cohort, enrolment.stream, plan.event_id, person)


def member(ledger: ServedLedger, name: str) -> Member | None:
    """A member by its name; the stranger has a certificate and is not registered."""
    if name == "operator":
        return None
    if name == "stranger":
        town = ledger.town
        known = town.other
        return Member(known.kind, "320599", "91320599MA0STRANGE", Ed25519PrivateKey.generate(),
                      known.emitter)  # fmt: skip
    found: Member = getattr(ledger.town, name)
    return found


async def outcome(row: Row, client: Client, scene: Scene) -> str:
    """`shown`, `nothing`, or the code of the refusal."""
    try:
        return "shown" if await row.call(client, scene) else "nothing"
    except grpc.aio.AioRpcError:
        return (await failure(row.call(client, scene))).code
