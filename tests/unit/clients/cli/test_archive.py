"""`tledger archive`: what is recorded has its salt on disk, and what is not leaves no trace."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
from click.testing import Result
from google.rpc import code_pb2

from clients.cli.archive_manifest import MANIFEST
from ledger.api.v1 import recording_service_pb2 as recording_pb
from ledger.log.event_reader import read_event
from ledger.log.identifiers import party_id
from tests.unit.clients.cli.command_line import documents, error
from tests.unit.clients.cli.conftest import Office
from tests.unit.clients.sdk.ledger_server import Step, status
from tests.unit.clients.verifier.small_log import COHORT, ORIGIN

CUSTODIAN = "91320599000000025P"
ROSTER, RESULTS = "学员,证件\n王小明,…\n".encode(), b"theory,practical\n88,86\n"
DENIED = status(code_pb2.PERMISSION_DENIED, "NOT_ADMITTED")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    (folder / "exams").mkdir(parents=True)
    (folder / "名册.csv").write_bytes(ROSTER)
    (folder / "exams" / "results.csv").write_bytes(RESULTS)
    return folder


def add(office: Office, *files: Path, **options: str | Path) -> Result:
    given = {"cohort": str(COHORT), "class": "04-roster", "place": "CABINET-3"} | options
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    return office.tledger("archive", "add", *files, *words, "--json")


def check(office: Office, folder: Path, *options: str) -> Result:
    return office.tledger("archive", "check", folder, "--cohort", str(COHORT), *options)


def recorded(office: Office) -> list[Any]:
    return [
        read_event(event)
        for raw in office.running.recording.requests
        for batch in recording_pb.AppendEventsRequest.FromString(raw).batches
        for event in batch.events
    ]


def manifest(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((folder / MANIFEST).read_bytes())["items"]
    return rows


def pending(office: Office) -> list[Path]:
    return sorted((office.folder / "pending").glob("*"))


def test_a_document_enters_by_its_salted_digest_and_the_salt_stays_here(
    office: Office, archive: Path
) -> None:
    result = add(office, archive / "名册.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    (row,) = documents(result)
    (kept,) = manifest(archive)
    (event,) = recorded(office)
    salt = bytes.fromhex(kept["salt"])
    assert event.body.salted_digest == sha256(salt + ROSTER).digest()
    assert (event.type, event.body.item_class, event.body.place) == (
        "ArchiveItemAdded",
        "04-roster",
        "CABINET-3",
    )
    assert (event.body.size, event.body.media_type) == (len(ROSTER), "text/csv")
    assert event.body.custodian == b""
    assert [UUID(bytes=each) for each in event.header.cohorts] == [COHORT]
    assert not event.header.synthetic
    # Neither name nor salt nor bytes go to the ledger.
    (raw,) = office.running.recording.requests
    assert salt not in raw
    assert "名册".encode() not in raw
    assert ROSTER not in raw
    assert row == {
        "file": "名册.csv",
        "class": "04-roster",
        "media_type": "text/csv",
        "size": len(ROSTER),
        "salted_digest": kept["salted_digest"],
        "event_id": str(UUID(bytes=event.header.event_id)),
        "outcome": "counted",
        "index": 7,
        "held": "",
    }
    assert kept["event"] == row["event_id"]
    assert pending(office) == []


def test_the_same_bytes_twice_are_two_digests_that_tell_nothing_of_each_other(
    office: Office, archive: Path
) -> None:
    (archive / "copy.csv").write_bytes(ROSTER)
    assert add(office, archive / "名册.csv", archive / "copy.csv").exit_code == 0
    first, second = manifest(archive)
    assert first["salt"] != second["salt"]
    assert first["salted_digest"] != second["salted_digest"]
    assert check(office, archive).exit_code == 0


def test_custodian_media_type_and_mark_come_from_the_command_line(
    office: Office, archive: Path
) -> None:
    result = add(
        office,
        archive / "exams" / "results.csv",
        dir=archive,
        custodian=CUSTODIAN,
        **{"media-type": "application/ofd"},
    )
    assert result.exit_code == 0
    (event,) = recorded(office)
    assert event.body.custodian == party_id(ORIGIN, CUSTODIAN).bytes
    assert event.body.media_type == "application/ofd"
    (kept,) = manifest(archive)
    assert kept["name"] == "exams/results.csv"
    (item,) = documents(check(office, archive, "--json"))[0]["items"]
    assert item["custodian"] == str(party_id(ORIGIN, CUSTODIAN))


def test_made_up_documents_are_marked(office: Office, archive: Path) -> None:
    args = ("archive", "add", archive / "名册.csv", "--cohort", str(COHORT), "--class", "04-roster")
    assert office.tledger(*args, "--place", "A", "--synthetic").exit_code == 0
    (event,) = recorded(office)
    assert event.header.synthetic


def test_what_is_refused_leaves_nothing_behind_and_says_why(office: Office, archive: Path) -> None:
    office.running.recording.steps.append(Step(reject={0: "NOT_YOUR_COHORT"}))
    files = (archive / "名册.csv", archive / "exams" / "results.csv")
    result = add(office, *files, dir=archive)
    assert result.exit_code == 1
    refused, counted = documents(result)
    assert (refused["outcome"], refused["code"]) == ("rejected", "NOT_YOUR_COHORT")
    assert refused["fix_zh"] == "检查班次标识与密钥"
    assert (counted["outcome"], counted["index"]) == ("counted", 7)
    assert [row["name"] for row in manifest(archive)] == ["exams/results.csv"]
    assert pending(office) == []
    # So it can be added again.
    assert add(office, archive / "名册.csv").exit_code == 0


@pytest.mark.parametrize("step", [Step(reject={0: "NOT_YOUR_COHORT"}), Step(refuse=DENIED)])
def test_a_refusal_of_everything_leaves_no_manifest(
    office: Office, archive: Path, step: Step
) -> None:
    office.running.recording.steps.append(step)
    assert add(office, archive / "名册.csv").exit_code == 1
    assert not (archive / MANIFEST).exists()
    assert pending(office) == []


def test_an_unknown_outcome_keeps_batch_and_salt_until_it_is_sent_again(
    office: Office, archive: Path
) -> None:
    steps = office.running.recording.steps
    steps.extend([Step(unknown=frozenset({0}))] * 50)
    result = add(office, archive / "名册.csv")
    assert (result.exit_code, error(result)["code"]) == (2, "OUTCOME_UNKNOWN")
    assert [row["outcome"] for row in documents(result)] == ["unknown"]
    (batch,) = pending(office)
    (kept,) = manifest(archive)
    steps.clear()
    sent = len(office.running.recording.requests)

    # Not a second time under another salt while the first is open.
    again = add(office, archive / "名册.csv")
    assert (again.exit_code, error(again)["code"]) == (2, "OUTCOME_UNKNOWN")
    assert error(again)["values"]["event"] == kept["event"]
    assert len(office.running.recording.requests) == sent
    assert batch.exists()

    assert office.tledger("append", "--pending").exit_code == 0
    assert (pending(office), manifest(archive)) == ([], [kept])
    assert check(office, archive).exit_code == 0


def test_a_lost_answer_ends_with_the_original_acknowledgement(
    office: Office, archive: Path
) -> None:
    office.running.recording.steps.append(Step(lose=grpc.StatusCode.UNAVAILABLE))
    assert add(office, archive / "名册.csv").exit_code == 0
    events = {event.header.event_id for event in recorded(office)}
    assert len(office.running.recording.requests) == 2
    assert [UUID(row["event"]).bytes for row in manifest(archive)] == list(events)
    assert len(documents(check(office, archive, "--json"))[0]["items"]) == 1


def test_what_is_in_the_cohort_file_is_not_added_again_also_when_it_was_changed(
    office: Office, archive: Path
) -> None:
    file = archive / "名册.csv"
    assert add(office, file).exit_code == 0
    before = (archive / MANIFEST).read_bytes()
    for content in (ROSTER, ROSTER + b"more"):
        file.write_bytes(content)
        result = add(office, file)
        assert (result.exit_code, error(result)["code"]) == (64, "ALREADY_ARCHIVED")
        assert error(result)["values"]["file"] == "名册.csv"
    assert (archive / MANIFEST).read_bytes() == before
    assert len(office.running.recording.requests) == 1
    # A new version has another name, and the old one stays.
    file.rename(archive / "名册-2.csv")
    file.write_bytes(ROSTER)
    assert add(office, archive / "名册-2.csv").exit_code == 0
    assert [row["state"] for row in documents(check(office, archive, "--json"))[0]["items"]] == [
        "present",
        "present",
    ]


def test_a_salt_whose_event_never_left_is_kept_and_the_file_added_anew(
    office: Office, archive: Path
) -> None:
    # As after a power cut between the manifest and the request.
    assert add(office, archive / "名册.csv").exit_code == 0
    lost = json.loads((archive / MANIFEST).read_bytes())
    lost["items"][0] |= {"salt": "05" * 32, "salted_digest": "06" * 32}
    text = json.dumps(lost, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (archive / MANIFEST).write_text(text, "utf-8")
    assert add(office, archive / "名册.csv").exit_code == 0
    rows = manifest(archive)
    assert [row["name"] for row in rows] == ["名册.csv", "名册.csv"]
    (document,) = documents(check(office, archive, "--json"))
    assert [row["state"] for row in document["items"]] == ["without_salt", "present"]


def test_a_manifest_that_cannot_be_read_stops_everything(office: Office, archive: Path) -> None:
    (archive / MANIFEST).write_bytes(b'{"v":1}')
    for result in (add(office, archive / "名册.csv"), check(office, archive, "--json")):
        assert (result.exit_code, error(result)["code"]) == (64, "MANIFEST_UNREADABLE")
    assert (archive / MANIFEST).read_bytes() == b'{"v":1}'
    assert office.running.recording.requests == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"class": "roster"}, "item_class"),
        ({"class": "4-roster"}, "item_class"),
        ({"place": "柜 3"}, "place"),
        ({"place": ""}, "place"),
        ({"media-type": "PDF"}, "media_type"),
    ],
)
def test_what_the_contract_does_not_take_is_said_before_anything_is_written(
    office: Office, archive: Path, options: dict[str, str], field: str
) -> None:
    result = add(office, archive / "名册.csv", **options)
    assert (result.exit_code, error(result)["code"]) == (64, "INPUT_WRONG")
    assert field in error(result)["message_en"]
    assert not (archive / MANIFEST).exists()
    assert office.running.recording.requests == []


def test_files_of_several_folders_need_the_folder_that_holds_them(
    office: Office, archive: Path
) -> None:
    files = (archive / "名册.csv", archive / "exams" / "results.csv")
    assert add(office, files[1], files[0]).exit_code == 64
    assert list((archive / "exams").iterdir()) == [files[1]]
    assert add(office, *files, dir=archive).exit_code == 0


def test_a_folder_that_is_whole_is_said_so_with_what_is_not_listed(
    office: Office, archive: Path
) -> None:
    assert add(office, archive / "名册.csv").exit_code == 0
    result = check(office, archive, "--json")
    assert result.exit_code == 0
    (document,) = documents(result)
    assert (document["verdict"], document["unlisted"]) == ("complete", ["exams/results.csv"])
    assert document["as_of_size"] == 8
    (item,) = document["items"]
    assert (item["state"], item["file"], item["index"]) == ("present", "名册.csv", 7)

    people = check(office, archive, "--lang", "zh").stdout.splitlines()
    assert people[1].split() == ["✔", "在档", "04-roster", "名册.csv", str(len(ROSTER)),
                                 "CABINET-3", "#7"]  # fmt: skip
    assert people[2].split() == ["－", "未入档", "exams/results.csv"]
    assert people[-1] == ("✔ 在档 1，✖ 已改动 0，✖ 缺失 0，？无盐值 0，－ 未入档 1，截至账本规模 8")


def test_what_was_changed_or_is_gone_is_the_answer_no(office: Office, archive: Path) -> None:
    roster, results = archive / "名册.csv", archive / "exams" / "results.csv"
    assert add(office, roster, results, dir=archive).exit_code == 0
    times = roster.stat()
    roster.write_bytes(ROSTER[:-1] + b"!")
    # Same size, same times: only the bytes tell.
    os.utime(roster, ns=(times.st_atime_ns, times.st_mtime_ns))
    changed = check(office, archive, "--json")
    assert changed.exit_code == 1
    (document,) = documents(changed)
    assert document["verdict"] == "incomplete"
    assert [row["state"] for row in document["items"]] == ["changed", "present"]

    roster.write_bytes(ROSTER)
    results.unlink()
    gone = check(office, archive, "--json")
    assert gone.exit_code == 1
    assert [row["state"] for row in documents(gone)[0]["items"]] == ["present", "missing"]
    results.write_bytes(RESULTS)
    assert check(office, archive).exit_code == 0


def test_without_its_salt_a_document_cannot_be_checked(office: Office, archive: Path) -> None:
    assert add(office, archive / "名册.csv").exit_code == 0
    (archive / MANIFEST).unlink()
    result = check(office, archive, "--json")
    assert result.exit_code == 2
    (document,) = documents(result)
    assert document["verdict"] == "unchecked"
    assert [(row["state"], row["file"]) for row in document["items"]] == [("without_salt", None)]
    assert document["unlisted"] == ["exams/results.csv", "名册.csv"]


def test_events_of_others_beside_it_do_not_matter(office: Office, archive: Path) -> None:
    # A document of another cohort, by the same institution.
    other = UUID("0197b3f0-0000-7000-8000-00000000000c")
    elsewhere = archive.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.pdf").write_bytes(b"x")
    assert add(office, elsewhere / "x.pdf", cohort=str(other)).exit_code == 0
    (document,) = documents(check(office, archive, "--json"))
    assert (document["verdict"], document["items"]) == ("complete", [])
    wrong = check(office, elsewhere, "--json")
    assert (wrong.exit_code, error(wrong)["code"]) == (64, "MANIFEST_OF_ANOTHER_COHORT")


def test_a_seal_covers_exactly_the_documents_of_the_file(office: Office, archive: Path) -> None:
    assert add(office, archive / "名册.csv", archive / "exams" / "results.csv").exit_code == 0
    digests = [event.body.salted_digest for event in recorded(office)]
    sealing = ("archive", "seal", "--cohort", str(COHORT), "--retain-until", "2036-04-30")
    (told,) = documents(office.tledger(*sealing, "--synthetic", "--json"))
    sealed = recorded(office)[-1]
    pair = sha256(b"\x01" + digests[0] + digests[1]).digest()
    assert (sealed.type, sealed.body.version, sealed.body.items, sealed.body.items_root) == (
        "CohortArchiveSealed",
        1,
        2,
        pair,
    )
    assert (sealed.body.retain_until, sealed.header.synthetic) == (20360430, True)
    assert (told["version"], told["items"], told["items_root"]) == (1, 2, pair.hex())
    assert pending(office) == []


def test_a_day_of_retention_that_is_none_seals_nothing(office: Office) -> None:
    sealing = ("archive", "seal", "--cohort", str(COHORT), "--retain-until", "2036-02-30")
    assert office.tledger(*sealing).exit_code == 64
    assert recorded(office) == []
