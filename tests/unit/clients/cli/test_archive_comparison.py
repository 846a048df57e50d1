"""A folder against the cohort file: every item has one state, every other file is named."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.archive_comparison import State, compare
from clients.cli.archive_folder import files_below, media_type, names_within, salted_digest
from clients.cli.archive_manifest import ArchivedFile
from clients.cli.problems import ExitCode, Problem

EVENT = UUID("0197b3f0-0000-7000-8000-000000000001")


@dataclass
class Listed:
    size: int
    salted_digest: str


def archived(name: str, content: bytes, salt: bytes = b"s" * 32) -> ArchivedFile:
    digest = sha256(salt + content).digest()
    return ArchivedFile(
        name, "04-roster", "application/pdf", len(content), "A", salt, digest, EVENT
    )


def listed(file: ArchivedFile) -> Listed:
    return Listed(file.size, file.salted_digest.hex())


def states(
    items: list[Listed], files: list[ArchivedFile], folder: dict[str, bytes]
) -> tuple[list[State], tuple[str, ...]]:
    def digest(name: str, salt: bytes) -> tuple[bytes, int] | None:
        content = folder.get(name)
        return None if content is None else (sha256(salt + content).digest(), len(content))

    found = compare(items, files, folder, digest)
    assert [finding.item for finding in found.findings] == items
    return [finding.state for finding in found.findings], found.unlisted


A, B = archived("a.pdf", b"alpha"), archived("b.pdf", b"beta", b"t" * 32)


@pytest.mark.parametrize(
    ("folder", "expected", "unlisted"),
    [
        pytest.param(
            {"a.pdf": b"alpha", "b.pdf": b"beta"}, [State.PRESENT, State.PRESENT], (), id="all"
        ),
        pytest.param(
            {"a.pdf": b"alphA", "b.pdf": b"beta"}, [State.CHANGED, State.PRESENT], (), id="one bit"
        ),
        pytest.param(
            {"a.pdf": b"alpha", "b.pdf": b""}, [State.PRESENT, State.CHANGED], (), id="emptied"
        ),
        pytest.param({"b.pdf": b"beta"}, [State.MISSING, State.PRESENT], (), id="one gone"),
        pytest.param(
            # Each has its salt: exchanged, neither is what it was.
            {"a.pdf": b"beta", "b.pdf": b"alpha"},
            [State.CHANGED, State.CHANGED],
            (),
            id="exchanged",
        ),
        pytest.param(
            {"z.pdf": b"alpha", "b.pdf": b"beta", "c.pdf": b""},
            [State.MISSING, State.PRESENT],
            ("c.pdf", "z.pdf"),
            id="renamed, and one more",
        ),
        pytest.param({}, [State.MISSING, State.MISSING], (), id="nothing"),
    ],
)
def test_each_item_has_its_state(
    folder: dict[str, bytes], expected: list[State], unlisted: tuple[str, ...]
) -> None:
    assert states([listed(A), listed(B)], [A, B], folder) == (expected, unlisted)


def test_without_its_salt_an_item_is_not_compared_and_its_file_is_unlisted() -> None:
    folder = {"a.pdf": b"alpha", "b.pdf": b"beta"}
    assert states([listed(A), listed(B)], [B], folder) == (
        [State.WITHOUT_SALT, State.PRESENT],
        ("a.pdf",),
    )


def test_a_file_of_the_manifest_that_the_cohort_file_does_not_have_is_unlisted() -> None:
    folder = {"a.pdf": b"alpha", "b.pdf": b"beta"}
    assert states([listed(A)], [A, B], folder) == ([State.PRESENT], ("b.pdf",))


def test_of_several_attempts_with_a_name_the_recorded_one_counts() -> None:
    again = archived("a.pdf", b"alpha", b"u" * 32)
    assert states([listed(again)], [A, again], {"a.pdf": b"alpha"}) == ([State.PRESENT], ())


def test_a_size_that_the_digest_does_not_have_is_a_change() -> None:
    item = Listed(A.size + 1, A.salted_digest.hex())
    assert states([item], [A], {"a.pdf": b"alpha"})[0] == [State.CHANGED]


@given(st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=3)), st.data())
def test_present_is_exactly_what_has_not_been_touched(
    before: dict[str, bytes], data: st.DataObject
) -> None:
    files = [
        archived(name, content, sha256(name.encode()).digest()) for name, content in before.items()
    ]
    after = data.draw(st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=3)))
    found, unlisted = states([listed(file) for file in files], files, after)
    expected = [
        State.MISSING
        if name not in after
        else State.PRESENT
        if after[name] == content
        else State.CHANGED
        for name, content in before.items()
    ]
    assert found == expected
    assert unlisted == tuple(sorted(after.keys() - before.keys()))


def test_a_digest_is_of_salt_and_bytes_also_of_more_than_one_chunk(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    content = bytes(range(256)) * 4096 * 3 + b"end"
    path.write_bytes(content)
    assert salted_digest(path, b"s" * 32) == (sha256(b"s" * 32 + content).digest(), 3_145_731)
    assert salted_digest(path, b"t" * 32)[0] != sha256(b"s" * 32 + content).digest()


def test_a_file_that_cannot_be_read_could_not_be_checked(tmp_path: Path) -> None:
    with pytest.raises(Problem) as told:
        salted_digest(tmp_path / "nothing", b"s" * 32)
    assert (told.value.code, told.value.exit_code) == ("FILE_UNREADABLE", ExitCode.UNCHECKED)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("名册.pdf", "application/pdf"),
        ("SCAN.PDF", "application/pdf"),
        ("scan.jpg", "image/jpeg"),
        ("scores.csv", "text/csv"),
        ("第一期.mp4", "video/mp4"),
        ("plan.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("scores.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("photos.zip", "application/zip"),
        # What is compressed is not of the type that is in it.
        ("export.csv.gz", "application/gzip"),
        ("export.csv.Z", "application/octet-stream"),
        ("form.ofd", "application/octet-stream"),
        ("README", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_name_gives_the_media_type(name: str, kind: str) -> None:
    assert media_type(name) == kind


def test_names_are_within_the_folder_whatever_way_leads_to_it(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    (root / "exams").mkdir(parents=True)
    (tmp_path / "link").symlink_to(root)
    for name in ("a.pdf", "exams/b.pdf"):
        (root / name).touch()
    ways = [tmp_path / "link" / "a.pdf", root / "exams" / ".." / "exams" / "b.pdf"]
    assert names_within(root, ways) == ["a.pdf", "exams/b.pdf"]
    assert names_within(tmp_path / "link", ways) == ["a.pdf", "exams/b.pdf"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a.pdf", "../other.pdf"], "not in the folder"),
        (["a.pdf", "./a.pdf"], "stands twice"),
        (["archive.json"], "manifest itself"),
        ([b"\xb0\xa1.pdf".decode(errors="surrogateescape")], "no UTF-8"),
    ],
)
def test_what_cannot_stand_in_a_manifest_is_refused(
    tmp_path: Path, names: list[str], words: str
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    with pytest.raises(Problem) as told:
        names_within(folder, [folder / name for name in names])
    assert (told.value.code, told.value.exit_code) == ("INPUT_WRONG", ExitCode.USAGE)
    assert words in told.value.text.en


def test_the_files_of_a_folder_are_found_below_too_but_not_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.pdf", "a/c.pdf", "a/archive.json", ".DS_Store", ".git/config", "archive.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    # A manifest of another folder is a file like others.
    assert files_below(tmp_path) == ["a/archive.json", "a/c.pdf", "b.pdf"]


def test_a_folder_that_cannot_be_read_could_not_be_checked(tmp_path: Path) -> None:
    with pytest.raises(Problem) as told:
        files_below(tmp_path / "nothing")
    assert told.value.exit_code is ExitCode.UNCHECKED


def test_a_changed_item_is_not_taken_for_another_of_the_same_bytes() -> None:
    twin = replace(archived("twin.pdf", b"alpha", b"v" * 32))
    assert states([listed(A), listed(twin)], [A, twin], {"twin.pdf": b"alpha"}) == (
        [State.MISSING, State.PRESENT],
        (),
    )
