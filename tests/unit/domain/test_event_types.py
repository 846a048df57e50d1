"""The table of event types against proto/, docs/formats.md section 3 and DESIGN section 4."""

import re
from pathlib import Path

import pytest

from ledger.api.v1 import events_pb2
from ledger.domain import event_types
from ledger.domain.event_types import (
    DECISION_RELEVANT,
    EVENT_TYPES,
    ROLE_BY_NUMBER,
    USE_BY_NUMBER,
    EventType,
    KeyUse,
    Role,
)
from ledger.log import entries

FORMATS = Path(__file__).parents[3] / "docs" / "formats.md"

FACTS = {
    "SessionScheduled",
    "SessionStarted",
    "SessionEnded",
    "ArchiveItemAdded",
    "LearnerSignedIn",
    "LearnerSignedOut",
    "OnlineLessonCompleted",
    "CourseTestRecorded",
    "TheoryExamResultRecorded",
    "PracticalExamResultRecorded",
}
DECISIONS = {
    "InstitutionRegistered",
    "KeyRegistered",
    "KeyEnded",
    "PolicyAdopted",
    "CohortPlanned",
    "CohortOpened",
    "CohortClosed",
    "LearnerEnrolled",
    "LearnerWithdrew",
    "TrainingCertificateIssued",
    "TrainingCertificateRevoked",
}


def kinds_of_the_specification() -> dict[str, str]:
    section = FORMATS.read_text("utf-8").partition("Stream kinds and bodies:")[2]
    row = re.compile(r"^\| `([a-z_]+)` \| ([A-Za-z, ]+) \|$", re.MULTILINE)
    rows = row.findall(section.partition("\n## ")[0])
    return {body: kind for kind, bodies in rows for body in bodies.split(", ")}


def test_each_body_of_the_contract_has_exactly_one_event_type_of_its_name() -> None:
    fields = events_pb2.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    bodies = [field.message_type.name for field in fields if field.message_type is not None]
    assert len(fields) == len(bodies) == len(event_types._ROWS)
    assert sorted(bodies) == sorted(EVENT_TYPES)
    assert all(name == each.name for name, each in EVENT_TYPES.items())


def test_the_kinds_are_those_of_the_specification() -> None:
    assert {name: each.kind for name, each in EVENT_TYPES.items()} == kinds_of_the_specification()
    assert {each.kind for each in EVENT_TYPES.values()} == entries.KINDS


def test_what_happened_is_a_fact_and_what_is_resolved_a_decision() -> None:
    assert {name for name, each in EVENT_TYPES.items() if not each.decision} == FACTS
    assert {name for name, each in EVENT_TYPES.items() if each.decision} == DECISIONS


def test_the_state_that_decisions_read_is_folded_from_decisions_alone() -> None:
    assert DECISION_RELEVANT == DECISIONS


def test_roles_and_uses_have_the_numbers_of_the_contract() -> None:
    roles = {f"PARTY_KIND_{role.value.upper()}": number for number, role in ROLE_BY_NUMBER.items()}
    uses = {f"KEY_USE_{use.value.upper()}": number for number, use in USE_BY_NUMBER.items()}
    assert {"PARTY_KIND_UNSPECIFIED": 0} | roles == dict(events_pb2.PartyKind.items())
    assert {"KEY_USE_UNSPECIFIED": 0} | uses == dict(events_pb2.KeyUse.items())
    assert set(ROLE_BY_NUMBER.values()) == set(Role)
    assert set(USE_BY_NUMBER.values()) == set(KeyUse)


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.EXAM_BODY, {"TheoryExamResultRecorded", "PracticalExamResultRecorded"}),
        (Role.PLATFORM, {"OnlineLessonCompleted"}),
        (
            Role.BUREAU,
            {"InstitutionRegistered", "PolicyAdopted", "TrainingCertificateRevoked"},
        ),
    ],
)
def test_a_party_writes_what_is_its_own_beside_its_keys(role: Role, names: set[str]) -> None:
    written = {name for name, each in EVENT_TYPES.items() if role in each.writers}
    assert written == names | {"KeyRegistered", "KeyEnded"}


def test_an_institution_writes_the_rest_but_no_exam_result_and_no_lesson() -> None:
    others = {
        "InstitutionRegistered",
        "PolicyAdopted",
        "OnlineLessonCompleted",
        "TheoryExamResultRecorded",
        "PracticalExamResultRecorded",
    }
    written = {name for name, each in EVENT_TYPES.items() if Role.INSTITUTION in each.writers}
    assert written == (FACTS | DECISIONS) - others


def test_a_terminal_signs_presence_alone() -> None:
    signed = {name for name, each in EVENT_TYPES.items() if KeyUse.DEVICE in each.uses}
    assert signed == {"SessionStarted", "SessionEnded", "LearnerSignedIn", "LearnerSignedOut"}


def test_an_office_system_signs_no_key_no_certificate_and_no_policy() -> None:
    only_party = {name for name, each in EVENT_TYPES.items() if KeyUse.SYSTEM not in each.uses}
    assert only_party == {
        "InstitutionRegistered",
        "KeyRegistered",
        "KeyEnded",
        "PolicyAdopted",
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
    }
    assert all(KeyUse.PARTY in each.uses for each in EVENT_TYPES.values())


@pytest.mark.parametrize("each", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_an_event_type_has_writers_labels_and_a_source(each: EventType) -> None:
    assert each.writers
    assert each.label_en.isascii()
    assert each.label_en
    assert each.label_zh
    assert not each.label_zh.isascii()
    assert each.source


def test_labels_are_distinct_in_each_language() -> None:
    assert len({each.label_zh for each in EVENT_TYPES.values()}) == len(EVENT_TYPES)
    assert len({each.label_en for each in EVENT_TYPES.values()}) == len(EVENT_TYPES)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        EVENT_TYPES["More"] = EVENT_TYPES["KeyEnded"]  # type: ignore[index]  # what is tested
