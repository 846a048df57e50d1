"""Guests and amendments: which institution writes of another's learner, and who corrects what."""

from dataclasses import replace

import pytest

from ledger.domain.amendments import AMENDMENTS
from ledger.domain.authority import (
    GUEST_FACTS,
    Author,
    amendment_refusal,
    host_refusal,
    is_host,
)
from ledger.domain.event_types import EVENT_TYPES, KeyUse, Role
from ledger.domain.party_states import PartyState
from ledger.domain.states import CohortState, KeyState
from tests.unit.domain.recorded import event, header_of, message
from tests.unit.domain.test_authority import ROLES
from tests.unit.domain.writers import TRANSCRIBERS, WRITERS

SCHOOL, HOST, THIRD = b"s" * 16, b"h" * 16, b"t" * 16
HOME, HELD = CohortState(SCHOOL), CohortState(HOST)
OF_GUEST = message(institution=SCHOOL)
DEVICE_ORIGIN, PAPER, SYSTEM = 1, 3, 4


def _author(role: Role, holder: bytes = HOST) -> Author:
    key = KeyState(b"k" * 32, b"der", 1, holder, KeyUse.SYSTEM, "", 5)
    return Author(key, PartyState(role, "320599", "单位", "code"))


def test_a_host_writes_attendance_of_guests_and_amends_it_and_nothing_else() -> None:
    assert {
        "LearnerSignedIn",
        "LearnerSignedOut",
        "PresenceSpotChecked",
        "RecordCorrected",
        "EventVoided",
    } == GUEST_FACTS
    assert not any(EVENT_TYPES[name].decision for name in GUEST_FACTS)


@pytest.mark.parametrize(
    ("role", "holder", "others", "host"),
    [
        (Role.INSTITUTION, HOST, [b"h" * 16], True),
        (Role.INSTITUTION, HOST, [], False),
        # Its own learner in its own or another's sessions is no guest.
        (Role.INSTITUTION, SCHOOL, [b"h" * 16], False),
        (Role.PLATFORM, HOST, [b"h" * 16], False),
        (Role.EXAM_BODY, HOST, [b"h" * 16], False),
        (Role.BUREAU, HOST, [b"h" * 16], False),
    ],
)
def test_a_host_is_another_institution_with_a_cohort_of_its_own(
    role: Role, holder: bytes, others: list[bytes], host: bool
) -> None:
    assert is_host(_author(role, holder), OF_GUEST, others) is host


@pytest.mark.parametrize(
    ("home", "hosts", "field"),
    [
        (HOME, [HELD], ""),
        (HOME, [HELD, replace(HELD, planned=True)], ""),
        (None, [HELD], "header.institution"),
        (CohortState(THIRD), [HELD], "header.institution"),
        (HOME, [None], "header.cohorts"),
        (HOME, [CohortState(THIRD)], "header.cohorts"),
        (HOME, [HELD, CohortState(THIRD)], "header.cohorts"),
        # The home side's own cohort is not the host's.
        (HOME, [CohortState(SCHOOL)], "header.cohorts"),
    ],
)
def test_a_host_writes_of_a_known_home_and_its_own_sessions(
    home: CohortState | None, hosts: list[CohortState | None], field: str
) -> None:
    refusal = host_refusal(_author(Role.INSTITUTION), OF_GUEST, home, hosts)
    found = ("", "") if refusal is None else (refusal.code, refusal.field)
    assert found == (("NOT_YOUR_COHORT", field) if field else ("", ""))


def _refused(role: Role, name: str, origin: int, writer: Role | None = None) -> bool:
    header = header_of(5)
    header.record_origin = origin
    target = event(name, index=5, header=header)
    refusal = amendment_refusal(_author(role), target, writer or role)
    if refusal is None:
        return False
    assert (refusal.code, refusal.field) == ("NOT_YOURS_TO_WRITE", "target")
    assert refusal.values == {"role": role.value, "type": name}
    return True


@pytest.mark.parametrize("letter", ROLES)
@pytest.mark.parametrize("name", WRITERS)
def test_only_its_kind_of_writer_amends_an_event(letter: str, name: str) -> None:
    role = ROLES[letter]
    assert _refused(role, name, DEVICE_ORIGIN) == (letter not in WRITERS[name])
    transcribes = letter in WRITERS[name] or (letter, name) in TRANSCRIBERS
    for origin in (PAPER, SYSTEM):
        assert _refused(role, name, origin) == (not transcribes)


def test_an_institution_does_not_correct_what_the_platform_itself_wrote() -> None:
    assert _refused(Role.INSTITUTION, "OnlineLessonCompleted", DEVICE_ORIGIN)
    assert not _refused(Role.PLATFORM, "OnlineLessonCompleted", DEVICE_ORIGIN)
    assert not _refused(Role.INSTITUTION, "OnlineLessonCompleted", SYSTEM)


@pytest.mark.parametrize("name", sorted(AMENDMENTS))
@pytest.mark.parametrize("writer", Role)
@pytest.mark.parametrize("role", Role)
def test_an_amendment_is_amended_by_the_kind_that_wrote_it(
    name: str, writer: Role, role: Role
) -> None:
    writes = role in EVENT_TYPES[name].writers
    assert _refused(role, name, DEVICE_ORIGIN, writer) == (not writes or role is not writer)


def test_other_events_are_amended_by_their_kind_whoever_wrote_this_one() -> None:
    # A bureau transcribed it; the exam body that has a key by now corrects it.
    name = "TheoryExamResultRecorded"
    assert not _refused(Role.EXAM_BODY, name, PAPER, Role.BUREAU)
    assert not _refused(Role.BUREAU, name, PAPER, Role.BUREAU)


@pytest.mark.parametrize("name", ["IdentityVerified", "IdentityMismatchDetected"])
def test_what_two_kinds_write_is_amended_by_the_kind_that_wrote_it(name: str) -> None:
    for role, other in (
        (Role.INSTITUTION, Role.EXAM_BODY),
        (Role.EXAM_BODY, Role.INSTITUTION),
    ):
        assert not _refused(role, name, DEVICE_ORIGIN, role)
        assert _refused(role, name, DEVICE_ORIGIN, other)


def test_what_a_platform_took_over_from_elsewhere_is_not_the_institutions() -> None:
    name = "OnlineLessonCompleted"
    assert _refused(Role.INSTITUTION, name, SYSTEM, Role.PLATFORM)
    assert not _refused(Role.PLATFORM, name, SYSTEM, Role.PLATFORM)
    # What the institution took over itself, the platform corrects too.
    assert not _refused(Role.PLATFORM, name, SYSTEM, Role.INSTITUTION)


def test_an_amendment_of_what_is_not_recorded_is_not_refused_but_held() -> None:
    assert amendment_refusal(_author(Role.PLATFORM), None, None) is None
    assert amendment_refusal(_author(Role.PLATFORM), event("LearnerDreamed"), None) is None
