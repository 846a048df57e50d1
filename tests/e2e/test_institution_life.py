"""The life of an institution from the command line, against a server of its own."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.sdk import Emitter, Ledger, Rejected
from ledger.api.v1 import events_pb2 as pb
from tests.server_process import Served, served_world, tledger, wait_until
from tests.world import POLICY_DIGEST, SCHOOL_CODE


def document(served: Served, *command: str) -> dict[str, Any]:
    done = tledger(*command, "--json", "--identity", str(served.world.school_folder))
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_suspension_stops_recruitment_and_the_command_line_shows_why(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1, learners=1) as served:
        served.server.start()
        served.server.wait_ready()
        world, staff, cohort = served.world, uuid4(), uuid4()
        office = Emitter(world.school, synthetic=True)
        teacher = office.staff_appointed(
            staff=staff,
            role=pb.STAFF_ROLE_FULL_TIME_TEACHER,
            identity_commitment=bytes(32),
            subject="2010-1.2",
            from_day=date(2026, 1, 1),
        )
        plan = office.cohort_planned(
            cohort=cohort,
            trade="2010-1.2",
            trade_name="低压电工作业",
            policy=POLICY_DIGEST,
            capacity=30,
            first_day=date(2026, 5, 4),
            last_day=date(2026, 6, 4),
            number="TEST-2026-77",
        )
        with Ledger.open(world.bureau) as bureau:
            bureau.log.checkpoint()  # a new log has its first one a moment after it starts
            suspension = Emitter(world.bureau, synthetic=True).recruitment_suspended(
                institution=world.school.party, decision_number="2026-7", reason="OFF-SYLLABUS"
            )
            bureau.accepted([suspension])
        with Ledger.open(world.school) as school:
            (refused,) = school.append([plan])
            assert isinstance(refused, Rejected)
            assert refused.code == "RECRUITMENT_SUSPENDED"
            room = world.classrooms[0]
            running = office.session_started(cohort=room.cohort, session=uuid4(), present=1)
            hired, taught = school.accepted([teacher, running])
            assert (hired.held, taught.held) == ("", "")

            def seen() -> bool:
                return any(row.staff == str(staff) for row in school.registers.staff())

            wait_until(seen, "the read models show the teacher")
        shown = document(served, "institution", "show", SCHOOL_CODE)
        assert (shown["standing"], shown["scope"]) == ("suspended", ["2010-1.2"])
        assert [each["decision_number"] for each in shown["decisions"]] == ["", "2026-7"]
        file = document(served, "staff", "show", str(staff))
        assert (file["staff"]["role"], file["staff"]["state"]) == (
            "FULL_TIME_TEACHER",
            "appointed",
        )
        listed = tledger("staff", "list", "--identity", str(world.school_folder), "--lang", "zh")
        assert "专职教师" in listed.out
        assert str(staff) in listed.out
        people = tledger(
            "institution",
            "show",
            SCHOOL_CODE,
            "--identity",
            str(world.school_folder),
            "--lang",
            "zh",
        )
        assert "暂停招生" in people.out
        assert "OFF-SYLLABUS" in people.out
