"""The register of certificates in pages: by institution, by cohort, by day of issue, all of it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.recorded_event import RecordedEvent
from projections.answers import Certificate
from projections.certificate_register import CertificateChoice
from projections.follower import Follower
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    ANNA,
    BENNO,
    BUREAU,
    COHORT,
    INSTITUTION,
    Story,
    at,
    certificate,
)

OTHER, OTHER_COHORT = UUID(int=0x1258).bytes, UUID(int=0xC7).bytes
EVERYTHING = CertificateChoice()


def asked(story: Story) -> Queries:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    return Queries(store)


def issue(
    story: Story,
    number: str,
    *,
    person: bytes = ANNA,
    recorded_us: int = at(9),
    cohort: bytes = COHORT,
    institution: bytes = INSTITUTION,
) -> RecordedEvent:
    return story.decide(
        certificate(person, cohort=cohort),
        pb.TrainingCertificateIssued(number=number, edition=1),
        cohorts=(cohort,),
        institution=institution,
        recorded_us=recorded_us,
    )


def numbers(rows: tuple[Certificate, ...]) -> list[str]:
    return [row.number for row in rows]


def two_institutions() -> Story:
    """Numbers 1 and 3 are the institution's, of two cohorts; 2 is the other's."""
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan()
    issue(story, "1", recorded_us=at(23, 59))
    issue(story, "2", cohort=OTHER_COHORT, institution=OTHER, recorded_us=at(0, day=1))
    issue(story, "3", person=BENNO, cohort=UUID(int=0xC8).bytes, recorded_us=at(12, day=2))
    return story


def test_certificates_stand_by_issue_and_of_one_institution() -> None:
    queries = asked(two_institutions())
    page = queries.certificates(EVERYTHING, b"", 9)
    assert (numbers(page.rows), page.after, page.as_of_size) == (["1", "2", "3"], b"", 5)
    own = queries.certificates(CertificateChoice(institution=INSTITUTION), b"", 9)
    assert numbers(own.rows) == ["1", "3"]
    nobodys = queries.certificates(CertificateChoice(institution=BUREAU), b"", 9)
    assert (nobodys.rows, nobodys.after) == ((), b"")


def test_a_row_is_what_a_look_at_the_one_certificate_gives() -> None:
    queries = asked(two_institutions())
    first, second, _ = queries.certificates(EVERYTHING, b"", 9).rows
    assert first == queries.certificate("1").value
    assert (first.institution_name, first.trade_name) == ("东区培训中心", "低压电工作业")
    assert first.certificate == certificate(ANNA)
    # The other institution is not registered, and its cohort has no plan.
    assert (second.institution, second.institution_name, second.trade_name) == (OTHER, "", "")


def test_the_certificates_of_a_cohort_stand_by_issue() -> None:
    story = two_institutions()
    issue(story, "0", person=BENNO, recorded_us=at(13, day=2))
    queries = asked(story)
    of_cohort = CertificateChoice(cohort=COHORT)
    first = queries.certificates(of_cohort, b"", 1)
    assert numbers(first.rows) == ["1"]
    second = queries.certificates(of_cohort, first.after, 1)
    assert (numbers(second.rows), second.after) == (["0"], b"")
    assert queries.certificates(CertificateChoice(cohort=BUREAU), b"", 9).rows == ()


def test_a_certificate_keeps_its_place_and_owner_whatever_a_bureau_decides() -> None:
    story = two_institutions()
    story.decide(
        certificate(ANNA),
        pb.TrainingCertificateSuspended(reason="COMPLAINT"),
        cohorts=(COHORT,),
        institution=BUREAU,
    )
    queries = asked(story)
    own = queries.certificates(CertificateChoice(institution=INSTITUTION), b"", 9)
    assert [(row.number, row.state) for row in own.rows] == [("1", "suspended"), ("3", "valid")]
    assert queries.certificates(CertificateChoice(institution=BUREAU), b"", 9).rows == ()


@pytest.mark.parametrize(
    ("from_us", "until_us", "expected"),
    [
        (0, at(0, day=1), ["1"]),
        (at(0), at(0, day=1), ["1"]),
        (at(0, day=1), 0, ["2", "3"]),
        (at(0, day=1), at(0, day=2), ["2"]),
        (at(0, day=3), 0, []),
        (0, at(0), []),
        (at(0, day=2), at(0, day=1), []),
    ],
)
def test_days_of_issue_bound_the_register(from_us: int, until_us: int, expected: list[str]) -> None:
    queries = asked(two_institutions())
    choice = CertificateChoice(from_us=from_us, until_us=until_us)
    assert numbers(queries.certificates(choice, b"", 9).rows) == expected


@given(
    minutes=st.lists(st.integers(0, 3), max_size=12),
    from_minute=st.integers(0, 40),
    length=st.integers(0, 40),
    limit=st.integers(1, 5),
)
def test_pages_hold_each_certificate_of_the_days_once(
    minutes: list[int], from_minute: int, length: int, limit: int
) -> None:
    story, now, issued = Story(), 1, {}
    story.plan()
    for count, step in enumerate(minutes):
        now += step
        of_other = count % 3 == 1
        issue(
            story,
            str(count),
            person=UUID(int=count + 1).bytes,
            recorded_us=at(8, now),
            institution=OTHER if of_other else INSTITUTION,
        )
        if not of_other:
            issued[str(count)] = at(8, now)
    queries = asked(story)
    choice = CertificateChoice(
        institution=INSTITUTION,
        from_us=at(8, from_minute),
        until_us=at(8, from_minute + length),
    )
    found: list[str] = []
    after = b""
    while True:
        page = queries.certificates(choice, after, limit)
        assert len(page.rows) <= limit
        found += numbers(page.rows)
        after = page.after
        if not after:
            break
    assert found == [
        number for number, at_us in issued.items() if choice.from_us <= at_us < choice.until_us
    ]
