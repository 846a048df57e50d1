"""Two independent reckonings of the same year: truth from reality, the domain from the events.

No server: the events are read back as records and handed to the domain's evaluators, once in the
order of recording and once as offline terminals deliver.
"""

import json
from pathlib import Path
from uuid import UUID

import pytest

from clients.sdk import Identity
from clients.simulator.programmes import PROGRAMMES, policy_document
from clients.simulator.simulation import write_files
from clients.simulator.town import Size
from ledger.domain.policies import parse_policy
from ledger.domain.requirement import evaluate_requirement
from tests.unit.clients.simulator.town_records import read_records

POLICIES = {each.trade: parse_policy(policy_document(each)) for each in PROGRAMMES}


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize(
    "size",
    [Size(seed=1, cohorts=2, learners=8), Size(seed=11, cohorts=8, learners=7, institutions=3)],
)
def test_the_domain_credits_what_is_due(
    size: Size, mixed: bool, identity: Identity, tmp_path: Path
) -> None:
    write_files(size, identity, tmp_path, mixed=mixed)
    streams = read_records(tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    cohorts = {row["code"]: UUID(row["cohort"]).bytes for row in truth["cohorts"]}
    learners = 0
    for cohort in truth["cohorts"]:
        for learner in cohort["learners"]:
            learners += 1
            hosts = {cohort["code"], *(code[:3] for code in learner["sessions"])}
            classes = [event for code in hosts for event in streams[cohorts[code]]]
            own = streams[UUID(learner["enrolment"]).bytes]
            found = evaluate_requirement(classes, own, POLICIES[cohort["trade"]])
            parts = {part.component.name.lower(): part for part in found.hours.components}
            # Credits are carried over in a ledger alone: files cannot name its index.
            due = {
                name: hours - learner["carried"][name] for name, hours in learner["hours"].items()
            }
            assert {name: part.hours for name, part in parts.items()} == due, learner["code"]
            minutes = {name: part.minutes for name, part in parts.items()}
            assert minutes == learner["minutes"], learner["code"]
            assert len(found.hours.open_sign_ins) == learner["open_sign_ins"]
            assert (found.test_hundredths or 0) == learner["course_test"]
            if not any(learner["carried"].values()):
                codes = sorted(refusal.code for refusal in found.refusals)
                assert codes == refusals_due(truth, learner["code"])
    assert learners >= 10


def refusals_due(truth: dict[str, list[dict[str, str]]], learner: str) -> list[str]:
    rows = (row for row in truth["refusals"] if row["decision"] == "certificate")
    return next((list(row["codes"]) for row in rows if row["subject"] == learner), [])
