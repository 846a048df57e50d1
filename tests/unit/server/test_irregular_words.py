"""What irregular records show, in words: each kind, both languages, no verdict."""

from typing import Any
from uuid import UUID

import pytest

from ledger.api.v1 import events_pb2
from ledger.api.v1 import supervision_service_pb2 as pb
from ledger.server.irregular_words import irregular_words
from ledger.server.supervision_messages import irregular_message
from projections.irregular import IrregularKind
from projections.supervision_records import IrregularRecord

TARGET = UUID(int=0x7A)
HOUR_US = 3_600_000_000
DETAILS: dict[IrregularKind, dict[str, Any]] = {
    IrregularKind.LATE: {},
    IrregularKind.HELD: {"code": "CLOCK_AHEAD"},
    IrregularKind.CORRECTION: {
        "target": TARGET.hex,
        "field": events_pb2.CORRECTED_FIELD_SCORE,
        "reason": "TYPING",
    },
    IrregularKind.VOIDING: {"target": TARGET.hex, "reason": "WRONG-LEARNER"},
    IrregularKind.TRANSCRIBED: {"origin": events_pb2.RECORD_ORIGIN_IMPORTED},
    IrregularKind.CHECKED_ABSENT: {"session": TARGET.hex},
    IrregularKind.IDENTITY_MISMATCH: {
        "session": "",
        "method": events_pb2.PRESENCE_METHOD_ID_CARD,
    },
    IrregularKind.CHAIN_GAP: {"device": "TERM-0031", "first": 7, "last": 9},
    IrregularKind.CHAIN_FORK: {"device": "TERM-0031", "sequence": 7},
}
ENGLISH = {
    IrregularKind.LATE: "recorded 25 h 1 min after it happened",
    IrregularKind.HELD: (
        "Its clock was ten minutes ahead or more; it counts once the offset is stated"
    ),
    IrregularKind.CORRECTION: f"corrects the score of event {TARGET} (reason TYPING)",
    IrregularKind.VOIDING: f"voids event {TARGET} (reason WRONG-LEARNER)",
    IrregularKind.TRANSCRIBED: "taken over from another system",
    IrregularKind.CHECKED_ABSENT: f"absent in a spot check of session {TARGET}",
    IrregularKind.IDENTITY_MISMATCH: "person and document do not agree (identity card)",
    IrregularKind.CHAIN_GAP: "events 7 to 9 of device TERM-0031 are not recorded",
    IrregularKind.CHAIN_FORK: "event 7 of device TERM-0031 does not continue its chain",
}


def record(kind: IrregularKind) -> IrregularRecord:
    return IrregularRecord(
        kind=kind,
        details=DETAILS[kind],
        index=17,
        event_id=UUID(int=1).bytes,
        type="LearnerSignedIn",
        cohort=UUID(int=2).bytes,
        enrolment=b"",
        institution=UUID(int=3).bytes,
        area="320599",
        occurred_us=HOUR_US,
        recorded_us=26 * HOUR_US + 119_000_000,
        voided_by=b"",
    )


@pytest.mark.parametrize("kind", IrregularKind)
def test_every_kind_says_what_its_record_shows(kind: IrregularKind) -> None:
    zh, en = irregular_words(record(kind))
    assert en == ENGLISH[kind]
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert "\n" not in zh + en


def test_the_kinds_are_those_of_the_contract() -> None:
    declared = {
        value.name.removeprefix("IRREGULAR_KIND_"): value.number
        for value in pb.IrregularKind.DESCRIPTOR.values
        if value.number
    }
    assert declared == {kind.name: kind.value for kind in IrregularKind}


def test_only_a_correction_or_voiding_names_a_target() -> None:
    with_target = {kind for kind in IrregularKind if irregular_message(record(kind)).target}
    assert with_target == {IrregularKind.CORRECTION, IrregularKind.VOIDING}
