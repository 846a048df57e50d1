"""Every command has a stable machine output: JSON documents, ids whole, one a line."""

import json
from pathlib import Path

import pytest

from clients.cli.catalogue import COMMANDS
from ledger.log.identifiers import key_id
from tests.unit.clients.cli.command_line import documents
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.verifier.small_log import (
    COHORT,
    DEVICE,
    ENROLMENT,
    INSTITUTION,
    INSTITUTION_CODE,
    ISSUER,
    NUMBER,
    PERSON,
    spki,
)

KEY = key_id(spki(ISSUER)).hex()
# What to call each command with; {file} is a certificate, {event} a recorded event, {folder} a
# folder, {archive} one of archived documents, {csv}, {key}, {policy} and {roster} files of their
# kinds.
ARGUMENTS = {
    "append": "{lines}",
    "receipt": "{event}",
    "watch": "--limit 2",
    "simulate": "--cohorts 1 --learners 6 --out {folder}/town",
    "verify": "{file} --trust {trust}",
    "event types": "",
    "event example": "CohortOpened",
    "person register": "--name 王小明 --id-file {number}",
    "person correct": f"{PERSON} --name 王晓明",
    "person history": f"{PERSON}",
    "cohort list": f"--institution {INSTITUTION}",
    "cohort show": f"{COHORT}",
    "cohort file": f"{COHORT}",
    "cohort replay": f"{COHORT}",
    "cohort diff": f"{COHORT} 2026-03-16 happened:2026-03-16",
    "archive add": "{roster} " + f"--cohort {COHORT} --class 04-roster --place A-1",
    "archive check": "{archive} " + f"--cohort {COHORT}",
    "archive seal": f"--cohort {COHORT} --retain-until 2036-04-30",
    "certificate prepare": f"{ENROLMENT}",
    "certificate issue": NUMBER + " --out {folder}",
    "certificate list": f"--institution {INSTITUTION_CODE} --state valid --issued-to 2026-03-31",
    "certificate show": NUMBER,
    "certificate history": NUMBER,
    "certificate supersede": f"{NUMBER} --enrolment {ENROLMENT} --reason NAME-CORRECTED --yes "
    "--out {folder}",
    "certificate suspend": f"{NUMBER} --reason COMPLAINT",
    "certificate reinstate": f"{NUMBER} --reason CLEARED",
    "certificate link": f"{NUMBER} --number-file {{official}} --first-issued 2026-06-01 "
    "--review-due 2029-05-31 --valid-to 2032-05-31",
    "certificate revoke": f"{NUMBER} --reason HOLDER_REQUEST --yes",
    "session list": "--day 2026-03-16 --area 3205",
    "irregular list": f"--kind LATE --cohort {COHORT}",
    "trace": f"{NUMBER} --case 2026-17",
    "held list": f"--cohort {COHORT}",
    "institution list": "--area 3205 --standing active --trade 2010-1.2",
    "institution show": INSTITUTION_CODE,
    "institution import": "{csv}",
    "staff list": f"--institution {INSTITUTION}",
    "staff show": f"{COHORT}",
    "key list": INSTITUTION_CODE,
    "key show": KEY,
    "key register": "{key} --use DEVICE --device T-1",
    "key end": f"{KEY} --ending LOST_OR_RETIRED --yes",
    "policy adopt": "{policy}",
    "log checkpoint": "",
    "log prove": "3",
    "status pull": "{file}",
}


@pytest.fixture
def files(office: Office, tmp_path: Path) -> dict[str, str]:
    office.tledger("certificate", "issue", str(ENROLMENT), "--out", tmp_path)
    contents = {
        "lines": b"",
        "number": b"320599199001010011\n",
        "official": b"T320599199001010011\n",
        "csv": b"kind,credit_code,name,area,directory_number,public_key\n",
        "key": spki(DEVICE),
        "policy": b"format = 1\n",
        "roster": "学员\n".encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    example = office.tledger("event", "example", "SessionStarted").stdout
    (tmp_path / "lines").write_text(example, "utf-8")
    events = documents(office.tledger("append", tmp_path / "lines", "--json"))
    # A folder whose one document is in the cohort file.
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "roster.csv").write_bytes(b"learner\n")
    place = ("--cohort", str(COHORT), "--class", "04-roster", "--place", "CABINET-3")
    assert office.tledger("archive", "add", archive / "roster.csv", *place).exit_code == 0
    office.running.publish()
    return {name: str(tmp_path / name) for name in contents} | {
        "file": str(tmp_path / f"{NUMBER}.json"),
        "trust": str(office.folder / "trust.json"),
        "folder": str(tmp_path),
        "archive": str(archive),
        "event": events[0]["event_id"],
    }


def test_every_command_is_tried() -> None:
    assert set(ARGUMENTS) == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_machine_output_of_every_command_parses(
    path: str, office: Office, files: dict[str, str]
) -> None:
    args = [*path.split(), *ARGUMENTS[path].format_map(files).split()]
    result = office.tledger(*args, "--json")
    # The clock of these tests is not that of the small log: its status is too old by now.
    assert result.exit_code == (2 if path == "verify" else 0)
    found = documents(result)
    assert all(isinstance(document, dict) for document in found)
    assert found or path == "institution import"
    assert not any("…" in line or "..." in line for line in result.stdout.splitlines())
    assert result.stdout == "".join(
        f"{json.dumps(each, ensure_ascii=False, separators=(',', ':'))}\n" for each in found
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", COMMANDS)
def test_people_get_words_in_their_language(
    path: str, language: str, office: Office, files: dict[str, str]
) -> None:
    args = [*path.split(), *ARGUMENTS[path].format_map(files).split()]
    result = office.tledger(*args, "--lang", language)
    assert result.exit_code == (2 if path == "verify" else 0)
    assert result.stdout.strip()
