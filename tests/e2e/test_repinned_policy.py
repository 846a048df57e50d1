"""A running cohort gets another policy: both results in the file, and the earlier figures before.

The session of 8:30 to 12:00 with 30 minutes of breaks is 180 minutes: 4 hours of 45. The policy
that the cohort was planned with asks for 148 hours, the second for 4 of theory and no practice.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.sdk import Emitter, Ledger, all_accepted
from tests.e2e.test_cohort_replay import lesson
from tests.server_process import served_world, tledger, wait_until
from tests.world import POLICY, POLICY_DIGEST

SHORT = (
    POLICY.replace(b"version = 1\n", b"version = 2\n", 1)
    .replace(b"[hours.theory]\nvalue = 88", b"[hours.theory]\nvalue = 4")
    .replace(b"[hours.practical]\nvalue = 60", b"[hours.practical]\nvalue = 0")
)
SHORT_DIGEST = sha256(SHORT).hexdigest()


def test_a_policy_pinned_in_mid_course_shows_both_results(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1, learners=1) as served:
        served.server.start()
        served.server.wait_ready()
        world, (room,) = served.world, served.classrooms
        identity = ("--identity", str(world.school_folder))

        def file(*options: str) -> tuple[dict[str, Any], dict[str, Any]]:
            """The file and its only learner."""
            found = tledger("cohort", "file", str(room.cohort), *options, "--json", *identity)
            assert found.code == 0, found.err
            document = json.loads(found.out)
            (learner,) = document["learners"]
            return document, learner

        def theory(learner: dict[str, Any]) -> list[tuple[int, int]]:
            parts = [row for row in learner["hours"] if row["component"] == "THEORY_OFFLINE"]
            return [(row["credited"], row["required"]) for row in parts]

        wait_until(lambda: tledger("log", "checkpoint", *identity).code == 0, "a checkpoint")
        office = Emitter(world.school, synthetic=True)
        (tmp_path / "short.toml").write_bytes(SHORT)
        bureau = ("--identity", str(served.home.folder / "bureau"))
        adopted = tledger("policy", "adopt", str(tmp_path / "short.toml"), *bureau)
        assert adopted.code == 0, adopted.err
        with Ledger.open(world.school) as ledger:
            taught = ledger.append(lesson(office, room.cohort, uuid4(), room.learners[0]))
            before = all_accepted(taught)[-1].index + 1
            repinned = office.cohort_policy_repinned(
                cohort=room.cohort, policy=bytes.fromhex(SHORT_DIGEST), reason="NEW-CATALOGUE"
            )
            (pinned,) = ledger.accepted([repinned])

        wait_until(lambda: len(file()[0]["pins"]) == 2, "the read models have the policy")
        now, learner = file()
        old_digest = POLICY_DIGEST.hex()
        assert [row["policy"] for row in now["pins"]] == [old_digest, SHORT_DIGEST]
        assert now["pins"][1]["index"] == pinned.index
        assert [(row["policy"], row["hours"], row["met"]) for row in learner["results"]] == [
            (old_digest, 4, False),
            (SHORT_DIGEST, 4, True),
        ]
        # In a classroom 30 % of the theory, up to whole hours: 26.4 of 88 are 27, 1.2 of 4 are 2.
        assert (theory(learner), learner["requirement_met"]) == ([(4, 2)], True)

        was, then = file("--as-of-index", str(before))
        assert [row["policy"] for row in was["pins"]] in ([], [old_digest])
        assert (theory(then), then["requirement_met"], then["results"]) == ([(4, 27)], False, [])
        steps = tledger("cohort", "replay", str(room.cohort), "--json", *identity)
        last = json.loads(steps.out.splitlines()[-1])
        assert (last["event"]["type"], last["hours"]) == ("CohortPolicyRepinned", [])
        people = tledger("cohort", "file", str(room.cohort), "--lang", "zh", *identity).out
        assert "各政策下的学时" in people
