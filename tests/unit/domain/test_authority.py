"""Who may write what: every role and key use with every type, ownership, area, endings of keys."""

from dataclasses import replace

import pytest

from ledger.domain.authority import (
    Author,
    area_refusal,
    cohort_refusal,
    ending_refusal,
    held_by_key,
    institution_refusal,
    key_refusal,
    loosened_refusal,
    role_refusal,
    staff_refusal,
    transcription_refusal,
)
from ledger.domain.event_types import EVENT_TYPES, KeyUse, Role
from ledger.domain.party_states import PartyState, StaffState
from ledger.domain.states import CohortState, KeyState
from tests.unit.domain.recorded import message
from tests.unit.domain.writers import DEVICE, PARTY_ALONE, TRANSCRIBERS, WRITERS

SCHOOL, OTHER, PLATFORM, EXAMINERS, BUREAU = (
    letter * 16 for letter in (b"s", b"o", b"p", b"e", b"b")
)
NOW = 1_772_424_000_000_000
ROTATED, LOST, COMPROMISED = 1, 2, 3

ROLES = {
    "I": Role.INSTITUTION,
    "B": Role.BUREAU,
    "X": Role.EXAM_BODY,
    "P": Role.PLATFORM,
}
TYPED_IN = message(record_origin=2, source_digest=b"", entered_by=b"1" * 16, approved_by=b"")
TRANSCRIBED = {
    "record_origin": 3,
    "source_digest": b"d" * 32,
    "entered_by": b"1" * 16,
    "approved_by": b"2" * 16,
}


def _key(
    *,
    holder: bytes = SCHOOL,
    use: KeyUse = KeyUse.PARTY,
    ending: int = 0,
    accepted_until_us: int = 0,
) -> KeyState:
    return KeyState(b"k" * 32, b"der", 1, holder, use, "", 5, ending, accepted_until_us)


def _author(role: Role, holder: bytes = SCHOOL, area: str = "320599") -> Author:
    return Author(_key(holder=holder), PartyState(role, area, "单位", "code"))


def test_the_table_covers_every_type() -> None:
    assert set(WRITERS) == set(EVENT_TYPES)


@pytest.mark.parametrize("letter", ROLES)
@pytest.mark.parametrize("name", WRITERS)
def test_a_role_writes_its_types_and_no_others(letter: str, name: str) -> None:
    refusal = role_refusal(_author(ROLES[letter]), EVENT_TYPES[name], TYPED_IN)
    if letter in WRITERS[name]:
        assert refusal is None
    else:
        assert refusal is not None
        assert (refusal.code, refusal.field) == ("NOT_YOURS_TO_WRITE", "header.author_key")
        assert refusal.values == {"role": ROLES[letter].value, "type": name}


@pytest.mark.parametrize("origin", [3, 4])
@pytest.mark.parametrize("letter", ROLES)
@pytest.mark.parametrize("name", WRITERS)
def test_transcription_opens_three_types_and_nothing_else(
    letter: str, name: str, origin: int
) -> None:
    header = message(**{**TRANSCRIBED, "record_origin": origin})
    refusal = role_refusal(_author(ROLES[letter]), EVENT_TYPES[name], header)
    allowed = letter in WRITERS[name] or (letter, name) in TRANSCRIBERS
    assert (refusal is None) == allowed


@pytest.mark.parametrize(
    "missing",
    [
        {"record_origin": 1},
        {"record_origin": 2},
        {"source_digest": b""},
        {"entered_by": b""},
        {"approved_by": b""},
        {"approved_by": TRANSCRIBED["entered_by"]},
    ],
    ids=["device", "entered", "no-digest", "nobody-entered", "nobody-approved", "one-person"],
)
@pytest.mark.parametrize(("letter", "name"), sorted(TRANSCRIBERS))
def test_a_transcription_needs_origin_digest_and_two_persons(
    letter: str, name: str, missing: dict[str, object]
) -> None:
    header = message(**{**TRANSCRIBED, **missing})
    refusal = role_refusal(_author(ROLES[letter]), EVENT_TYPES[name], header)
    assert refusal is not None
    assert refusal.code == "NOT_YOURS_TO_WRITE"


@pytest.mark.parametrize("use", KeyUse)
@pytest.mark.parametrize("name", WRITERS)
def test_a_key_signs_what_its_use_allows(name: str, use: KeyUse) -> None:
    allowed = {
        KeyUse.PARTY: True,
        KeyUse.SYSTEM: name not in PARTY_ALONE,
        KeyUse.DEVICE: name in DEVICE,
    }[use]
    refusal = key_refusal(_key(use=use), EVENT_TYPES[name], NOW)
    assert (refusal is None) == allowed
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("KEY_USE", "header.author_key")


@pytest.mark.parametrize("name", ["LearnerSignedIn", "LearnerEnrolled"])
@pytest.mark.parametrize(("now", "accepted"), [(NOW - 1, True), (NOW, True), (NOW + 1, False)])
def test_a_rotated_keys_backlog_is_accepted_until_the_announced_moment(
    name: str, now: int, accepted: bool
) -> None:
    key = _key(ending=ROTATED, accepted_until_us=NOW)
    refusal = key_refusal(key, EVENT_TYPES[name], now)
    assert (refusal is None) == accepted
    assert not held_by_key(key)
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("KEY_ENDED", "header.author_key")
        assert refusal.values == {"ending": "rotated"}


def test_a_lost_keys_facts_are_held_and_its_decisions_refused() -> None:
    key = _key(ending=LOST)
    assert key_refusal(key, EVENT_TYPES["LearnerSignedIn"], NOW) is None
    assert held_by_key(key)
    refusal = key_refusal(key, EVENT_TYPES["LearnerEnrolled"], NOW)
    assert refusal is not None
    assert (refusal.code, refusal.values) == ("KEY_ENDED", {"ending": "lost or retired"})


@pytest.mark.parametrize("name", ["LearnerSignedIn", "LearnerEnrolled"])
def test_a_compromised_key_writes_nothing_more(name: str) -> None:
    key = _key(ending=COMPROMISED, accepted_until_us=NOW + 1)
    refusal = key_refusal(key, EVENT_TYPES[name], NOW)
    assert refusal is not None
    assert (refusal.code, refusal.values) == ("KEY_ENDED", {"ending": "compromised"})
    assert not held_by_key(key)


def test_a_live_key_is_not_held_and_not_refused() -> None:
    assert key_refusal(_key(), EVENT_TYPES["LearnerSignedIn"], NOW) is None
    assert not held_by_key(_key())


def test_an_approvers_key_is_judged_by_its_ending_alone() -> None:
    decision = EVENT_TYPES["TrainingCertificateIssued"]
    field = "header.approver_key"
    assert ending_refusal(_key(use=KeyUse.DEVICE), decision, NOW, field) is None
    refusal = ending_refusal(_key(ending=LOST), decision, NOW, field)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("KEY_ENDED", field)


@pytest.mark.parametrize(
    ("before", "after", "until", "allowed"),
    [
        (0, ROTATED, NOW, True),
        (0, LOST, 0, True),
        (0, COMPROMISED, 0, True),
        (ROTATED, ROTATED, NOW, True),
        (ROTATED, ROTATED, NOW - 1, True),
        (ROTATED, ROTATED, NOW + 1, False),
        (ROTATED, LOST, 0, True),
        (ROTATED, COMPROMISED, 0, True),
        (LOST, ROTATED, 0, False),
        (LOST, LOST, 0, False),
        (LOST, COMPROMISED, 0, True),
        (COMPROMISED, ROTATED, 0, False),
        (COMPROMISED, LOST, 0, False),
        (COMPROMISED, COMPROMISED, 0, True),
    ],
)
def test_an_ending_is_tightened_and_never_loosened(
    before: int, after: int, until: int, allowed: bool
) -> None:
    key = _key(ending=before, accepted_until_us=NOW if before == ROTATED else 0)
    refusal = loosened_refusal(key, after, until)
    assert (refusal is None) == allowed
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("KEY_ENDED", "ending")


OWNED = CohortState(SCHOOL, True, b"d" * 32, 30, PLATFORM, EXAMINERS)
SCHOOL_STATE = PartyState(Role.INSTITUTION, "320599", "学校", "code")


@pytest.mark.parametrize(
    ("role", "holder", "cohort", "code"),
    [
        (Role.INSTITUTION, SCHOOL, None, ""),
        (Role.INSTITUTION, SCHOOL, OWNED, ""),
        (Role.INSTITUTION, OTHER, None, "NOT_YOUR_COHORT"),
        (Role.INSTITUTION, OTHER, OWNED, "NOT_YOUR_COHORT"),
        (Role.PLATFORM, PLATFORM, OWNED, ""),
        (Role.PLATFORM, EXAMINERS, OWNED, "NOT_YOUR_COHORT"),
        (Role.PLATFORM, OTHER, OWNED, "NOT_YOUR_COHORT"),
        (Role.PLATFORM, PLATFORM, None, "NOT_YOUR_COHORT"),
        (Role.PLATFORM, PLATFORM, CohortState(SCHOOL), "NOT_YOUR_COHORT"),
        (Role.EXAM_BODY, EXAMINERS, OWNED, ""),
        (Role.EXAM_BODY, PLATFORM, OWNED, "NOT_YOUR_COHORT"),
        (Role.EXAM_BODY, EXAMINERS, None, "NOT_YOUR_COHORT"),
        (Role.EXAM_BODY, EXAMINERS, CohortState(SCHOOL), "NOT_YOUR_COHORT"),
        (Role.BUREAU, BUREAU, OWNED, ""),
        # The first entry fixes the owner, so a bureau cannot make it in the owner's name.
        (Role.BUREAU, BUREAU, None, "NOT_YOUR_COHORT"),
    ],
)
def test_a_cohort_is_written_by_its_owner_and_by_whom_it_names(
    role: Role, holder: bytes, cohort: CohortState | None, code: str
) -> None:
    header = message(institution=SCHOOL)
    refusal = cohort_refusal(_author(role, holder), header, cohort, SCHOOL_STATE)
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize("role", Role)
def test_nobody_writes_into_a_cohort_under_another_institutions_name(role: Role) -> None:
    header = message(institution=OTHER)
    owned = CohortState(SCHOOL, platform=OTHER, exam_body=OTHER)
    refusal = cohort_refusal(_author(role, OTHER), header, owned, SCHOOL_STATE)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("NOT_YOUR_COHORT", "header.institution")


def test_an_institution_that_is_not_registered_has_no_cohorts() -> None:
    header = message(institution=SCHOOL)
    refusal = cohort_refusal(_author(Role.INSTITUTION), header, None, None)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("UNKNOWN_PARTY", "header.institution")


def test_a_bureau_writes_into_cohorts_of_its_area_only() -> None:
    header = message(institution=SCHOOL)
    outside = _author(Role.BUREAU, BUREAU, "320598")
    refusal = cohort_refusal(outside, header, OWNED, SCHOOL_STATE)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("NOT_YOUR_AREA", "header.institution")


@pytest.mark.parametrize(
    ("own", "area", "inside"),
    [
        ("32", "320599", True),
        ("3205", "320599", True),
        ("320599", "320599", True),
        ("3205", "3205", True),
        ("320599", "3205", False),
        ("3205", "320699", False),
        ("3205", "32", False),
    ],
)
def test_areas_nest_by_prefix(own: str, area: str, inside: bool) -> None:
    bureau = PartyState(Role.BUREAU, own, "局", "code")
    refusal = area_refusal(bureau, area, "area")
    assert (refusal is None) == inside
    if refusal is not None:
        assert (refusal.code, refusal.field) == ("NOT_YOUR_AREA", "area")
        assert refusal.values == {"area": area, "own": own}


@pytest.mark.parametrize(
    ("name", "role", "field"),
    [
        ("OnlineLessonCompleted", Role.INSTITUTION, "platform"),
        ("TheoryExamResultRecorded", Role.BUREAU, "exam_body"),
        ("PracticalExamResultRecorded", Role.BUREAU, "exam_body"),
    ],
)
def test_nobody_transcribes_for_a_party_that_the_cohort_names(
    name: str, role: Role, field: str
) -> None:
    author = _author(role, b"h" * 16)
    unnamed = CohortState(b"o" * 16, planned=True)
    named = replace(unnamed, **{field: b"p" * 16})  # type: ignore[arg-type]
    assert transcription_refusal(author, EVENT_TYPES[name], unnamed) is None
    assert transcription_refusal(author, EVENT_TYPES[name], None) is None
    refusal = transcription_refusal(author, EVENT_TYPES[name], named)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("NOT_YOURS_TO_WRITE", "header.record_origin")


def test_the_usual_writer_transcribes_nothing() -> None:
    platform = _author(Role.PLATFORM, PLATFORM)
    named = CohortState(b"o" * 16, planned=True, platform=PLATFORM)
    assert transcription_refusal(platform, EVENT_TYPES["OnlineLessonCompleted"], named) is None


REVIEWED, REPORTED = EVENT_TYPES["ReportReviewed"], EVENT_TYPES["InitialReportSubmitted"]
PARTY = PartyState(Role.INSTITUTION, "320599", "学校", "code")


@pytest.mark.parametrize(
    ("area", "expected"), [("32", ""), ("3205", ""), ("320599", ""), ("320598", "NOT_YOUR_AREA")]
)
def test_a_bureau_writes_into_institutions_of_its_area(area: str, expected: str) -> None:
    author, header = _author(Role.BUREAU, BUREAU, area), message(institution=SCHOOL)
    refusal = institution_refusal(author, REVIEWED, header, PARTY)
    assert (refusal.code if refusal else "") == expected
    unknown = institution_refusal(author, REVIEWED, header, None)
    assert unknown is not None
    assert (unknown.code, unknown.field) == ("UNKNOWN_PARTY", "header.institution")


def test_an_institution_writes_into_its_own_stream_alone() -> None:
    author = _author(Role.INSTITUTION, SCHOOL)
    assert institution_refusal(author, REPORTED, message(institution=SCHOOL), PARTY) is None
    foreign = institution_refusal(author, REPORTED, message(institution=OTHER), PARTY)
    assert foreign is not None
    assert (foreign.code, foreign.field) == ("NOT_YOURS_TO_WRITE", "header.institution")


@pytest.mark.parametrize(
    ("owner", "institution", "field"),
    [
        (None, SCHOOL, ""),
        (SCHOOL, SCHOOL, ""),
        (OTHER, SCHOOL, "header.stream"),
        (None, OTHER, "header.institution"),
        (OTHER, OTHER, "header.institution"),
    ],
)
def test_a_staff_file_is_its_owners(owner: bytes | None, institution: bytes, field: str) -> None:
    staff = None if owner is None else StaffState(owner)
    author = _author(Role.INSTITUTION, SCHOOL)
    appointed = EVENT_TYPES["StaffAppointed"]
    refusal = staff_refusal(author, appointed, message(institution=institution), staff)
    assert (refusal.field if refusal else "") == field
    assert refusal is None or refusal.code == "NOT_YOURS_TO_WRITE"
