"""What services ask of the read models: values, pages, and the size that they rest on."""

from uuid import UUID

import pytest

from ledger.api.v1 import events_pb2 as pb
from ledger.log.identifiers import key_id, key_stream
from projections.answers import Answer, HeldEvent, Page
from projections.follower import Follower
from projections.institution_records import Institution, InstitutionChoice
from projections.queries import Queries
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import (
    ANNA,
    BUREAU,
    COHORT,
    INSTITUTION,
    MORNING,
    POLICY,
    POLICY_FILE,
    Story,
    at,
    certificate,
    enrolment,
)

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"


def asked(story: Story, own: int = 0) -> Queries:
    store = MemoryViews()
    Follower(MemoryFeed(story.events, own), store).catch_up()
    return Queries(store)


def uuid(number: int) -> bytes:
    return UUID(int=number).bytes


def test_a_cohort_in_brief_names_the_size_that_it_rests_on() -> None:
    story = Story()
    story.plan()
    story.enrol(ANNA)
    answer = asked(story, own=1).cohort(COHORT)
    assert answer.as_of_size == 3
    cohort = answer.value
    assert cohort is not None
    assert (cohort.cohort, cohort.institution) == (COHORT, INSTITUTION)
    assert (cohort.number, cohort.trade) == ("2026-017", "2010-1.2")
    assert (cohort.state, cohort.enrolled, cohort.capacity) == ("planned", 1, 40)
    assert (cohort.policy, cohort.platform, cohort.exam_body) == (POLICY.digest, b"", b"")


def test_what_the_log_does_not_name_is_none() -> None:
    queries = asked(Story())
    assert queries.cohort(COHORT).value is None
    assert queries.cohort_file(COHORT).value is None
    assert queries.institution(INSTITUTION).value is None
    assert queries.key(bytes(32)).value is None
    assert queries.certificate(NUMBER).value is None
    assert queries.policy(bytes(32)).value is None
    assert queries.cohorts(None, b"", 9) == Page((), b"", 0)
    assert queries.held(None, b"", 9) == Page((), b"", 0)


def test_what_is_recorded_and_not_seen_yet_is_waited_for() -> None:
    story, store = Story(), MemoryViews()
    story.plan()
    pauses: list[float] = []

    def follower_comes(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            Follower(MemoryFeed(story.events), store).catch_up()

    queries = Queries(store, lambda: 1, pause=follower_comes)
    found = queries.cohort(COHORT)
    assert found.value is not None
    assert (found.as_of_size, pauses) == (1, [0.05, 0.05, 0.05])
    # Everything is seen now: what is not there is not waited for.
    assert queries.certificate(NUMBER).value is None
    assert len(pauses) == 3


def test_a_follower_that_does_not_come_is_not_waited_for_without_end() -> None:
    pauses: list[float] = []
    queries = Queries(MemoryViews(), lambda: 1, pause=pauses.append)
    assert queries.cohort(COHORT) == Answer(None, 0)
    assert sum(pauses) == pytest.approx(2.0)


def test_only_four_wait_at_a_time_and_the_others_are_answered_at_once() -> None:
    inside = deepest = 0

    def ask_another(_seconds: float) -> None:
        nonlocal inside, deepest
        inside += 1
        deepest = max(deepest, inside)
        if deepest < 4:
            assert queries.cohort(COHORT).value is None
        elif inside == 4:
            before = deepest
            assert queries.cohort(COHORT) == Answer(None, 0)
            assert deepest == before
        inside -= 1

    queries = Queries(MemoryViews(), lambda: 1, pause=ask_another)
    for _ in range(2):
        inside = deepest = 0
        queries.cohort(COHORT)
        assert deepest == 4


def test_a_cohort_that_only_guests_name_is_none() -> None:
    story, host = Story(), uuid(0xC1)
    body = pb.LearnerSignedIn(session=MORNING, method=pb.PRESENCE_METHOD_FACE)
    story.fact(ANNA, body, cohorts=(COHORT, host))
    queries = asked(story)
    assert queries.cohort(host).value is None
    assert queries.cohort_file(host).value is None
    assert [row.cohort for row in queries.cohorts(None, b"", 9).rows] == [COHORT]


def test_cohorts_are_listed_page_by_page_and_by_institution() -> None:
    story = Story()
    for number in (3, 1, 4, 2):
        story.plan(uuid(number), institution=uuid(70 + number % 2))
    queries = asked(story)
    first = queries.cohorts(None, b"", 3)
    assert [row.cohort for row in first.rows] == [uuid(1), uuid(2), uuid(3)]
    second = queries.cohorts(None, first.after, 3)
    assert ([row.cohort for row in second.rows], second.after) == ([uuid(4)], b"")
    mine = queries.cohorts(uuid(71), b"", 2)
    assert ([row.cohort for row in mine.rows], mine.after) == ([uuid(1), uuid(3)], b"")
    assert queries.cohorts(uuid(72), b"", 2).rows == ()


def test_parties_of_an_area_are_listed_by_name() -> None:
    story = Story()
    story.institution(uuid(1), "C", area="320599")
    story.institution(uuid(2), "B", area="3205")
    story.institution(uuid(3), "A", area="320600")
    story.institution(uuid(4), "D", area="320599", kind=2)
    queries = asked(story)
    assert [row.name for row in queries.institutions(InstitutionChoice(), b"", 9).rows] == [
        "A",
        "B",
        "C",
        "D",
    ]
    first = queries.institutions(InstitutionChoice("3205"), b"", 2)
    assert [row.name for row in first.rows] == ["B", "C"]
    second = queries.institutions(InstitutionChoice("3205"), first.after, 2)
    assert second.rows == (Institution(uuid(4), 2, "91320599MA00000000", "D", "320599", ""),)
    assert second.after == b""
    assert queries.institution(uuid(4)).value == second.rows[0]
    assert queries.institutions(InstitutionChoice("99"), b"", 2).rows == ()


def test_parties_are_chosen_by_standing_and_trade_page_by_page() -> None:
    story = Story()
    trades = (["2010-1.2"], ["2010-1.2", "2030-4"], ["2030-4"], ["2010-1.2"])
    for number, scope in enumerate(trades, 1):
        story.institution(uuid(number), "ABCD"[number - 1])
        story.decide(uuid(number), pb.InstitutionImported(trades=scope))
    story.institution(uuid(9), "Z", kind=2)
    story.decide(uuid(1), pb.RecruitmentSuspended(reason="OFF-SYLLABUS"))
    story.decide(uuid(4), pb.InstitutionDelisted(reason="FRAUD"))
    queries = asked(story)

    def names(**chosen: str) -> list[str]:
        return [row.name for row in queries.institutions(InstitutionChoice(**chosen), b"", 9).rows]

    assert names() == ["A", "B", "C", "D", "Z"]
    assert names(standing="active") == ["B", "C"]
    assert names(standing="suspended") == ["A"]
    assert names(standing="delisted") == ["D"]
    assert names(standing="exited") == []
    # A delisting closed the scope.
    assert names(trade="2010-1.2") == ["A", "B"]
    assert names(trade="2010-1") == []
    assert names(trade="2010-1.2", standing="active") == ["B"]
    assert names(trade="2030-4", area="3206") == []
    choice = InstitutionChoice(trade="2030-4")
    first = queries.institutions(choice, b"", 1)
    second = queries.institutions(choice, first.after, 1)
    assert [[row.name for row in page.rows] for page in (first, second)] == [["B"], ["C"]]
    assert second.after == b""


def test_keys_are_listed_by_registration_and_found_by_id() -> None:
    story = Story()
    for number, holder in ((9, INSTITUTION), (2, INSTITUTION), (5, BUREAU)):
        public = bytes([number]) * 44
        body = pb.KeyRegistered(
            public_key=public,
            algorithm=pb.ALGORITHM_ED25519,
            holder=holder,
            use=pb.KEY_USE_SYSTEM,
        )
        story.decide(key_stream("example.org/log", key_id(public)).bytes, body)
    ending = pb.KeyEnded(ending=pb.KEY_ENDING_ROTATED, accepted_until_us=at(20))
    story.decide(key_stream("example.org/log", key_id(b"\x09" * 44)).bytes, ending)
    queries = asked(story)
    rows = queries.keys(INSTITUTION, b"", 9).rows
    assert [row.public_key[0] for row in rows] == [9, 2]
    assert [row.registered_index for row in rows] == [0, 1]
    assert (rows[0].ending, rows[0].accepted_until_us, rows[1].ending) == (1, at(20), 0)
    first = queries.keys(INSTITUTION, b"", 1)
    assert queries.keys(INSTITUTION, first.after, 1).rows == rows[1:]
    found = queries.key(key_id(b"\x05" * 44)).value
    assert found is not None
    assert (found.holder, found.key_id, found.use) == (BUREAU, key_id(b"\x05" * 44), 2)


def test_a_certificate_shows_issuer_and_trade_by_name() -> None:
    story = Story()
    story.institution(INSTITUTION, "东区培训中心")
    story.plan()
    issued = story.issue(ANNA, NUMBER)
    found = asked(story).certificate(NUMBER).value
    assert found is not None
    assert (found.number, found.certificate, found.edition) == (NUMBER, certificate(ANNA), 1)
    assert (found.institution, found.institution_name) == (INSTITUTION, "东区培训中心")
    assert (found.cohort, found.trade_name) == (COHORT, "低压电工作业")
    assert (found.state, found.revocation_reason, found.revoked_us) == ("valid", 0, 0)
    assert (found.issued_us, found.issued_index) == (issued.recorded_us, 2)
    assert found.credited == ((1, 27), (3, 60))
    story.revoke(ANNA)
    revoked = asked(story).certificate(NUMBER).value
    assert revoked is not None
    assert (revoked.state, revoked.revocation_reason) == ("revoked", 1)
    assert asked(story).certificate(NUMBER[:-1] + "E").value is None


def test_held_facts_are_listed_by_index() -> None:
    story = Story()
    facts = [story.fact(ANNA, pb.CourseTestRecorded(score_hundredths=score)) for score in range(3)]
    queries = asked(story)
    first = queries.held(COHORT, b"", 2)
    assert first.rows[0] == HeldEvent(
        0,
        facts[0].header.event_id,
        "CourseTestRecorded",
        enrolment(ANNA),
        COHORT,
        INSTITUTION,
        "ENROLMENT_NOT_OPEN",
        facts[0].recorded_us,
    )
    rest = queries.held(COHORT, first.after, 2)
    assert ([row.index for row in rest.rows], rest.after) == ([2], b"")
    assert queries.held(uuid(1), b"", 2).rows == ()
    story.enrol(ANNA)
    assert asked(story).held(None, b"", 2).rows == ()


def test_an_adopted_policy_is_given_byte_for_byte() -> None:
    story = Story()
    story.adopt_policy()
    assert asked(story).policy(POLICY.digest).value == POLICY_FILE
