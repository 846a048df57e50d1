"""A name was typed wrongly: corrected, recorded, the certificate replaced, both checked offline.

By the command line and the SDK against a ledger as its operator runs it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from clients.sdk import Circumstances, Correction, Emitter, Ledger
from clients.sdk.channel import open_channel
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1.certificate_service_pb2 import (
    VerifyCertificateRequest,
    VerifyCertificateResponse,
)
from ledger.api.v1.certificate_service_pb2_grpc import CertificateServiceStub
from ledger.commands.synthetic import REGION
from ledger.log.identifiers import enrolment_id
from tests.server_process import Finished, Served, served_world, tledger, wait_until
from tests.unit.application.town import POLICY, POLICY_DIGEST, Member, Town
from tests.world import SCHOOL_CODE

WRONG, RIGHT = "王小民", "王晓明"
# Region 320599 is not assigned; the check digit is right.
ID_NUMBER = "32059919900101002X"
STAFF, OTHER_STAFF = uuid4(), uuid4()


@dataclass
class Office:
    """A school's and a bureau's desk beside a served ledger, and a trained learner.

    Attributes:
        served: The ledger.
        folder: Where certificate files go.
        cohort: The learner's cohort.
        person: The school's reference for the learner.
        enrolled: Id of the event that enrolled the learner.
    """

    served: Served
    folder: Path
    cohort: UUID
    person: UUID
    enrolled: UUID

    @property
    def enrolment(self) -> str:
        return str(enrolment_id(self.cohort, self.person))

    def school(self, *arguments: str) -> Finished:
        return tledger(*arguments, "--identity", str(self.served.world.school_folder))

    def bureau(self, *arguments: str) -> Finished:
        return tledger(*arguments, "--identity", str(self.served.home.folder / "bureau"))

    def file(self, number: str) -> Path:
        return self.folder / f"{number}.json"

    def verified(self, number: str) -> tuple[int, dict[str, Any]]:
        """The verdict on a file with the newest status beside it, with no ledger."""
        pulled = self.school("status", "pull", str(self.file(number)), "--wait")
        assert pulled.code == 0, pulled.err
        trust = self.served.world.school_folder / "trust.json"
        found = tledger("verify", str(self.file(number)), "--trust", str(trust), "--json")
        return found.code, json.loads(found.out)

    def served_verdict(self, number: str) -> VerifyCertificateResponse:
        """The server's own verdict on a file."""
        with open_channel(self.served.world.school) as channel:
            request = VerifyCertificateRequest(credential=self.file(number).read_bytes())
            answer: VerifyCertificateResponse = CertificateServiceStub(channel).VerifyCertificate(
                request, timeout=60
            )
        return answer

    def shown(self, number: str, state: str) -> dict[str, Any]:
        """The register's view, once it has seen a state."""
        last: list[dict[str, Any]] = []

        def seen() -> bool:
            found = self.bureau("certificate", "show", number, "--json")
            last[:] = [json.loads(found.out)] if found.code == 0 else []
            return bool(last) and last[0]["state"] == state

        wait_until(seen, f"{number} is {state}", lambda: str(last))
        return last[0]


def done(finished: Finished) -> dict[str, Any]:
    assert finished.code == 0, finished.out + finished.err
    found: dict[str, Any] = json.loads(finished.out)
    return found


@contextmanager
def trained_under_a_wrong_name(tmp_path: Path) -> Iterator[Office]:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1, learners=1) as served:
        served.server.start()
        served.server.wait_ready()
        world = served.world
        (tmp_path / "number.txt").write_text(ID_NUMBER, "utf-8")
        known = done(
            tledger(
                *("person", "register", "--name", WRONG, "--json"),
                *("--id-file", str(tmp_path / "number.txt")),
                *("--identity", str(world.school_folder)),
            )
        )
        person, cohort = UUID(known["person_ref"]), uuid4()
        with Ledger.open(world.bureau) as bureau:
            adopted = Emitter(world.bureau, synthetic=True).policy_adopted(document=POLICY)
            bureau.accepted([adopted])
        office = Emitter(world.school, synthetic=True)
        plan = office.cohort_planned(
            cohort=cohort,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY_DIGEST,
            capacity=1,
            first_day=date(2026, 2, 25),
            last_day=date(2026, 3, 2),
            number="TEST-2026-0009",
        )
        enrolled = office.learner_enrolled(
            cohort=cohort,
            person_ref=person,
            identity_commitment=bytes.fromhex(known["identity_commitment"]),
            basis="LOCAL-EMPLOYMENT",
        )
        kind = pb.PARTY_KIND_INSTITUTION
        member = Member(kind, REGION, SCHOOL_CODE, world.school.key, office)
        course = Town().whole_course(cohort, [person], of=member)
        with Ledger.open(world.school) as school:
            opened = office.cohort_opened(cohort=cohort, enrolled=1)
            accepted = school.accepted([plan, enrolled, opened, *course])
            assert {each.held for each in accepted} == {""}
        folder = tmp_path / "certificates"
        yield Office(served, folder, cohort, person, enrolled.event_id)
        served.server.stop()


def record_correction(office: Office, commitment: str) -> None:
    """The school states with two persons whom the enrolment is of."""
    identity = office.served.world.school
    event = Emitter(identity, synthetic=True).record_corrected(
        cohort=office.cohort,
        person_ref=office.person,
        target=office.enrolled,
        correction=Correction.identity(bytes.fromhex(commitment)),
        reason="NAME-TYPED-WRONG",
        evidence_digest=sha256(b"scan of the ID card").digest(),
        how=Circumstances(entered_by=STAFF, approved_by=OTHER_STAFF),
    )
    with Ledger.open(identity) as school:
        (accepted,) = school.accepted([event])
    assert accepted.held == ""


def masked_name(file: Path) -> str:
    subject = json.loads(file.read_bytes())["credentialSubject"]
    (name,) = [each for each in subject["identifier"] if each["identityType"] == "name"]
    return str(name["identityHash"])


def test_a_name_typed_wrongly_is_corrected_and_the_certificate_replaced(tmp_path: Path) -> None:
    with trained_under_a_wrong_name(tmp_path) as office:
        folder = ("--out", str(office.folder))
        old = done(office.school("certificate", "issue", office.enrolment, *folder, "--json"))
        first = old["number"]
        assert masked_name(office.file(first)) == "王*民"
        assert office.verified(first)[0] == 0

        person = str(office.person)
        again = ("person", "register", "--name", RIGHT, "--json")
        refused = office.school(*again, "--id-file", str(tmp_path / "number.txt"))
        assert (refused.code, "PERSON_NAME_DIFFERS" in refused.err) == (1, True)
        corrected = done(office.school("person", "correct", person, "--name", RIGHT, "--json"))
        assert corrected["person_ref"] == person

        supersede = (
            *("certificate", "supersede", first, "--enrolment", office.enrolment),
            *("--reason", "NAME-CORRECTED", *folder, "--yes", "--json"),
        )
        early = office.school(*supersede)
        assert (early.code, "IDENTITY_DIFFERS" in early.err) == (1, True)
        record_correction(office, corrected["identity_commitment"])
        new = done(office.school(*supersede))
        second = new["number"]
        assert new["supersedes"] == first != second
        assert masked_name(office.file(second)) == "王*明"

        code, verdict = office.verified(first)
        assert (code, verdict["verdict"], verdict["sub_state"]) == (1, "not_valid", "superseded")
        assert verdict["verdict_zh"] == "无效：已换发"
        status = next(each for each in verdict["checks"] if each["name"] == "status")
        assert f"换发为 {second}" in status["detail_zh"]
        assert verdict["successor"] == second
        served = office.served_verdict(first)
        assert (served.verdict, served.sub_state, served.successor) == (
            "not_valid",
            "superseded",
            second,
        )
        code, verdict = office.verified(second)
        assert (code, verdict["verdict"], verdict["successor"]) == (0, "valid", None)
        served = office.served_verdict(second)
        assert (served.verdict, served.sub_state, served.successor) == ("valid", "", "")

        shown = office.shown(first, "superseded")
        assert (shown["successor"], shown["superseding_reason"]) == (second, "NAME-CORRECTED")
        assert office.shown(second, "valid")["supersedes"] == first


def test_a_bureau_suspends_reinstates_and_links_and_the_school_cannot(tmp_path: Path) -> None:
    with trained_under_a_wrong_name(tmp_path) as office:
        folder = ("--out", str(office.folder), "--json")
        number = done(office.school("certificate", "issue", office.enrolment, *folder))["number"]
        suspend = ("certificate", "suspend", number, "--reason", "COMPLAINT", "--json")
        own = office.school(*suspend)
        assert (own.code, "NOT_YOURS_TO_WRITE" in own.err) == (1, True)
        done(office.bureau(*suspend))
        code, verdict = office.verified(number)
        assert (code, verdict["verdict_zh"]) == (1, "无效：已暂停")
        assert office.shown(number, "suspended")["suspension_reason"] == "COMPLAINT"
        replaced = office.school(
            *("certificate", "supersede", number, "--enrolment", office.enrolment),
            *("--reason", "NAME-CORRECTED", "--yes", "--json"),
        )
        assert (replaced.code, "CERTIFICATE_SUSPENDED" in replaced.err) == (1, True)
        done(office.bureau("certificate", "reinstate", number, "--reason", "CLEARED", "--json"))
        assert office.verified(number)[0] == 0

        (tmp_path / "official.txt").write_text(f"T{ID_NUMBER}", "utf-8")
        link = (
            *("certificate", "link", number, "--number-file", str(tmp_path / "official.txt")),
            *("--first-issued", "2026-06-01", "--review-due", "2029-05-31"),
            *("--valid-to", "2032-05-31", "--json"),
        )
        assert "PERMISSION_DENIED" in office.school(*link).err
        done(office.bureau(*link))
        assert office.verified(number)[0] == 0
        wait_until(
            lambda: bool(office.shown(number, "valid").get("official")), "the link is in view"
        )
        official = office.shown(number, "valid")["official"]
        assert (official["first_issued"], official["valid_to"]) == (20260601, 20320531)
        history = office.bureau("certificate", "history", number, "--json")
        types = [row["type"] for row in done(history)["entries"] if row["kind"] == "certificate"]
        assert types == [
            "TrainingCertificateIssued",
            "TrainingCertificateSuspended",
            "TrainingCertificateReinstated",
            "OperationCertificateLinked",
        ]
