"""An institution leaves in mid-course: what is taught is recorded, what was issued stays valid.

By the command line and the SDK against a ledger as its operator runs it.
"""

from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.sdk import Emitter, Ledger, Rejected
from ledger.log.identifiers import party_id
from tests.e2e.test_corrected_certificate import done, trained_under_a_wrong_name
from tests.server_process import wait_until
from tests.world import BUREAU, FIRST_DAY, LAST_DAY, ORIGIN, POLICY_DIGEST, SCHOOL_CODE

NOBODY = uuid4()


def test_a_course_ends_after_its_institution_left(tmp_path: Path) -> None:
    with trained_under_a_wrong_name(tmp_path) as office:
        served = office.served
        school, (room,) = served.world.school, served.classrooms
        issue = ("certificate", "issue", office.enrolment, "--out", str(office.folder), "--json")
        number = done(office.school(*issue))["number"]
        assert office.verified(number)[0] == 0

        keeper = party_id(ORIGIN, BUREAU.credit_code)
        emitter = Emitter(school, synthetic=True)
        leaving: dict[str, Any] = {"reason": "CLOSING-DOWN", "document_digest": bytes(range(32))}
        plan = emitter.cohort_planned(
            cohort=uuid4(),
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY_DIGEST,
            capacity=1,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            number="TEST-2026-0099",
        )
        session = uuid4()
        with Ledger.open(school) as ledger:
            ledger.accepted([emitter.exit_report_submitted(custodian=NOBODY, **leaving)])
            # The class under way goes on: from the terminal, to its end and to the course test.
            lesson = [
                emitter.session_started(cohort=room.cohort, session=session, present=1),
                emitter.session_ended(cohort=room.cohort, session=session, break_minutes=10),
                emitter.course_test_recorded(
                    cohort=room.cohort, person_ref=room.learners[0], score_hundredths=8_650
                ),
                emitter.cohort_closed(cohort=room.cohort, completed=1),
            ]
            assert {each.held for each in ledger.accepted(lesson)} == {""}
            # A new one does not begin.
            (refused,) = ledger.append([plan])
            assert isinstance(refused, Rejected)
            assert refused.code == "INSTITUTION_CLOSED"

        def custodian() -> str:
            shown = office.bureau("institution", "show", SCHOOL_CODE, "--lang", "zh")
            assert shown.code == 0, shown.err
            rows = [line for line in shown.out.splitlines() if line.startswith("档案保管")]
            return " ".join(rows[0].split()[1:]) if rows else ""

        # Whoever is to keep the archives need not be registered; then the id alone is known.
        wait_until(lambda: custodian() == str(NOBODY), "the custodian that the report names")
        with Ledger.open(served.world.bureau) as bureau:
            authority = Emitter(served.world.bureau, synthetic=True)
            transferred = authority.archive_custody_transferred(
                institution=school.party, custodian=keeper, document_digest=bytes(range(32))
            )
            bureau.accepted([transferred])
        wait_until(lambda: custodian() == f"{BUREAU.name} {keeper}", "the custodian's name")
        shown = done(office.bureau("institution", "show", SCHOOL_CODE, "--json"))
        assert (shown["standing"], shown["scope"]) == ("exited", [])
        assert shown["custodian"] == str(keeper)

        code, verdict = office.verified(number)
        assert (code, verdict["verdict"]) == (0, "valid")
        file = done(office.school("cohort", "file", str(room.cohort), "--json"))
        assert file["cohort"]["state"] == "closed"
        assert file["learners"][0]["course_test_hundredths"] == 8_650
