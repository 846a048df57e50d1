"""A town in files: the same bytes again, well formed, signed, synthetic; what truth.json says."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import protovalidate
import pytest

from clients.sdk import Identity
from clients.simulator.simulation import write_files
from clients.simulator.town import Size
from ledger.api.v1 import events_pb2, recording_service_pb2
from ledger.log import dsse, merkle
from ledger.log.event_reader import read_event
from ledger.log.signatures import load_public_key

SIZE = Size(seed=1, cohorts=2, learners=8)


@pytest.fixture(scope="module", params=["real", "shuffled"])
def folder(
    request: pytest.FixtureRequest, identity: Identity, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp(request.param)
    write_files(SIZE, identity, out, mixed=request.param == "shuffled")
    return out


def batches(folder: Path) -> Iterator[recording_service_pb2.Batch]:
    for path in sorted((folder / "batches").iterdir()):
        yield recording_service_pb2.Batch.FromString(path.read_bytes())


def events(folder: Path) -> list[events_pb2.TrainingEvent]:
    return [
        events_pb2.TrainingEvent.FromString(data)
        for batch in batches(folder)
        for data in batch.events
    ]


def test_the_same_seed_writes_the_same_bytes(
    folder: Path, identity: Identity, tmp_path: Path
) -> None:
    mixed = "shuffled" in folder.name
    write_files(SIZE, identity, tmp_path, mixed=mixed)
    for path in folder.rglob("*.*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes()
    other = tmp_path / "other"
    write_files(Size(seed=9, cohorts=2, learners=8), identity, other, mixed=mixed)
    assert (other / "truth.json").read_bytes() != (folder / "truth.json").read_bytes()


def test_every_event_is_well_formed_synthetic_and_unique(folder: Path) -> None:
    found = events(folder)
    assert len(found) > 1_000
    assert len({event.header.event_id for event in found}) == len(found)
    for event in found:
        assert event.header.synthetic
        assert not protovalidate.collect_violations(event)
    for batch in batches(folder):
        assert read_event(batch.events[0]).header.author_key == batch.key_id


def test_batches_are_signed_by_keys_of_the_register(folder: Path) -> None:
    rows = (folder / "parties.csv").read_text("utf-8").splitlines()[1:]
    texts = [row.rsplit(",", 1)[1] for row in rows]
    texts += [row["public_key"] for row in json.loads((folder / "terminals.json").read_text())]
    keys = {key.key_id: key for key in (load_public_key(b64decode(text)) for text in texts)}
    for batch in batches(folder):
        message = dsse.batch_message(merkle.root(list(batch.leaves)))
        keys[batch.key_id].verify(batch.signature, message)


def test_a_terminal_numbers_its_events_whatever_the_order_of_delivery(folder: Path) -> None:
    device = next(event.header.device for event in events(folder) if event.header.device)
    numbers = [
        event.header.device_sequence for event in events(folder) if event.header.device == device
    ]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert (numbers == sorted(numbers)) is ("real" in folder.name)


def test_offline_terminals_come_first_and_the_timetable_last(folder: Path) -> None:
    types = [event.header.type for event in events(folder)]
    early, late = types.index("LearnerSignedIn"), types.index("LearnerEnrolled")
    scheduled = types.index("SessionScheduled")
    if "shuffled" in folder.name:
        assert early < types.index("CohortPlanned") < late < scheduled
        assert types.index("OnlineLessonCompleted") < late
    else:
        assert types[0] == "CohortPlanned"
        assert scheduled < late < early


def test_truth_names_the_ids_of_the_events(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    streams = {str(UUID(bytes=event.header.stream)) for event in events(folder)}
    for cohort in truth["cohorts"]:
        assert cohort["cohort"] in streams
        assert {learner["enrolment"] for learner in cohort["learners"]} <= streams
    wanted = json.loads((folder / "wanted.json").read_text("utf-8"))
    asked = [row["subject"] for row in wanted if row["decision"] == "certificate"]
    assert len(asked) == sum(len(cohort["learners"]) for cohort in truth["cohorts"])
    refused = {row["subject"] for row in truth["refusals"] if row["decision"] == "certificate"}
    certified = {
        learner["code"]
        for cohort in truth["cohorts"]
        for learner in cohort["learners"]
        if learner["certificate"]
    }
    assert refused | certified == set(asked)
    assert not refused & certified


def test_labels_stand_in_truth_alone(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    names = {label["name"] for label in truth["labels"]}
    assert "SAME_PERSON_TWICE" in names
    for batch in batches(folder):
        for data in batch.events:
            assert not any(name.encode() in data for name in names)


def test_a_guests_sign_ins_name_home_and_host(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    cohorts = {row["code"]: UUID(row["cohort"]).bytes for row in truth["cohorts"]}
    guests = [
        event
        for event in events(folder)
        if event.header.type == "LearnerSignedIn" and len(event.header.cohorts) > 1
    ]
    assert guests
    assert {tuple(event.header.cohorts) for event in guests} == {(cohorts["C01"], cohorts["C02"])}
