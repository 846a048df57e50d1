"""A correction holds a field with the value that it has, and no other."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from clients.sdk import Circumstances, Correction, DraftError, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.log.event_reader import read_event
from tests.unit.clients.sdk.identities import SESSION, identity_of
from tests.unit.clients.verifier.small_log import COHORT, ISSUER, PERSON

STAFF = UUID("5c1d2f9e-7f0a-4c38-8a55-6f2d6d6f7c11")
NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
NINE_US = 1_772_413_200_000_000
COMMITMENT = b"\7" * 32
NUMBERED = (
    pb.CORRECTED_FIELD_OCCURRED,
    pb.CORRECTED_FIELD_SIGNED_OUT,
    pb.CORRECTED_FIELD_MINUTES,
    pb.CORRECTED_FIELD_SCORE,
)
NAMING = (pb.CORRECTED_FIELD_SESSION, pb.CORRECTED_FIELD_TEACHER)


@pytest.mark.parametrize(
    ("correction", "stated"),
    [
        (Correction.occurred(NINE), (1, NINE_US, b"", b"")),
        (Correction.signed_out(NINE), (2, NINE_US, b"", b"")),
        (Correction.session(SESSION), (3, 0, SESSION.bytes, b"")),
        (Correction.minutes(0), (4, 0, b"", b"")),
        (Correction.score(10_000), (5, 10_000, b"", b"")),
        (Correction.teacher(STAFF), (6, 0, STAFF.bytes, b"")),
        (Correction.identity(COMMITMENT), (7, 0, b"", COMMITMENT)),
    ],
)
def test_each_field_is_written_with_its_own_value_alone(
    correction: Correction, stated: tuple[object, ...]
) -> None:
    event = Emitter(identity_of(ISSUER), entered_by=STAFF).record_corrected(
        cohort=COHORT,
        person_ref=PERSON,
        target=SESSION,
        correction=correction,
        reason="TYPED-WRONG",
        evidence_digest=bytes(32),
        how=Circumstances(approved_by=PERSON),
    )
    body = read_event(event.data).body
    assert (body.field, body.number, body.id, body.commitment) == stated


def test_every_field_of_the_contract_has_its_correction() -> None:
    fields = {*NUMBERED, *NAMING, pb.CORRECTED_FIELD_IDENTITY}
    assert fields == set(pb.CorrectedField.values()) - {0}


@pytest.mark.parametrize("field", NUMBERED)
def test_a_number_takes_no_id_and_no_commitment(field: pb.CorrectedField.ValueType) -> None:
    assert Correction(field, 5).number == 5
    with pytest.raises(DraftError, match=r"id: \w+ has none"):
        Correction(field, 5, id=STAFF)
    with pytest.raises(DraftError, match=r"commitment: \w+ has none"):
        Correction(field, 5, commitment=COMMITMENT)


@pytest.mark.parametrize("field", NAMING)
def test_a_session_or_a_teacher_needs_an_id_alone(field: pb.CorrectedField.ValueType) -> None:
    wrongs: tuple[dict[str, Any], ...] = (
        {},
        {"number": 1, "id": STAFF},
        {"id": STAFF, "commitment": COMMITMENT},
    )
    for wrong in wrongs:
        with pytest.raises(DraftError):
            Correction(field, **wrong)


def test_an_identity_needs_a_commitment_of_32_bytes_alone() -> None:
    field = pb.CORRECTED_FIELD_IDENTITY
    wrongs: tuple[dict[str, Any], ...] = (
        {},
        {"commitment": bytes(31)},
        {"commitment": COMMITMENT, "number": 1},
        {"commitment": COMMITMENT, "id": STAFF},
    )
    for wrong in wrongs:
        with pytest.raises(DraftError):
            Correction(field, **wrong)


@pytest.mark.parametrize(
    ("field", "number", "problem"),
    [
        (pb.CORRECTED_FIELD_UNSPECIFIED, 1, "field is not stated"),
        (pb.CORRECTED_FIELD_OCCURRED, 0, "OCCURRED needs a moment"),
        (pb.CORRECTED_FIELD_SIGNED_OUT, 0, "SIGNED_OUT needs a moment"),
        (pb.CORRECTED_FIELD_SCORE, 10_001, "number: 10001"),
        (pb.CORRECTED_FIELD_MINUTES, -1, "number: -1"),
    ],
)
def test_a_value_that_says_nothing_or_too_much_is_refused(
    field: pb.CorrectedField.ValueType, number: int, problem: str
) -> None:
    with pytest.raises(DraftError, match=problem):
        Correction(field, number)


def test_a_moment_has_an_offset() -> None:
    with pytest.raises(DraftError, match="no UTC offset"):
        Correction.signed_out(datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused
