"""Who may read what: default deny, and nothing tells what is hidden from what is not there."""

from collections import Counter

import pytest

from ledger.application.errors import NotFoundError, RefusedError
from ledger.domain.event_types import Role
from ledger.server.access import Access, CohortParties, PartyInfo, View
from ledger.server.request_context import Caller

SCHOOL, OTHER, PLATFORM, STRANGE_PLATFORM, EXAMINERS, CITY, DISTRICT, ELSEWHERE, UNKNOWN = (
    bytes([n]) * 16 for n in range(1, 10)
)
PARTIES = {
    SCHOOL: PartyInfo(Role.INSTITUTION, "320599"),
    OTHER: PartyInfo(Role.INSTITUTION, "320598"),
    PLATFORM: PartyInfo(Role.PLATFORM, "320599"),
    STRANGE_PLATFORM: PartyInfo(Role.PLATFORM, "320599"),
    EXAMINERS: PartyInfo(Role.EXAM_BODY, "320599"),
    CITY: PartyInfo(Role.BUREAU, "3205"),
    DISTRICT: PartyInfo(Role.BUREAU, "320599"),
    ELSEWHERE: PartyInfo(Role.BUREAU, "320598"),
}
COHORT, BARE_COHORT = bytes([100]) * 16, bytes([101]) * 16
COHORTS = {
    COHORT: CohortParties(SCHOOL, PLATFORM, EXAMINERS),
    BARE_COHORT: CohortParties(SCHOOL, b"", b""),
}


def view(party: bytes | None) -> View:
    return Access(party=PARTIES.get, cohort=COHORTS.get).of(Caller(party))


@pytest.mark.parametrize(
    ("party", "sees"),
    [
        (SCHOOL, True),
        (OTHER, False),
        (PLATFORM, True),
        (STRANGE_PLATFORM, False),
        (EXAMINERS, True),
        (CITY, True),
        (DISTRICT, True),
        (ELSEWHERE, False),
        (UNKNOWN, False),
        (None, False),
    ],
)
def test_a_cohort_is_for_its_own_those_that_it_names_and_the_bureaus_of_its_area(
    party: bytes | None, sees: bool
) -> None:
    assert view(party).cohort(COHORT) is sees
    assert view(party).parties(COHORTS[COHORT]) is sees


@pytest.mark.parametrize("party", [PLATFORM, EXAMINERS])
def test_a_cohort_that_names_no_platform_and_no_exam_body_is_for_none(party: bytes) -> None:
    assert not view(party).cohort(BARE_COHORT)


@pytest.mark.parametrize(
    ("party", "sees"),
    [(SCHOOL, True), (OTHER, False), (PLATFORM, False), (EXAMINERS, False), (CITY, True),
     (ELSEWHERE, False), (UNKNOWN, False), (None, False)],
)  # fmt: skip
def test_certificates_are_for_their_institution_and_its_bureaus(
    party: bytes | None, sees: bool
) -> None:
    assert view(party).institution(SCHOOL) is sees


def test_a_bureau_sees_nothing_of_a_party_that_is_not_registered() -> None:
    assert not view(CITY).institution(UNKNOWN)


def test_a_bureau_without_an_area_sees_nothing() -> None:
    parties = {**PARTIES, CITY: PartyInfo(Role.BUREAU, "")}
    blind = Access(party=parties.get, cohort=COHORTS.get).of(Caller(CITY))
    assert not blind.institution(SCHOOL)


@pytest.mark.parametrize("cohort", [COHORT, bytes(16)], ids=["forbidden", "not there"])
def test_what_is_forbidden_is_not_there(cohort: bytes) -> None:
    with pytest.raises(NotFoundError):
        view(OTHER).require_cohort(cohort)
    view(SCHOOL).require_cohort(COHORT)


@pytest.mark.parametrize("party", [SCHOOL, PLATFORM, EXAMINERS, CITY, UNKNOWN, None])
def test_only_an_institution_that_names_none_lists_its_own(party: bytes | None) -> None:
    assert view(party).owner_filter(None) == (SCHOOL if party == SCHOOL else None)
    assert view(party).owner_filter(OTHER) == OTHER


def test_only_an_institution_acts_as_one() -> None:
    assert view(SCHOOL).require_institution_role() == SCHOOL
    for party in (PLATFORM, EXAMINERS, CITY, UNKNOWN, None):
        with pytest.raises(RefusedError) as refused:
            view(party).require_institution_role()
        assert [refusal.code for refusal in refused.value.refusals] == ["PERMISSION_DENIED"]


def test_a_view_looks_each_thing_up_once_and_the_next_view_again() -> None:
    asked: Counter[bytes] = Counter()

    def party(key: bytes) -> PartyInfo | None:
        asked[key] += 1
        return PARTIES.get(key)

    access = Access(party=party, cohort=COHORTS.get)
    for _ in range(2):
        one = access.of(Caller(CITY))
        assert [one.cohort(COHORT), one.cohort(BARE_COHORT)] == [True, True]
    assert asked == {CITY: 2, SCHOOL: 2}
