"""Admission of events about institutions and of staff files: which stream, and no cohort."""

from collections.abc import Callable
from uuid import UUID, uuid5

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.admission import AdmittedEvent, admit
from ledger.log.merkle import leaf_hash
from tests.independent.fields import STREAM_KINDS
from tests.independent.vectors import VECTORS

ORIGIN = VECTORS["log"]["origin"]
OTHER = UUID(int=0xC1, version=4)
DERIVED = uuid5(OTHER, "derived")
RANDOM_V7 = UUID(int=0xC1 | 7 << 76 | 2 << 62)
OF_INSTITUTIONS = [
    name
    for name, kind in STREAM_KINDS.items()
    if kind == "institution" and name != "InstitutionRegistered"
]
OF_STAFF = [name for name, kind in STREAM_KINDS.items() if kind == "staff"]

Change = Callable[[pb.EventHeader], object]


def verdict(name: str, change: Change) -> tuple[str, str]:
    """Return code and field of the refusal of a vector's event with a changed header."""
    event = pb.TrainingEvent.FromString(
        bytes.fromhex(VECTORS[f"event-{name}"]["events"][0]["event_hex"])
    )
    change(event.header)
    data = event.SerializeToString()
    batch = recording.Batch(
        key_id=event.header.author_key,
        algorithm=pb.ALGORITHM_ED25519,
        signature=b"s",
        leaves=[leaf_hash(data)],
        events=[data],
    )
    (incoming,) = admit([batch], ORIGIN)
    if isinstance(incoming, AdmittedEvent):
        return "", ""
    return incoming.refusal.code, incoming.refusal.field


def stream(value: UUID) -> Change:
    return lambda header: setattr(header, "stream", value.bytes)


def as_it_is(header: pb.EventHeader) -> None:
    """Change nothing."""


@pytest.mark.parametrize("name", OF_INSTITUTIONS)
def test_an_event_about_an_institution_stands_in_that_institutions_stream(name: str) -> None:
    assert verdict(name, as_it_is) == ("", "")
    assert verdict(name, stream(OTHER)) == ("WRONG_STREAM", "header.stream")


@pytest.mark.parametrize("name", OF_STAFF)
def test_a_staff_file_is_a_random_id_of_whatever_institution(name: str) -> None:
    assert verdict(name, stream(OTHER)) == ("", "")
    assert verdict(name, stream(RANDOM_V7)) == ("", "")
    assert verdict(name, stream(DERIVED)) == ("INVALID_FIELD", "header.stream")


@pytest.mark.parametrize("name", OF_INSTITUTIONS + OF_STAFF)
def test_neither_belongs_to_a_cohort_or_names_a_learner(name: str) -> None:
    in_cohort = verdict(name, lambda header: header.cohorts.append(OTHER.bytes))
    assert in_cohort == ("INVALID_FIELD", "header.cohorts")
    of_learner = verdict(name, lambda header: setattr(header, "person_ref", OTHER.bytes))
    assert of_learner == ("INVALID_FIELD", "header.person_ref")
