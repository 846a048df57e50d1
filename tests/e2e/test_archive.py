"""Documents of a cohort file against a ledger as its operator runs it."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from clients.sdk import Emitter, Ledger
from ledger.log.identifiers import party_id
from tests.server_process import Finished, served_world, tledger, wait_until
from tests.world import BUREAU, ORIGIN

ROSTER, VIDEO = "学员名册\n".encode(), bytes(range(256)) * 8192


def folder_with_documents(folder: Path) -> Path:
    (folder / "videos").mkdir(parents=True)
    (folder / "名册.csv").write_bytes(ROSTER)
    (folder / "videos" / "S-01.mp4").write_bytes(VIDEO)
    return folder


def checked(check: Callable[[], Finished], items: int) -> tuple[int, dict[str, Any]]:
    """Return exit code and document of a check, once so many items are in the cohort file."""
    last: list[Finished] = []

    def listed() -> bool:
        last[:] = [check()]
        return len(json.loads(last[0].out)["items"]) == items

    wait_until(listed, f"{items} items in the cohort file", lambda: last[0].out + last[0].err)
    return last[0].code, json.loads(last[0].out)


def test_documents_enter_the_cohort_file_and_a_changed_byte_is_found(tmp_path: Path) -> None:
    archive = folder_with_documents(tmp_path / "archive")
    with served_world(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", cohorts=1, learners=1
    ) as served:
        served.server.start()
        served.server.wait_ready()
        cohort = str(served.classrooms[0].cohort)
        office = ("--cohort", cohort, "--identity", str(served.world.school_folder), "--json")

        def add(name: str, item_class: str, *more: str) -> Finished:
            words = (str(archive / name), "--dir", str(archive), "--class", item_class)
            return tledger("archive", "add", *words, "--synthetic", *more, *office)

        def check() -> Finished:
            return tledger("archive", "check", str(archive), *office)

        roster = add("名册.csv", "04-roster", "--place", "CABINET-3")
        assert roster.code == 0, roster.err
        assert json.loads(roster.out)["outcome"] == "counted"
        custodian = ("--custodian", BUREAU.credit_code)
        video = add("videos/S-01.mp4", "09-video-index", "--place", "NVR-1", *custodian)
        assert video.code == 0, video.err

        code, document = checked(check, 2)
        assert (code, document["verdict"], document["unlisted"]) == (0, "complete", [])
        first, second = document["items"]
        assert (first["state"], first["file"], first["size"]) == (
            "present",
            "名册.csv",
            len(ROSTER),
        )
        assert (first["media_type"], first["custodian"]) == ("text/csv", "")
        assert (second["file"], second["media_type"]) == ("videos/S-01.mp4", "video/mp4")
        assert second["custodian"] == str(party_id(ORIGIN, BUREAU.credit_code))
        rows = json.loads((archive / "archive.json").read_bytes())["items"]
        salts = [bytes.fromhex(row["salt"]) for row in rows]
        assert [sha256(salts[0] + ROSTER).hexdigest(), sha256(salts[1] + VIDEO).hexdigest()] == [
            first["salted_digest"],
            second["salted_digest"],
        ]

        again = add("名册.csv", "04-roster", "--place", "CABINET-3")
        assert again.code == 64
        assert "ALREADY_ARCHIVED" in again.err

        (archive / "videos" / "S-01.mp4").write_bytes(VIDEO[:-1] + b"\0")
        (archive / "名册.csv").rename(archive / "renamed.csv")
        code, document = checked(check, 2)
        assert (code, document["verdict"]) == (1, "incomplete")
        assert [row["state"] for row in document["items"]] == ["missing", "changed"]
        assert document["unlisted"] == ["renamed.csv"]


def test_what_the_ledger_refuses_or_does_not_answer_leaves_the_folder_as_it_was(
    tmp_path: Path,
) -> None:
    archive = folder_with_documents(tmp_path / "archive")
    with served_world(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", cohorts=1, learners=1
    ) as served:
        served.server.start()
        served.server.wait_ready()
        cohort = str(served.classrooms[0].cohort)
        file = str(archive / "名册.csv")
        words = ("--cohort", cohort, "--class", "04-roster", "--place", "CABINET-3", "--json")
        # The bureau keeps no cohort file: not its to write.
        bureau = str(served.home.folder / "bureau")
        refused = tledger("archive", "add", file, *words, "--synthetic", "--identity", bureau)
        assert refused.code == 1, refused.err
        assert json.loads(refused.out)["outcome"] == "rejected"
        assert not (archive / "archive.json").exists()
        served.server.stop()

        school = str(served.world.school_folder)
        absent = tledger("archive", "add", file, *words, "--timeout", "1", "--identity", school)
        assert absent.code == 2, absent.err
        # Either nothing can have left, or batch and salt wait together.
        open_batches = list((Path(school) / "pending").glob("*.batch"))
        assert (archive / "archive.json").exists() is bool(open_batches)


def test_a_file_is_sealed_after_the_closing_and_again_after_a_late_document(tmp_path: Path) -> None:
    archive = folder_with_documents(tmp_path / "archive")
    with served_world(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", cohorts=1, learners=1
    ) as served:
        served.server.start()
        served.server.wait_ready()
        cohort = served.classrooms[0].cohort
        office = ("--cohort", str(cohort), "--identity", str(served.world.school_folder), "--json")
        into = ("--dir", str(archive), "--place", "CABINET-3", "--synthetic")

        def add(name: str) -> None:
            words = (str(archive / name), "--class", "04-roster", *into)
            assert tledger("archive", "add", *words, *office).code == 0

        def file() -> dict[str, Any]:
            found = tledger("cohort", "file", str(cohort), *office[2:])
            document: dict[str, Any] = json.loads(found.out)
            return document

        def seal() -> Finished:
            return tledger("archive", "seal", "--retain-until", "2036-04-30", *office)

        add("名册.csv")
        wait_until(lambda: len(file()["items"]) == 1, "the document is in the file")
        early = seal()
        assert (early.code, "NOT_CLOSED" in early.err) == (1, True)
        with Ledger.open(served.world.school) as ledger:
            closing = Emitter(served.world.school, synthetic=True)
            ledger.accepted([closing.cohort_closed(cohort=cohort, completed=1)])
        first = seal()
        assert (first.code, json.loads(first.out)["version"]) == (0, 1), first.err
        add("videos/S-01.mp4")
        wait_until(lambda: len(file()["items"]) == 2, "the late document is in the file")
        assert [row["later_events"] for row in file()["seals"]] == [1]
        second = json.loads(seal().out)
        assert (second["version"], second["items"]) == (2, 2)
        wait_until(lambda: len(file()["seals"]) == 2, "the second seal is in the file")
        assert [row["items"] for row in file()["seals"]] == [1, 2]
