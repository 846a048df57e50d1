"""The rules of decisions: each refusal with its field, and the case beside it that holds."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from ledger.domain.authority import Author
from ledger.domain.decisions import DecisionContext, refusals_of
from ledger.domain.event_types import KeyUse, Role
from ledger.domain.party_states import PartyState
from ledger.domain.policies import packaged_policies, parse_policy
from ledger.domain.states import CohortState, EnrolmentState, KeyState
from tests.unit.domain.recorded import message

ROOT, PEER, DISTRICT, SCHOOL, PLATFORM, EXAMINERS, NOBODY = (
    letter * 16 for letter in (b"r", b"q", b"d", b"s", b"p", b"e", b"n")
)
PARTIES: dict[bytes, PartyState] = {
    ROOT: PartyState(Role.BUREAU, "3205", "市局", "code"),
    PEER: PartyState(Role.BUREAU, "3205", "另一市局", "code"),
    DISTRICT: PartyState(Role.BUREAU, "320599", "区局", "code"),
    SCHOOL: PartyState(Role.INSTITUTION, "320599", "学校", "code", scope=frozenset({"2010-1.2"})),
    PLATFORM: PartyState(Role.PLATFORM, "320598", "平台", "code"),
    EXAMINERS: PartyState(Role.EXAM_BODY, "320599", "考试中心", "code"),
}
DOCUMENT = packaged_policies()["low-voltage-electrician"]
BINDING = DOCUMENT.replace(
    'source = "参照北京市 2009 年培训机构规定（已失效）"\neffective_from = 2009-01-01\n'
    "unverified = true\nbinding = false".encode(),
    b'source = "-"\neffective_from = 2009-01-01\nunverified = true\nbinding = true',
)
ADOPTED = {sha256(text).digest(): parse_policy(text) for text in (DOCUMENT, BINDING)}
DIGEST, BINDING_DIGEST = ADOPTED
NEW_DOCUMENT = packaged_policies()["leaders-hazchem"]
# GB 32100: the check characters are right.
CODE, WRONG_CODE = "91320500MA1XK0TW1L", "91320500MA1XK0TW1J"


def _key(holder: bytes, *, use: KeyUse = KeyUse.PARTY, ending: int = 0) -> KeyState:
    return KeyState(holder + b"key" * 5 + b"k", b"der", 1, holder, use, "", 5, ending, 0)


def _context(author: bytes = SCHOOL, **given: Any) -> DecisionContext:  # noqa: ANN401 - any field
    context = DecisionContext(
        Author(_key(author), PARTIES[author]),
        ROOT,
        100,
        PARTIES.get,
        ADOPTED.get,
        None,
        None,
        EnrolmentState(),
        0,
    )
    return replace(context, **given)


def _refusals(
    name: str, header: Mapping[str, Any], body: Mapping[str, Any], context: DecisionContext
) -> list[tuple[str, str]]:
    found = refusals_of(name, message(**header), message(**body), context)
    # Every refusal can be said in both languages: its values fill the templates.
    assert all(refusal.reason("zh") and refusal.reason("en") for refusal in found)
    return [(refusal.code, refusal.field) for refusal in found]


def _register_party(
    author: bytes = ROOT,
    *,
    stream: bytes = NOBODY,
    institution: bytes = NOBODY,
    area: str = "320599",
    code: str = CODE,
    length: int = 0,
) -> list[tuple[str, str]]:
    return _refusals(
        "InstitutionRegistered",
        {"stream": stream, "institution": institution},
        {"credit_code": code, "area": area, "kind": 1},
        _context(author, stream_length=length),
    )


def test_a_bureau_registers_a_party_of_its_area_once() -> None:
    assert _register_party() == []
    assert _register_party(institution=SCHOOL) == [("INVALID_FIELD", "header.institution")]
    assert _register_party(length=1) == [("ALREADY_REGISTERED", "credit_code")]
    assert _register_party(code=WRONG_CODE) == [("INVALID_FIELD", "credit_code")]
    assert _register_party(area="3206") == [("NOT_YOUR_AREA", "area")]
    assert _register_party(DISTRICT, area="3205") == [("NOT_YOUR_AREA", "area")]


def test_all_reasons_are_given_at_once() -> None:
    assert _register_party(institution=SCHOOL, length=1, code=WRONG_CODE, area="44") == [
        ("INVALID_FIELD", "header.institution"),
        ("ALREADY_REGISTERED", "credit_code"),
        ("INVALID_FIELD", "credit_code"),
        ("NOT_YOUR_AREA", "area"),
    ]


def _register_key(
    author: bytes, holder: bytes, *, use: int = 1, institution: bytes | None = None, length: int = 0
) -> list[tuple[str, str]]:
    return _refusals(
        "KeyRegistered",
        {"institution": institution or holder},
        {"holder": holder, "use": use},
        _context(author, stream_length=length),
    )


@pytest.mark.parametrize("use", [1, 2, 3])
def test_a_bureau_registers_keys_of_parties_in_its_area(use: int) -> None:
    assert _register_key(ROOT, SCHOOL, use=use) == []
    assert _register_key(DISTRICT, SCHOOL, use=use) == []
    assert _register_key(DISTRICT, PLATFORM, use=use) == [("NOT_YOUR_AREA", "holder")]


def test_a_party_registers_its_systems_and_devices_but_no_party_key() -> None:
    for author in (SCHOOL, PLATFORM, EXAMINERS):
        assert _register_key(author, author, use=2) == []
        assert _register_key(author, author, use=3) == []
        assert _register_key(author, author, use=1) == [("NOT_YOURS_TO_WRITE", "holder")]


def test_a_party_registers_no_keys_of_others() -> None:
    assert _register_key(SCHOOL, EXAMINERS, use=3) == [("NOT_YOURS_TO_WRITE", "holder")]


def test_a_key_is_registered_once_for_a_known_holder_under_its_own_name() -> None:
    assert _register_key(ROOT, SCHOOL, length=1) == [("ALREADY_REGISTERED", "public_key")]
    assert _register_key(ROOT, NOBODY) == [("UNKNOWN_PARTY", "holder")]
    assert _register_key(ROOT, SCHOOL, institution=EXAMINERS) == [("INVALID_FIELD", "holder")]


def test_keys_of_a_bureau_are_made_by_itself_above_it_or_by_the_root() -> None:
    assert _register_key(ROOT, ROOT) == []
    assert _register_key(ROOT, PEER) == []
    assert _register_key(PEER, PEER) == []
    assert _register_key(PEER, DISTRICT) == []
    assert _register_key(PEER, ROOT) == [("NOT_YOURS_TO_WRITE", "holder")]
    assert _register_key(DISTRICT, ROOT) == [("NOT_YOUR_AREA", "holder")]


def _end_key(
    author: bytes,
    ended: KeyState | None,
    *,
    institution: bytes | None = None,
    ending: int = 2,
    until: int = 0,
    from_index: int = 0,
) -> list[tuple[str, str]]:
    holder = NOBODY if ended is None else ended.holder
    return _refusals(
        "KeyEnded",
        {"institution": institution or holder, "stream": b"k" * 32},
        {"ending": ending, "accepted_until_us": until, "from_index": from_index},
        _context(author, stream_key=ended),
    )


def test_a_key_is_ended_by_its_party_or_by_a_bureau_of_the_area() -> None:
    key = _key(SCHOOL)
    assert _end_key(SCHOOL, key) == []
    assert _end_key(ROOT, key) == []
    assert _end_key(DISTRICT, key) == []
    assert _end_key(EXAMINERS, key) == [("NOT_YOURS_TO_WRITE", "header.stream")]
    assert _end_key(DISTRICT, _key(PLATFORM)) == [("NOT_YOUR_AREA", "header.stream")]


def test_a_peer_does_not_end_the_roots_key() -> None:
    assert _end_key(PEER, _key(ROOT)) == [("NOT_YOURS_TO_WRITE", "header.stream")]
    assert _end_key(ROOT, _key(PEER)) == []


def test_an_ending_names_a_known_key_its_holder_and_an_index_of_the_log() -> None:
    key = _key(SCHOOL)
    assert _end_key(SCHOOL, None) == [("UNKNOWN_KEY", "header.stream")]
    assert _end_key(SCHOOL, key, institution=ROOT) == [("INVALID_FIELD", "header.institution")]
    assert _end_key(SCHOOL, key, ending=3, from_index=100) == []
    assert _end_key(SCHOOL, key, ending=3, from_index=101) == [("INVALID_FIELD", "from_index")]


def test_an_ending_is_not_loosened_by_the_keys_own_party() -> None:
    compromised = _key(SCHOOL, ending=3)
    for author in (SCHOOL, ROOT):
        assert _end_key(author, compromised, ending=1, until=2**50) == [("KEY_ENDED", "ending")]
        assert _end_key(author, compromised, ending=3) == []


def _adopt(
    author: bytes = ROOT,
    *,
    document: bytes = NEW_DOCUMENT,
    digest: bytes | None = None,
    institution: bytes | None = None,
) -> list[tuple[str, str]]:
    return _refusals(
        "PolicyAdopted",
        {"institution": institution or author},
        {"document": document, "digest": digest or sha256(document).digest()},
        _context(author),
    )


def test_the_roots_bureau_alone_adopts_policies() -> None:
    assert _adopt() == []
    assert _adopt(PEER) == [("NOT_YOURS_TO_WRITE", "header.author_key")]
    assert _adopt(DISTRICT) == [("NOT_YOURS_TO_WRITE", "header.author_key")]
    assert _adopt(institution=SCHOOL) == [("NOT_YOURS_TO_WRITE", "header.author_key")]


def test_a_policy_is_adopted_once_whole_and_valid() -> None:
    assert _adopt(digest=bytes(32)) == [("INVALID_FIELD", "digest")]
    assert _adopt(document=DOCUMENT) == [("ALREADY_REGISTERED", "digest")]
    assert _adopt(document=b"format = 1") == [("POLICY_INVALID", "document")]
    assert _adopt(document=b"\xff") == [("POLICY_INVALID", "document")]


PLAN = {
    "trade": "2010-1.2",
    "policy": DIGEST,
    "capacity": 30,
    "first_day": 20260302,
    "last_day": 20260302,
    "platform": b"",
    "exam_body": b"",
}


def _plan(cohort: CohortState | None = None, **changes: object) -> list[tuple[str, str]]:
    return _refusals("CohortPlanned", {}, {**PLAN, **changes}, _context(cohort=cohort))


def test_a_cohort_is_planned_once() -> None:
    assert _plan() == []
    assert _plan(CohortState(SCHOOL)) == []  # a fact came first
    assert _plan(CohortState(SCHOOL, planned=True)) == [("ALREADY_PLANNED", "")]


def test_a_plan_ends_no_earlier_than_it_begins() -> None:
    assert _plan(last_day=20260301) == [("DATES_REVERSED", "last_day")]


def test_a_plan_is_pinned_to_an_adopted_policy_of_its_trade() -> None:
    assert _plan(policy=bytes(32)) == [("POLICY_NOT_ADOPTED", "policy")]
    assert _plan(trade="2010-1.3") == [("INVALID_FIELD", "trade")]


def test_capacity_refuses_only_where_the_figure_binds() -> None:
    assert _plan(capacity=101) == []
    assert _plan(policy=BINDING_DIGEST, capacity=100) == []
    assert _plan(policy=BINDING_DIGEST, capacity=101) == [("INVALID_FIELD", "capacity")]


def test_platform_and_exam_body_are_registered_as_what_they_are_named_for() -> None:
    assert _plan(platform=PLATFORM, exam_body=EXAMINERS) == []
    assert _plan(platform=NOBODY, exam_body=PLATFORM) == [
        ("UNKNOWN_PARTY", "platform"),
        ("UNKNOWN_PARTY", "exam_body"),
    ]
    assert _plan(platform=SCHOOL) == [("UNKNOWN_PARTY", "platform")]


PLANNED = CohortState(SCHOOL, planned=True, capacity=3, enrolled=2, trade="2010-1.2")
OPEN = replace(PLANNED, opened=True)
CLOSED = replace(OPEN, closed=True)


@pytest.mark.parametrize(
    ("cohort", "stated", "expected"),
    [
        (PLANNED, 2, []),
        (None, 2, [("NOT_PLANNED", "")]),
        (CohortState(SCHOOL), 0, [("NOT_PLANNED", "")]),
        (OPEN, 2, [("ALREADY_OPEN", "")]),
        (CLOSED, 2, [("COHORT_CLOSED", "")]),
        (PLANNED, 1, [("COUNT_DIFFERS", "enrolled")]),
        (PLANNED, 3, [("COUNT_DIFFERS", "enrolled")]),
    ],
)
def test_opening(cohort: CohortState | None, stated: int, expected: list[tuple[str, str]]) -> None:
    assert _refusals("CohortOpened", {}, {"enrolled": stated}, _context(cohort=cohort)) == expected


@pytest.mark.parametrize(
    ("cohort", "stated", "expected"),
    [
        (OPEN, 2, []),
        (OPEN, 0, []),
        (OPEN, 3, [("COUNT_DIFFERS", "completed")]),
        (None, 0, [("NOT_OPEN", "")]),
        (PLANNED, 0, [("NOT_OPEN", "")]),
        (CLOSED, 2, [("COHORT_CLOSED", "")]),
    ],
)
def test_closing(cohort: CohortState | None, stated: int, expected: list[tuple[str, str]]) -> None:
    body = {"completed": stated}
    assert _refusals("CohortClosed", {}, body, _context(cohort=cohort)) == expected


ENROLLED, LEFT = EnrolmentState(enrolled=True), EnrolmentState(enrolled=True, left=True)


@pytest.mark.parametrize(
    ("cohort", "enrolment", "expected"),
    [
        (PLANNED, EnrolmentState(), []),
        (OPEN, EnrolmentState(), []),
        (None, EnrolmentState(), [("NOT_PLANNED", "")]),
        (CohortState(SCHOOL), EnrolmentState(), [("NOT_PLANNED", "")]),
        (CLOSED, EnrolmentState(), [("COHORT_CLOSED", "")]),
        (PLANNED, ENROLLED, [("ALREADY_ENROLLED", "")]),
        (PLANNED, LEFT, [("ALREADY_ENROLLED", "")]),
        (replace(PLANNED, enrolled=3), EnrolmentState(), [("COHORT_FULL", "")]),
        (
            replace(CLOSED, enrolled=3),
            ENROLLED,
            [("ALREADY_ENROLLED", ""), ("COHORT_CLOSED", ""), ("COHORT_FULL", "")],
        ),
    ],
)
def test_enrolling(
    cohort: CohortState | None, enrolment: EnrolmentState, expected: list[tuple[str, str]]
) -> None:
    context = _context(cohort=cohort, enrolment=enrolment)
    assert _refusals("LearnerEnrolled", {}, {}, context) == expected


@pytest.mark.parametrize(
    ("enrolment", "expected"),
    [
        (ENROLLED, []),
        (EnrolmentState(), [("NOT_ENROLLED", "")]),
        (LEFT, [("NOT_ENROLLED", "")]),
    ],
)
@pytest.mark.parametrize("name", ["LearnerWithdrew", "EnrolmentRejected"])
def test_leaving(name: str, enrolment: EnrolmentState, expected: list[tuple[str, str]]) -> None:
    context = _context(cohort=PLANNED, enrolment=enrolment)
    assert _refusals(name, {}, {}, context) == expected
