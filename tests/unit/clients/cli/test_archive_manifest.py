"""The manifest beside documents: canonical, never overwritten unread, nothing of it lost."""

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from clients.cli.archive_manifest import (
    MANIFEST,
    ArchivedFile,
    Manifest,
    forget_events,
    is_name,
    keep_files,
    read_manifest,
)
from clients.cli.problems import ExitCode, Problem

COHORT = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
OTHER = UUID("0197b3f0-0000-7000-8000-000000000009")
FIRST = ArchivedFile(
    name="名册.pdf",
    item_class="04-roster",
    media_type="application/pdf",
    size=12,
    place="CABINET-3",
    salt=b"\1" * 32,
    salted_digest=b"\2" * 32,
    event=UUID("0197b3f0-0000-7000-8000-000000000001"),
)
SECOND = replace(
    FIRST,
    name="exams/results.csv",
    salted_digest=b"\3" * 32,
    event=UUID("0197b3f0-0000-7000-8000-000000000002"),
)
# Written out by hand: members sorted, no white space, Chinese as it is, hex in lower case.
WRITTEN = (
    '{"cohort":"8a6e0804-2bd0-4672-b79d-d97027f9071a","items":[{"class":"04-roster",'
    '"event":"0197b3f0-0000-7000-8000-000000000001","media_type":"application/pdf",'
    f'"name":"名册.pdf","place":"CABINET-3","salt":"{"01" * 32}","salted_digest":"{"02" * 32}",'
    '"size":12}],"v":1}'
)


def test_what_is_kept_has_these_bytes_for_its_owner_alone(tmp_path: Path) -> None:
    keep_files(tmp_path, COHORT, [FIRST])
    path = tmp_path / MANIFEST
    assert path.read_text("utf-8") == WRITTEN
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [MANIFEST]
    assert read_manifest(tmp_path, COHORT) == Manifest(COHORT, (FIRST,))


def test_more_is_added_and_what_is_not_recorded_is_taken_out(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, COHORT).files == ()
    keep_files(tmp_path, COHORT, [FIRST])
    keep_files(tmp_path, COHORT, [SECOND])
    assert read_manifest(tmp_path, COHORT).files == (FIRST, SECOND)
    forget_events(tmp_path, COHORT, {FIRST.event})
    assert read_manifest(tmp_path, COHORT).files == (SECOND,)
    # Without files it is gone: a cohort that was mistyped does not keep the folder.
    forget_events(tmp_path, COHORT, {SECOND.event})
    assert list(tmp_path.iterdir()) == []


def changed(member: str, value: object) -> bytes:
    document = json.loads(WRITTEN)
    target = document if member in document else document["items"][0]
    target[member] = value
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(WRITTEN.encode()[:-1], id="cut off"),
        pytest.param(WRITTEN.encode() + b"\n", id="not canonical"),
        pytest.param(WRITTEN.encode("gb18030"), id="another encoding"),
        pytest.param(b"[]", id="no object"),
        pytest.param(changed("v", 2), id="a later version"),
        pytest.param(changed("cohort", "x"), id="no cohort"),
        pytest.param(changed("cohort", 1), id="a cohort of another type"),
        pytest.param(changed("items", {}), id="items no list"),
        pytest.param(changed("items", [1]), id="an item no object"),
        pytest.param(changed("salt", "01" * 31), id="a short salt"),
        pytest.param(changed("salt", "x" * 64), id="a salt no hex"),
        pytest.param(changed("salted_digest", "02" * 33), id="a long digest"),
        pytest.param(changed("size", "12"), id="a size of another type"),
        pytest.param(changed("size", True), id="a size true"),
        pytest.param(changed("size", -1), id="a negative size"),
        pytest.param(changed("event", "x"), id="no event"),
        pytest.param(changed("name", "../名册.pdf"), id="a name outside"),
        pytest.param(changed("name", "/名册.pdf"), id="an absolute name"),
        pytest.param(changed("place", 3), id="a place of another type"),
        pytest.param(changed("remark", "x"), id="an unknown member of the item"),
    ],
)
def test_what_cannot_be_read_is_named_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / MANIFEST
    path.write_bytes(content)
    for attempt in (
        lambda: read_manifest(tmp_path, COHORT),
        lambda: keep_files(tmp_path, COHORT, [SECOND]),
        lambda: forget_events(tmp_path, COHORT, {FIRST.event}),
    ):
        with pytest.raises(Problem) as told:
            attempt()
        assert told.value.code == "MANIFEST_UNREADABLE"
        assert told.value.exit_code is ExitCode.USAGE
        assert told.value.values["path"] == str(path)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == [MANIFEST]


def test_the_changes_of_the_cases_above_are_what_makes_them_unreadable(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(changed("size", 13))
    assert read_manifest(tmp_path, COHORT).files == (replace(FIRST, size=13),)


def test_a_folder_that_is_in_the_place_of_the_manifest_is_said(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).mkdir()
    with pytest.raises(Problem) as told:
        keep_files(tmp_path, COHORT, [FIRST])
    assert told.value.code == "MANIFEST_UNREADABLE"


def test_a_folder_is_one_cohorts(tmp_path: Path) -> None:
    keep_files(tmp_path, COHORT, [FIRST])
    with pytest.raises(Problem) as told:
        keep_files(tmp_path, OTHER, [SECOND])
    assert told.value.code == "MANIFEST_OF_ANOTHER_COHORT"
    assert told.value.values["cohort"] == str(COHORT)
    assert read_manifest(tmp_path, COHORT).files == (FIRST,)


def test_while_another_command_changes_it_nothing_is_written(tmp_path: Path) -> None:
    lock = tmp_path / ".archive.json.lock"
    lock.touch()
    with pytest.raises(Problem) as told:
        keep_files(tmp_path, COHORT, [FIRST])
    assert (told.value.code, told.value.retryable) == ("MANIFEST_IN_USE", True)
    assert told.value.values["path"] == str(lock)
    assert not (tmp_path / MANIFEST).exists()
    # The other's lock is left alone; without it the same goes through.
    assert lock.exists()
    lock.unlink()
    keep_files(tmp_path, COHORT, [FIRST])
    assert read_manifest(tmp_path, COHORT).files == (FIRST,)


def test_when_writing_fails_what_stood_there_stands_there_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_files(tmp_path, COHORT, [FIRST])

    def full(path: Path, data: bytes, mode: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clients.cli.keeping.replace_file", full)
    with pytest.raises(Problem) as told:
        keep_files(tmp_path, COHORT, [SECOND])
    assert told.value.code == "FILE_UNWRITABLE"
    monkeypatch.undo()
    assert read_manifest(tmp_path, COHORT).files == (FIRST,)
    keep_files(tmp_path, COHORT, [SECOND])
    assert read_manifest(tmp_path, COHORT).files == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("a.pdf", True),
        ("2026/第一期/名册 副本.pdf", True),
        ("..a", True),
        ("", False),
        (".", False),
        ("..", False),
        ("a/../b", False),
        ("/a", False),
        ("a//b", False),
        ("./a", False),
        ("a/", False),
        ("a\0b", False),
    ],
)
def test_a_name_stays_within_the_folder(name: str, within: bool) -> None:
    assert is_name(name) is within
