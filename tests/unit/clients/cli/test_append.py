"""`tledger append`: each event is answered, nothing is half sent, nothing is recorded twice."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from clients.cli.append_files import MAX_EVENTS, LineEvent, cut
from clients.cli.event_examples import example_line
from clients.cli.event_lines import capture, read_line
from clients.sdk import Emitter
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log import dsse, merkle
from ledger.log.event_reader import read_event
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.identities import identity_of
from tests.unit.clients.sdk.ledger_server import OVERLOADED, Step, status
from tests.unit.clients.verifier.small_log import ISSUER, STRANGER


def lines(number: int) -> str:
    """Return so many lines, the first an enrolment's and the others a cohort's."""
    names = ["LearnerSignedIn", *["SessionStarted"] * (number - 1)]
    return "".join(f"{json.dumps(example_line(name))}\n" for name in names)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(3), "utf-8")
    return path


def pending(office: Office) -> list[Path]:
    return sorted((office.folder / "pending").glob("*"))


def sent(office: Office) -> list[pb.AppendEventsRequest]:
    return [pb.AppendEventsRequest.FromString(raw) for raw in office.running.recording.requests]


def test_events_are_recorded_and_each_has_its_line(office: Office, file: Path) -> None:
    result = office.tledger("append", file, "--json", "--synthetic")
    assert result.exit_code == 0
    rows = documents(result)
    assert [(row["line"], row["outcome"], row["index"]) for row in rows] == [
        (1, "counted", 7),
        (2, "counted", 8),
        (3, "counted", 9),
    ]
    assert [row["type"] for row in rows] == ["LearnerSignedIn", *["SessionStarted"] * 2]
    (request,) = sent(office)
    header = read_event(request.batches[0].events[0]).header
    assert (header.synthetic, header.record_origin) == (True, 2)
    assert pending(office) == []


def test_people_get_a_line_for_each_event_and_the_sums(office: Office, file: Path) -> None:
    office.running.recording.steps.append(
        Step(reject={0: "NOT_YOUR_COHORT"}, held={1: "NOT_ENROLLED"})
    )
    result = office.tledger("append", file, "--lang", "zh")
    assert result.exit_code == 1
    first, second, third = result.stdout.splitlines()
    assert first.split()[:2] == ["1", "拒绝"]
    assert "NOT_YOUR_COHORT (header.cohorts): 该班次不属于作者的机构. 检查班次标识与密钥" in first
    assert second.split()[:3] == ["2", "挂起", "#7"]
    assert second.endswith("NOT_ENROLLED")
    assert third.split()[:3] == ["3", "计入", "#8"]
    assert result.stderr == "计入 1，挂起 1，拒绝 1，未知 0\n"


def test_standard_input_is_a_file_too(office: Office) -> None:
    result = office.tledger("append", "-", "--json", stdin=lines(2))
    assert [row["outcome"] for row in documents(result)] == ["counted", "counted"]


def test_one_wrong_line_and_nothing_is_sent(office: Office, file: Path) -> None:
    wrong = json.dumps(example_line("SessionStarted") | {"cohort": "x"})
    file.write_text(f"{lines(2)}\n{wrong}\nnonsense\n", "utf-8")
    result = office.tledger("append", file, "--json")
    assert (result.exit_code, result.stdout) == (64, "")
    found = error(result)
    assert found["code"] == "INPUT_WRONG"
    assert list(found["values"]) == ["line 4:", "line 5:"]
    assert "cohort 'x' is no UUID" in found["values"]["line 4:"]
    assert office.running.recording.requests == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "INPUT_WRONG"),
        (b"\n\n", "INPUT_WRONG"),
        ("名".encode("gb18030"), "FILE_ENCODING"),
    ],
)
def test_a_file_without_events_is_refused(
    office: Office, file: Path, content: bytes, code: str
) -> None:
    file.write_bytes(content)
    result = office.tledger("append", file, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, code)


def test_a_file_that_is_missing_is_named(office: Office, tmp_path: Path) -> None:
    result = office.tledger("append", tmp_path / "nothing", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "FILE_UNREADABLE")
    assert error(result)["values"]["path"].endswith("nothing")


def test_what_stays_unknown_is_kept_and_sent_again_with_the_same_bytes(
    office: Office, file: Path
) -> None:
    steps = office.running.recording.steps
    steps.extend([Step(unknown=frozenset({1, 2}))] + [Step(unknown=frozenset({0, 1}))] * 50)
    result = office.tledger("append", file, "--json")
    assert result.exit_code == 2
    assert [row["outcome"] for row in documents(result)] == ["counted", "unknown", "unknown"]
    assert error(result)["code"] == "OUTCOME_UNKNOWN"
    (kept,) = pending(office)
    assert kept.stat().st_mode & 0o777 == 0o600
    batch = pb.Batch.FromString(kept.read_bytes())
    assert list(batch.events) == list(sent(office)[0].batches[0].events)

    steps.clear()
    told = office.tledger("append", file)
    assert "1 earlier batches are open: tledger append --pending" in told.stderr
    again = office.tledger("append", "--pending", "--json")
    assert again.exit_code == 0
    assert [(row["line"], row["outcome"], row["repeated"]) for row in documents(again)] == [
        (None, "counted", True),
        (None, "counted", True),
        (None, "counted", True),
    ]
    assert pending(office) == []
    assert office.tledger("append", "--pending").stdout == ""


def test_a_lost_answer_is_no_second_event(office: Office, file: Path) -> None:
    before = len(office.running.log.rows)
    office.running.recording.steps.append(Step(lose=grpc.StatusCode.UNAVAILABLE))
    rows = documents(office.tledger("append", file, "--json"))
    assert [row["repeated"] for row in rows] == [True, True, True]
    assert len(office.running.log.rows) == before + 3


def test_a_refused_request_leaves_nothing_open(office: Office, file: Path) -> None:
    office.running.recording.steps.append(Step(refuse=status(3, "REQUEST_TOO_LARGE")))
    result = office.tledger("append", file, "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "REQUEST_TOO_LARGE")
    assert pending(office) == []


def test_a_busy_ledger_is_waited_for(office: Office, file: Path) -> None:
    office.running.recording.steps.append(Step(refuse=OVERLOADED))
    assert office.tledger("append", file).exit_code == 0
    assert len(office.running.recording.requests) == 2


def test_a_ledger_that_is_away_leaves_nothing_open(office: Office, file: Path) -> None:
    office.running.server.stop(grace=None).wait()
    result = office.tledger("append", file, "--json")
    assert (result.exit_code, error(result)["code"]) == (2, "UNREACHABLE")
    assert pending(office) == []


def test_a_bad_acknowledgement_is_an_alarm_and_its_bytes_are_kept(
    office: Office, file: Path
) -> None:
    office.running.recording.sign_as = STRANGER
    result = office.tledger("append", file, "--json")
    assert (result.exit_code, error(result)["code"]) == (1, "ACKNOWLEDGEMENT_BAD")
    request = Path(error(result)["values"]["kept"])
    assert request.parent == office.folder / "evidence"
    assert request.read_bytes() == office.running.recording.requests[0]
    assert pb.AppendEventsResponse.FromString(
        request.with_suffix(".response").read_bytes()
    ).HasField("acknowledgement")
    assert len(pending(office)) == 1


def test_atomic_is_asked_for_and_needs_one_batch(office: Office, file: Path) -> None:
    assert office.tledger("append", file, "--atomic").exit_code == 0
    assert [request.atomic for request in sent(office)] == [True]
    file.write_text(lines(1) * (MAX_EVENTS + 1), "utf-8")
    result = office.tledger("append", file, "--atomic", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    assert "1001 events take 2" in error(result)["message_en"]
    assert len(sent(office)) == 1


def test_an_approver_signs_beside_the_author(office: Office, tmp_path: Path) -> None:
    folder, path = tmp_path / "head", tmp_path / "corrections.ndjson"
    head = identity_of(STRANGER)
    head.save(folder)
    path.write_text(f"{json.dumps(example_line('RecordCorrected'))}\n", "utf-8")
    assert office.tledger("append", path, "--approver", folder).exit_code == 0
    (request,) = sent(office)
    (batch,) = request.batches
    assert read_event(batch.events[0]).header.approver_key == head.key_id
    message = dsse.batch_message(merkle.root(list(batch.leaves)))
    head.public_key.verify(batch.approver_signature, message)


def test_an_approver_signs_nothing_that_nobody_approved(
    office: Office, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "head"
    identity_of(STRANGER).save(folder)
    result = office.tledger("append", file, "--approver", folder, "--json")
    assert result.exit_code == 64
    assert "approved_by" in error(result)["values"]["line 1:"]
    assert sent(office) == []
    assert office.tledger("append", "--pending", "--approver", folder).exit_code == 64


def test_more_than_a_thousand_events_go_in_several_batches(office: Office, file: Path) -> None:
    file.write_text(lines(1) * (MAX_EVENTS + 1), "utf-8")
    result = office.tledger("append", file, "--json")
    assert result.exit_code == 0
    assert [row["line"] for row in documents(result)] == list(range(1, MAX_EVENTS + 2))
    assert [len(request.batches[0].events) for request in sent(office)] == [1000, 1]


def test_large_events_are_cut_by_size() -> None:
    document: dict[str, Any] = example_line("PolicyAdopted")
    document["body"] = {"document": "A" * 80_000}
    event = capture(Emitter(identity_of(ISSUER)), read_line(1, json.dumps(document)))
    batches = list(cut([LineEvent(n, event) for n in range(50)]))
    assert [each.line for batch in batches for each in batch] == list(range(50))
    # 2,097,152 bytes hold 34 events of about 60,250.
    assert [len(batch) for batch in batches] == [34, 16]


@pytest.mark.parametrize("args", [(), ("events.ndjson", "--pending")])
def test_either_a_file_or_what_is_open(office: Office, args: tuple[str, ...]) -> None:
    result = office.tledger("append", *args, "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "USAGE")


def test_a_kept_batch_that_was_damaged_is_named(office: Office) -> None:
    path = office.folder / "pending" / "x.batch"
    path.parent.mkdir()
    path.write_bytes(b"\x0a")
    result = office.tledger("append", "--pending", "--json")
    assert (result.exit_code, error(result)["code"]) == (64, "FILE_UNREADABLE")
    assert error(result)["values"]["path"] == str(path)
