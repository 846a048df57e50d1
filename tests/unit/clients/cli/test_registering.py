"""Persons, keys, policies and institutions from the command line."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
from click.testing import Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.cli.session import Surroundings
from ledger.api.v1 import events_pb2
from ledger.api.v1 import institution_service_pb2 as institutions_pb
from ledger.api.v1 import key_service_pb2 as keys_pb
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.api.v1.institution_service_pb2_grpc import (
    InstitutionServiceServicer,
    add_InstitutionServiceServicer_to_server,
)
from ledger.api.v1.key_service_pb2_grpc import KeyServiceServicer, add_KeyServiceServicer_to_server
from ledger.log.event_reader import read_event
from ledger.log.identifiers import key_id, party_id
from tests.unit.clients.cli.command_line import CommandLine, documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.ledger_server import Recording, Running, Step, start
from tests.unit.clients.sdk.register_server import COMMITMENT
from tests.unit.clients.verifier.small_log import (
    DEVICE,
    INSTITUTION,
    INSTITUTION_CODE,
    INSTITUTION_NAME,
    ISSUER,
    ORIGIN,
    PERSON,
    ROOT,
    STRANGER,
    spki,
)

# Unassigned region 320599, born 1990-01-01, with the check digit of GB 11643.
ID_NUMBER = "320599199001010011"
SCHOOL = "91320500MA1CH00L1D"
HEADER = "kind,credit_code,name,area,directory_number,public_key\n"


def pem(key: Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def recorded(running: Running) -> list[Any]:
    """Return the events of all requests, as read."""
    return [
        read_event(event)
        for raw in running.recording.requests
        for batch in recording_pb.AppendEventsRequest.FromString(raw).batches
        for event in batch.events
    ]


@pytest.mark.parametrize("args", [("--id-file", "-"), ()])
def test_an_id_number_comes_from_standard_input_or_a_prompt(
    office: Office, args: tuple[str, ...]
) -> None:
    result = office.tledger(
        "person", "register", "--name", "王小明", "--json", *args, stdin=f"{ID_NUMBER}\n"
    )
    assert result.exit_code == 0
    assert documents(result) == [
        {"person_ref": str(PERSON), "identity_commitment": COMMITMENT.hex()}
    ]
    assert ("ID number" in result.stderr) is (not args)


def test_an_id_number_comes_from_a_file(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "number.txt"
    path.write_text(f"  {ID_NUMBER}\r\n", "utf-8")
    result = office.tledger("person", "register", "--name", "王小明", "--id-file", path)
    assert (result.exit_code, str(PERSON) in result.stdout) == (0, True)
    path.write_text("\n", "utf-8")
    result = office.tledger("person", "register", "--name", "王小明", "--id-file", path, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    path.write_bytes(b"1" * 300)
    result = office.tledger("person", "register", "--name", "王小明", "--id-file", path, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "FILE_TOO_LARGE")


def test_an_id_number_on_the_command_line_is_not_taken(office: Office) -> None:
    result = office.tledger("person", "register", "--name", "王小明", ID_NUMBER)
    assert result.exit_code == 64
    assert office.tledger("person", "register", "--id-number", ID_NUMBER).exit_code == 64


@pytest.mark.parametrize("name", ["a\udcff", "王\n明", "\x1b[2J"])
def test_a_name_is_printable(office: Office, name: str) -> None:
    args = ("person", "register", "--name", name, "--id-file", "-", "--json")
    result = office.tledger(*args, stdin=ID_NUMBER)
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")


@pytest.mark.parametrize("name", ["𬱖䶮㛃", "阿卜杜拉·买买提", "John Smith", "\ufa19\ue000"])
def test_rare_names_are_names(office: Office, name: str) -> None:
    args = ("person", "register", "--name", name, "--id-file", "-", "--json")
    assert office.tledger(*args, stdin=ID_NUMBER).exit_code == 0


def test_no_answer_to_a_prompt_is_an_interruption(office: Office) -> None:
    result = office.tledger("person", "register", "--name", "王小明", stdin="")
    assert (result.exit_code, result.stdout) == (130, "")


def test_a_policy_is_adopted_as_its_bytes_are(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes("# 政策\nformat = 1\n".encode())
    (found,) = documents(office.tledger("policy", "adopt", path, "--json"))
    (event,) = recorded(office.running)
    assert event.type == "PolicyAdopted"
    assert event.body.document == path.read_bytes()
    assert found["policy"] == event.body.digest.hex()
    path.write_bytes(b"format = \n")
    result = office.tledger("policy", "adopt", path, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    assert len(recorded(office.running)) == 1


def test_a_key_is_registered_for_a_device(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "terminal.pem"
    path.write_bytes(pem(DEVICE))
    args = ("key", "register", path, "--use", "DEVICE", "--device", "TERM-0001", "--json")
    (found,) = documents(office.tledger(*args))
    (event,) = recorded(office.running)
    assert event.body.public_key == spki(DEVICE)
    assert UUID(bytes=event.body.holder) == INSTITUTION
    assert (event.body.use, event.body.device) == (events_pb2.KEY_USE_DEVICE, "TERM-0001")
    assert found["key_id"] == key_id(spki(DEVICE)).hex()


def test_a_bureau_registers_a_partys_key_by_its_credit_code(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "school.der"
    path.write_bytes(spki(STRANGER))
    assert office.tledger("key", "register", path, "--holder", SCHOOL).exit_code == 0
    (event,) = recorded(office.running)
    assert UUID(bytes=event.body.holder) == party_id(ORIGIN, SCHOOL)
    result = office.tledger("key", "register", path, "--holder", "school", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")


def test_what_is_no_admitted_public_key_is_misuse(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    for content in (b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"\xff"):
        path.write_bytes(content)
        result = office.tledger("key", "register", path, "--json")
        assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    path.write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    assert "neither Ed25519 nor ECDSA P-256" in office.tledger("key", "register", path).stderr
    assert recorded(office.running) == []


def test_a_refused_registration_ends_with_1_and_says_why(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(STRANGER))
    office.running.recording.steps.append(Step(reject={0: "NOT_YOURS_TO_WRITE"}))
    result = office.tledger("key", "register", path, "--lang", "zh")
    assert result.exit_code == 1
    assert result.stderr.startswith("NOT_YOURS_TO_WRITE  该班次不属于作者的机构\n")
    assert "怎么办: 检查班次标识与密钥" in result.stderr


def test_a_key_is_ended_with_its_own_particulars(office: Office) -> None:
    key = key_id(spki(ISSUER)).hex()
    args = ("key", "end", key, "--ending")
    assert office.tledger(*args, "ROTATED", "--json").exit_code == 64
    until = "2026-05-01T00:00:00+08:00"
    assert office.tledger(*args, "ROTATED", "--accepted-until", until, "--yes").exit_code == 0
    assert office.tledger(*args, "COMPROMISED", "--from-index", "12", "--yes").exit_code == 0
    rotated, compromised = recorded(office.running)
    assert rotated.body.accepted_until_us == 1_777_564_800_000_000
    assert compromised.body.from_index == 12
    assert UUID(bytes=rotated.header.institution) == INSTITUTION
    result = office.tledger(*args, "ROTATED", "--from-index", "12", "--yes", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    for wrong in (("key", "show", "abcd"), (*args, "ROTATED", "--accepted-until", "2026-05-01")):
        assert office.tledger(*wrong).exit_code == 64


@dataclass
class Directory(InstitutionServiceServicer, KeyServiceServicer):
    """The registers of the log as it is; `behind` makes them empty."""

    recording: Recording
    behind: bool = False

    def events(self, name: str) -> list[Any]:
        rows = [row.event for row in self.recording.log.rows if row.event is not None]
        read = [] if self.behind else [read_event(event) for event in rows]
        return [event for event in read if event.type == name]

    def GetInstitution(
        self, request: institutions_pb.GetInstitutionRequest, context: grpc.ServicerContext
    ) -> institutions_pb.GetInstitutionResponse:
        found = [
            event.body
            for event in self.events("InstitutionRegistered")
            if UUID(bytes=event.header.stream) == UUID(request.institution)
        ]
        if not found:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such party")
        party = institutions_pb.Institution(institution=request.institution, **vars(found[0]))
        for event in self.events("InstitutionImported"):
            if UUID(bytes=event.header.stream) == UUID(request.institution):
                party.scope.extend(event.body.trades)
                party.listed_since = event.body.listed_since
        return institutions_pb.GetInstitutionResponse(institution=party)

    def GetKey(
        self, request: keys_pb.GetKeyRequest, context: grpc.ServicerContext
    ) -> keys_pb.GetKeyResponse:
        found = [
            event.body
            for event in self.events("KeyRegistered")
            if key_id(event.body.public_key) == request.key_id
        ]
        if not found:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such key")
        holder = str(UUID(bytes=found[0].holder))
        key = keys_pb.Key(key_id=request.key_id, public_key=found[0].public_key, holder=holder)
        return keys_pb.GetKeyResponse(key=key)

    def ListInstitutions(
        self, request: institutions_pb.ListInstitutionsRequest, context: grpc.ServicerContext
    ) -> institutions_pb.ListInstitutionsResponse:
        raise NotImplementedError

    def ListKeys(
        self, request: keys_pb.ListKeysRequest, context: grpc.ServicerContext
    ) -> keys_pb.ListKeysResponse:
        raise NotImplementedError


@dataclass
class Bureau:
    """A bureau's office with a directory to import."""

    running: Running
    directory: Directory
    tledger: CommandLine
    csv: Path

    def run(self, *args: str, content: str | None = None) -> Result:
        if content is not None:
            self.csv.write_text(HEADER + content, "utf-8")
        return self.tledger("institution", "import", self.csv, *args)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    directories: list[Directory] = []

    def add(server: grpc.Server, recording: Recording) -> None:
        directories.append(Directory(recording))
        add_InstitutionServiceServicer_to_server(directories[0], server)
        add_KeyServiceServicer_to_server(directories[0], server)

    running = start(add)
    folder = tmp_path / "bureau"
    running.identity(ROOT).save(folder)
    tledger = CommandLine(
        Surroundings(retries=running.time.retries()), {"TLEDGER_IDENTITY": str(folder)}
    )
    (tmp_path / "school.pem").write_bytes(pem(STRANGER))
    csv = tmp_path / "directory.csv"
    csv.write_text(
        f"{HEADER}"
        f"institution,{SCHOOL},常州示例培训学校,320599,18,school.pem\n"
        f"INSTITUTION,{INSTITUTION_CODE},{INSTITUTION_NAME},320599,17,"
        f"{b64encode(spki(ISSUER)).decode()}\n"
        "EXAM_BODY,91320500MA1EXAM01A,示例考试中心,3205,,\n",
        "utf-8",
    )
    yield Bureau(running, directories[0], tledger, csv)
    running.server.stop(grace=None).wait()


def outcomes(result: Result) -> list[tuple[str, str]]:
    return [(row["institution_outcome"], row["key_outcome"]) for row in documents(result)]


def test_an_import_registers_what_is_not_there_and_can_be_repeated(bureau: Bureau) -> None:
    result = bureau.run("--json", "--synthetic")
    assert result.exit_code == 0
    assert outcomes(result) == [
        ("registered", "registered"),
        ("already", "already"),
        ("registered", "none"),
    ]
    rows = documents(result)
    assert rows[0]["institution"] == str(party_id(ORIGIN, SCHOOL))
    assert rows[0]["key"] == key_id(spki(STRANGER)).hex()
    events = recorded(bureau.running)
    assert [event.type for event in events] == [
        "InstitutionRegistered",
        "KeyRegistered",
        "InstitutionRegistered",
    ]
    assert events[0].body.name == "常州示例培训学校"
    assert all(event.header.synthetic for event in events)

    again = bureau.run("--json")
    assert again.exit_code == 0
    assert outcomes(again) == [("already", "already"), ("already", "already"), ("already", "none")]
    assert len(recorded(bureau.running)) == 3


def test_what_the_log_has_but_the_register_does_not_show_yet_is_already_there(
    bureau: Bureau,
) -> None:
    bureau.directory.behind = True
    bureau.running.recording.steps.append(
        Step(reject=dict.fromkeys(range(5), "ALREADY_REGISTERED"))
    )
    result = bureau.run("--json")
    assert result.exit_code == 0
    assert outcomes(result) == [("already", "already"), ("already", "already"), ("already", "none")]


SCOPED = HEADER.strip() + ",trades,listed_since\n"


def test_an_existing_institution_is_imported_with_its_scope_once(bureau: Bureau) -> None:
    row = (
        f"INSTITUTION,{SCHOOL},常州示例培训学校,320599,18,school.pem,2010-1.2 2010-1.3,2024-05-06\n"
    )
    platform = "PLATFORM,91320500MA1EXAM01A,示例平台,3205,,,,\n"
    bureau.csv.write_text(SCOPED + row + platform, "utf-8")
    result = bureau.run("--json")
    assert result.exit_code == 0
    assert [each["scope_outcome"] for each in documents(result)] == ["imported", "none"]
    events = recorded(bureau.running)
    assert [event.type for event in events] == [
        "InstitutionRegistered",
        "InstitutionImported",
        "KeyRegistered",
        "InstitutionRegistered",
    ]
    digest = sha256(bureau.csv.read_bytes()).digest()
    imported = events[1]
    assert (imported.body.trades, imported.body.listed_since) == (
        ["2010-1.2", "2010-1.3"],
        20240506,
    )
    assert (imported.body.document_digest, imported.header.source_digest) == (digest, digest)
    assert UUID(bytes=imported.header.institution) == party_id(ORIGIN, SCHOOL)

    again = documents(bureau.run("--json"))
    assert [each["scope_outcome"] for each in again] == ["already", "none"]
    bureau.csv.write_text(SCOPED + row.replace("1.3", "1.4"), "utf-8")
    result = bureau.run("--json")
    assert result.exit_code == 1
    (more,) = documents(result)
    assert (more["scope_outcome"], more["scope_detail"]) == ("differs", "+ 2010-1.4")
    assert len(recorded(bureau.running)) == 4


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"PLATFORM,{SCHOOL},a,320599,,,2010-1.2,2024-05-06\n", "are for institutions"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,2010_1,2024-05-06\n", "trades '2010_1'"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,,2024-05-06\n", "trades ''"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,2010-1.2,\n", "listed_since ''"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,2010-1.2,2024-13-06\n", "listed_since '2024-13-06'"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,2010-1.2\n", "not 8 columns"),
    ],
)
def test_a_wrong_scope_is_named(bureau: Bureau, row: str, problem: str) -> None:
    bureau.csv.write_text(SCOPED + row, "utf-8")
    result = bureau.run("--json")
    assert result.exit_code == 64
    assert problem in error(result)["values"]["line 2:"]
    assert recorded(bureau.running) == []


def test_values_that_differ_are_shown_both_and_nothing_is_overwritten(bureau: Bureau) -> None:
    key = b64encode(spki(ROOT)).decode()
    result = bureau.run(
        "--json", content=f"INSTITUTION,{INSTITUTION_CODE},别的名称,320599,17,{key}\n"
    )
    assert result.exit_code == 1
    (row,) = documents(result)
    assert (row["institution_outcome"], row["key_outcome"]) == ("differs", "differs")
    assert row["institution_detail"] == f"'别的名称' ≠ '{INSTITUTION_NAME}'"
    assert str(INSTITUTION) in row["key_detail"]
    assert recorded(bureau.running) == []


def test_a_refused_row_ends_with_1_and_people_get_a_table(bureau: Bureau) -> None:
    bureau.running.recording.steps.append(Step(reject={0: "NOT_YOUR_AREA"}))
    result = bureau.run("--lang", "zh")
    assert result.exit_code == 1
    first = result.stdout.splitlines()[1]
    assert "常州示例培训学校" in first
    assert "被拒绝" in first
    assert "NOT_YOUR_AREA: " in first


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"SCHOOL,{SCHOOL},a,320599,,\n", "kind 'SCHOOL' is none of INSTITUTION, BUREAU"),
        ("INSTITUTION,123,a,320599,,\n", "credit_code '123'"),
        (f"INSTITUTION,{SCHOOL},,320599,,\n", "name is empty"),
        (f"INSTITUTION,{SCHOOL},a,32059,,\n", "area '32059'"),
        (f"INSTITUTION,{SCHOOL},a,320599,\n", "not 6 columns"),
        (f"INSTITUTION,{SCHOOL},a,320599,,,x\n", "not 6 columns"),
        (f"INSTITUTION,{SCHOOL},a,320599,,missing.pem\n", "public_key: "),
        (f"INSTITUTION,{SCHOOL},a,320599,,{'A' * 400}\n", "public_key: "),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_sent(
    bureau: Bureau, content: str, problem: str
) -> None:
    good = "INSTITUTION,91320500MA1G00D019,a,320599,,\n"
    result = bureau.run("--json", content=good + content)
    assert result.exit_code == 64
    assert problem in error(result)["values"]["line 3:"]
    assert recorded(bureau.running) == []


def test_a_party_twice_is_named(bureau: Bureau) -> None:
    row = f"INSTITUTION,{SCHOOL},a,320599,,\n"
    result = bureau.run("--json", content=row * 2)
    assert error(result)["values"] == {"line 3:": f"{SCHOOL} stands in line 2 already"}


def test_header_and_encoding_are_checked(bureau: Bureau) -> None:
    bureau.csv.write_text("kind,name\n", "utf-8")
    result = bureau.run("--json")
    assert (result.exit_code, error(result)["values"]) == (64, {"found": "kind,name"})
    text = f"{HEADER}INSTITUTION,{SCHOOL},常州示例培训学校,320599,18,\n"
    bureau.csv.write_bytes(text.encode("gb18030"))
    result = bureau.run("--json")
    assert (result.exit_code, error(result)["code"]) == (64, "FILE_ENCODING")
    assert bureau.run("--encoding", "gb18030").exit_code == 0
    (event,) = recorded(bureau.running)
    assert event.body.name == "常州示例培训学校"
    bureau.csv.write_bytes(text.encode("utf-8-sig"))
    assert outcomes(bureau.run("--json")) == [("already", "none")]
