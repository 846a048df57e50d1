"""A cohort's past through `tledger serve` and the command line, on an SQLite file.

One session of 8:30 to 12:00 with 30 minutes of breaks is 180 minutes: 4 hours of 45. The first
learner signs in at the terminal; the second stands on a paper roll that comes in afterwards.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent, Circumstances, Emitter, Ledger, all_accepted
from ledger.api.v1 import events_pb2 as pb
from tests.server_process import Served, served_world, tledger, wait_until

SHANGHAI = timezone(timedelta(hours=8))
MORNING = datetime(2026, 3, 16, 8, 30, tzinfo=SHANGHAI)
NOON = MORNING.replace(hour=12, minute=0)
CARD = pb.PRESENCE_METHOD_ID_CARD


def lesson(office: Emitter, cohort: UUID, session: UUID, learner: UUID) -> list[CapturedEvent]:
    begins, ends = Circumstances(occurred=MORNING), Circumstances(occurred=NOON)
    of = {"cohort": cohort, "session": session}
    at = {**of, "person_ref": learner, "method": CARD}
    made: Any = office
    return [
        made.session_scheduled(
            **of,
            start=MORNING,
            end=NOON,
            component=pb.HOUR_COMPONENT_THEORY_OFFLINE,
            room="R-201",
            teacher=uuid4(),
            how=begins,
        ),
        made.session_started(**of, present=2, how=begins),
        made.learner_signed_in(**at, how=begins),
        made.session_ended(**of, break_minutes=30, how=ends),
        made.learner_signed_out(**at, how=ends),
    ]


def paper_roll(office: Emitter, cohort: UUID, session: UUID, learner: UUID) -> list[CapturedEvent]:
    def typed_in(occurred: datetime) -> Circumstances:
        return Circumstances(
            occurred=occurred,
            record_origin=pb.RECORD_ORIGIN_TRANSCRIBED_PAPER,
            source_digest=bytes(range(32)),
            entered_by=uuid4(),
            approved_by=uuid4(),
        )

    at = {"cohort": cohort, "session": session, "person_ref": learner, "method": CARD}
    made: Any = office
    return [
        made.learner_signed_in(**at, how=typed_in(MORNING)),
        made.learner_signed_out(**at, how=typed_in(NOON)),
    ]


class Asked:
    """The command line with the institution's identity."""

    def __init__(self, served: Served) -> None:
        self._identity = str(served.world.school_folder)
        self._cohort = str(served.classrooms[0].cohort)

    def text(self, command: str, *options: str) -> str:
        done = tledger("cohort", command, self._cohort, *options, "--identity", self._identity)
        assert done.code == 0, done.err
        return done.out

    def documents(self, command: str, *options: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(command, *options, "--json").splitlines()]

    def theory(self, learners: Sequence[UUID], *options: str) -> list[int]:
        """Hours of classroom theory of these learners."""
        (file,) = self.documents("file", *options)
        found = {
            row["person_ref"]: hours["credited"]
            for row in file["learners"]
            for hours in row["hours"]
            if hours["component"] == "THEORY_OFFLINE"
        }
        return [found[str(learner)] for learner in learners]


def test_a_late_paper_roll_as_the_command_line_shows_it(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with served_world(tmp_path, database, cohorts=1, learners=2) as served:
        served.server.start()
        served.server.wait_ready()
        (room,) = served.classrooms
        first, second = room.learners
        office, session = Emitter(served.world.school, synthetic=True), uuid4()
        identity = ("--identity", str(served.world.school_folder))
        wait_until(lambda: tledger("log", "checkpoint", *identity).code == 0, "a checkpoint")
        with Ledger.open(served.world.school) as ledger:
            taught = ledger.append(lesson(office, room.cohort, session, first))
            size = all_accepted(taught)[-1].index + 1
            all_accepted(ledger.append(paper_roll(office, room.cohort, session, second)))
        asked = Asked(served)
        both = (first, second)

        wait_until(lambda: asked.theory(both) == [4, 4], "the read models have it")
        assert asked.theory(both, "--as-of-index", str(size)) == [4, 0]
        steps = asked.documents("replay")
        before = steps[-3]["event"]
        assert before["index"] == size - 1
        moment = datetime.fromtimestamp(0, SHANGHAI) + timedelta(microseconds=before["recorded_us"])
        known_then = ("--as-known-on", moment.isoformat())
        assert asked.theory(both, *known_then) == [4, 0]
        # The cohort was planned when this test began: teaching had happened before, by the papers.
        happened = ("--as-happened-by", datetime.now(SHANGHAI).isoformat())
        assert asked.theory(both, *happened) == [4, 4]
        assert asked.theory(both, *happened, *known_then) == [4, 0]
        (early,) = asked.documents("show", "--as-happened-by", "2026-03-16")
        assert (early["state"], early["enrolled"]) == ("unplanned", 0)

        changed = [(step["event"]["index"], step["hours"]) for step in steps if step["hours"]]
        assert [index for index, _ in changed] == [size - 1, steps[-1]["event"]["index"]]
        assert [hours[0]["person_ref"] for _, hours in changed] == [str(first), str(second)]
        assert [hours[0]["hours_after"] for _, hours in changed] == [4, 4]
        assert "4 h (0→180 min)" in asked.text("replay", "--lang", "en")

        (apart,) = asked.documents("diff", str(size))
        assert [row["transcribed"] and row["late"] for row in apart["events"]] == [True, True]
        assert [(row["hours_before"], row["hours_after"]) for row in apart["hours"]] == [(0, 4)]
        nothing = asked.text("diff", moment.isoformat(), f"recorded:{moment.isoformat()}")
        assert "没有差别" in nothing or "no difference" in nothing
        beyond = tledger(
            *("cohort", "file", str(room.cohort), "--as-of-index", str(2**40)), *identity
        )
        assert "INVALID_REQUEST" in beyond.err
        assert "1099511627776" in beyond.err
