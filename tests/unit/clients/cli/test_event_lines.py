"""Lines of events: what can be written by hand is read, and every mistake is named."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.event_examples import example_line
from clients.cli.event_json import to_document
from clients.cli.event_lines import LineError, capture, read_line
from clients.cli.event_texts import EVENT_TEXTS
from clients.cli.example_values import CLERK, PARTY
from clients.cli.output import width
from clients.sdk import CapturedEvent, Emitter
from ledger.api.v1 import events_pb2 as pb
from ledger.domain.check_digits import credit_code_ok
from ledger.log.event_reader import read_event
from tests.independent.fields import STREAM_KINDS
from tests.unit.clients.cli.command_line import CommandLine, documents
from tests.unit.clients.sdk.identities import identity_of
from tests.unit.clients.verifier.small_log import INSTITUTION, ISSUER

EMITTER = Emitter(identity_of(ISSUER))
COHORT = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
SESSION = "056511f5-bafe-439b-ac08-ffe69141a3ac"
PERSON = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def made(document: dict[str, Any]) -> CapturedEvent:
    return capture(EMITTER, read_line(1, json.dumps(document)))


def session_started(**changes: object) -> dict[str, Any]:
    return {
        "type": "SessionStarted",
        "cohort": COHORT,
        "body": {"session": SESSION, "present": 29},
    } | changes


def changed(name: str, **members: object) -> dict[str, Any]:
    """Return an example with other members of its body."""
    line = example_line(name)
    return line | {"body": line["body"] | members}


def test_the_event_types_are_those_of_the_contract() -> None:
    bodies = pb.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    assert list(EVENT_TEXTS) == [
        field.message_type.name for field in bodies if field.message_type is not None
    ]


@pytest.mark.parametrize("name", EVENT_TEXTS)
def test_every_example_is_taken_as_it_is(name: str, tledger: CommandLine) -> None:
    (line,) = documents(tledger("event", "example", name))
    event = read_event(made(line).data)
    assert (event.type, event.header.type) == (name, name)
    assert event.header.occurred_us == 1_772_413_200_000_000  # 2026-03-02 09:00 China time
    assert event.header.record_origin == pb.RECORD_ORIGIN_ENTERED


@pytest.mark.parametrize("name", EVENT_TEXTS)
def test_what_is_shown_can_be_written_again(name: str) -> None:
    line = example_line(name)
    whole = pb.TrainingEvent.FromString(made(line).data)
    body = getattr(whole, str(whole.WhichOneof("body")))
    shown = to_document(body)
    again = pb.TrainingEvent.FromString(made(line | {"body": shown}).data)
    assert getattr(again, str(again.WhichOneof("body"))) == body


def test_plain_protojson_and_what_people_write_give_the_same_body() -> None:
    line = example_line("SessionScheduled")
    plain = line["body"] | {
        "session": "BWUR9br+Q5usCP/mkUGjrA==",
        "start_us": "1772413200000000",
        "component": "HOUR_COMPONENT_THEORY_OFFLINE",
    }
    del plain["end_us"]
    plain["endUs"] = 1772422200000000
    bodies = [read_event(made(line | {"body": body}).data).body for body in (line["body"], plain)]
    assert vars(bodies[0]) == vars(bodies[1])
    assert UUID(bytes=bodies[0].session) == UUID(SESSION)


def test_every_type_is_listed_with_its_stream_and_the_members_that_its_line_needs(
    tledger: CommandLine,
) -> None:
    listed = {each["name"]: each for each in documents(tledger("event", "types", "--json"))}
    assert {name: each["stream"] for name, each in listed.items()} == STREAM_KINDS
    needs = {
        "institution": ["institution"],
        "staff": ["staff"],
        "cohort": ["cohort"],
        "enrolment": ["cohort", "person_ref"],
        "certificate": ["cohort", "certificate"],
    }
    derived = {"InstitutionRegistered", "KeyRegistered", "KeyEnded", "PolicyAdopted"}
    assert {name: each["beside"] for name, each in listed.items() if name not in derived} == {
        name: needs[kind] for name, kind in STREAM_KINDS.items() if name not in derived
    }
    assert listed["InstitutionRegistered"]["beside"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_of_types_fits_100_columns(tledger: CommandLine, language: str) -> None:
    lines = tledger("event", "types", "--lang", language).stdout.splitlines()
    assert len(lines) == len(EVENT_TEXTS) + 1
    assert max(width(line) for line in lines) <= 100


def test_an_unknown_type_is_told_with_those_that_are_like_it(tledger: CommandLine) -> None:
    result = tledger("event", "example", "SessionStart", "--lang", "zh")
    assert result.exit_code == 64
    told = result.stderr.splitlines()
    assert told[:2] == [
        "USAGE  SessionStart 不是事件类型",
        "  like SessionStarted, SessionInterrupted",
    ]
    assert "tledger event types" in told[2]


def test_examples_hold_what_a_ledger_asks_of_every_author() -> None:
    assert credit_code_ok(example_line("InstitutionRegistered")["body"]["credit_code"])
    # Whoever is not the institution names it; an institution of its own record need not.
    for name in ("OnlineLessonCompleted", "ExamRegistered", "TrainingCertificateSuspended"):
        header = read_event(made(example_line(name)).data).header
        assert UUID(bytes=header.institution) == UUID(PARTY) != INSTITUTION
    assert "recorded_for" not in example_line("LearnerSignedIn")


def test_a_line_of_a_staff_file_names_it_and_stands_in_no_cohort() -> None:
    line = example_line("StaffAppointed") | {"staff": PERSON}
    event = made(line)
    header = read_event(event.data).header
    assert event.stream == UUID(PERSON)
    assert (UUID(bytes=header.institution), header.cohorts) == (INSTITUTION, [])
    assert read_event(event.data).body.from_day == 20240901


def test_a_line_about_an_institution_stands_in_its_stream() -> None:
    event = made(example_line("RecruitmentSuspended") | {"institution": PERSON})
    header = read_event(event.data).header
    assert (event.stream, UUID(bytes=header.institution)) == (UUID(PERSON), UUID(PERSON))


def test_a_wrong_clock_is_stated_in_microseconds_forward_or_back() -> None:
    line = example_line("ClockOffsetStated")
    for stated in (-3_600_000_000, "-3600000000"):
        event = made(line | {"body": line["body"] | {"offset_us": stated}})
        assert read_event(event.data).body.offset_us == -3_600_000_000


@pytest.mark.parametrize(
    ("value", "stated"),
    [
        ({"field": "OCCURRED", "number": "2026-03-02T09:00:00+08:00"}, "1772413200000000"),
        ({"field": "OCCURRED", "number": "1772413200000000"}, "1772413200000000"),
        ({"field": "MINUTES", "number": 45}, "45"),
        ({"field": "SESSION", "id": SESSION}, SESSION),
        ({"field": "IDENTITY", "commitment": "cd" * 32}, "cd" * 32),
    ],
)
def test_a_correction_is_written_with_the_value_of_its_field(
    value: dict[str, Any], stated: str
) -> None:
    line = example_line("RecordCorrected")
    rest = {name: line["body"][name] for name in ("target", "reason", "evidence_digest")}
    body = read_event(made(line | {"body": rest | value}).data).body
    found = {
        "number": str(body.number),
        "id": str(UUID(bytes=body.id)) if body.id else "",
        "commitment": body.commitment.hex(),
    }
    (member,) = value.keys() - {"field"}
    assert found == {"number": "0", "id": "", "commitment": ""} | {member: stated}


def test_circumstances_go_into_the_header() -> None:
    clerk, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    header = read_event(
        made(
            session_started(
                origin="TRANSCRIBED_PAPER",
                source_digest="cd" * 32,
                entered_by=clerk,
                approved_by=other,
                recorded_for=other,
                guest_cohorts=[clerk],
                occurred="2026-03-02T01:00:00Z",
            )
        ).data
    ).header
    assert header.record_origin == pb.RECORD_ORIGIN_TRANSCRIBED_PAPER
    assert header.source_digest == b"\xcd" * 32
    assert [UUID(bytes=raw) for raw in (header.entered_by, header.approved_by)] == [
        UUID(clerk),
        UUID(other),
    ]
    assert UUID(bytes=header.institution) == UUID(other)
    assert [UUID(bytes=raw) for raw in header.cohorts] == [UUID(COHORT), UUID(clerk)]
    assert header.occurred_us == 1_772_413_200_000_000


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "no JSON"),
        ("[1]", "no JSON object"),
        ("{" * 100_000, "no JSON"),
        ("x" * 300_000, "at most"),
        ('{"type":"SessionStarted","type":"SessionEnded"}', "a member stands twice"),
        ({"type": "Nothing"}, "no event type"),
        ({"type": ["SessionStarted"]}, "no event type"),
        (session_started(colour="red"), "unknown member colour"),
        (session_started(body=[]), "body is no JSON object"),
        (session_started(body={"session": SESSION, "presnt": 1}), "presnt"),
        (session_started(body={"session": SESSION, "present": "many"}), "present"),
        (session_started(body={"session": "1234", "present": 1}), "session is no UUID"),
        (session_started(body={"present": 1}), "session is no UUID"),
        (session_started(body={"session": SESSION, "present": 1001}), "1000"),
        (session_started(cohort="x"), "cohort 'x' is no UUID"),
        (session_started(cohort=7), "cohort 7 is no UUID"),
        (session_started(cohort=""), "SessionStarted needs cohort"),
        (session_started(person_ref=COHORT), "SessionStarted has no person_ref"),
        (session_started(origin="PAPER"), "origin 'PAPER' is none of DEVICE, ENTERED"),
        (session_started(origin="IMPORTED"), "source_digest"),
        (session_started(origin="IMPORTED", source_digest="abcd"), "2 bytes, not 32"),
        (session_started(origin="IMPORTED", source_digest="xy"), "no hex"),
        (session_started(occurred="yesterday"), "no time such as"),
        (session_started(occurred="2026-03-02T09:00:00"), "no offset"),
        (session_started(occurred=5), "occurred is no text"),
        (session_started(guest_cohorts="x"), "guest_cohorts is no list"),
        (example_line("LearnerSignedIn") | {"body": {"session": SESSION}}, "method"),
        (
            example_line("LearnerSignedIn") | {"body": {"session": SESSION, "method": "EYES"}},
            "EYES",
        ),
        (
            example_line("CohortPlanned")
            | {"body": example_line("CohortPlanned")["body"] | {"first_day": "2026-02-30"}},
            "first_day: 20260230 is no day",
        ),
        (
            example_line("SessionScheduled")
            | {"body": example_line("SessionScheduled")["body"] | {"end_us": 0}},
            "end_us is missing",
        ),
        (example_line("StaffExited") | {"staff": ""}, "StaffExited needs staff"),
        (example_line("StaffExited") | {"cohort": COHORT}, "StaffExited has no cohort"),
        (example_line("AnnualReportSubmitted") | {"institution": "x"}, "institution 'x' is no"),
        (
            example_line("RecruitmentResumed") | {"recorded_for": PERSON},
            f"{PERSON} is not the institution",
        ),
        (changed("SessionScheduled", component="THEORY"), "is none of THEORY_OFFLINE, THEORY_ONL"),
        (changed("StaffAppointed", from_day="2024-13-01"), "from_day: 20241301 is no day"),
        (changed("StandingReportSubmitted", day="2026-02-30"), "day: 20260230 is no day"),
        (changed("CohortFiled", rooms=[]), "rooms is empty"),
        (changed("CohortFiled", teachers=["ab" * 32]), "teachers is no UUID"),
        (
            changed("CreditsCarriedOver", credited=[{"component": "PRACTICAL", "hours": 4}] * 2),
            "credited: a component stands twice",
        ),
        (changed("RecordCorrected", field="SCORE", number=10_001), "number: 10001"),
        (changed("RecordCorrected", id=SESSION), "id: SIGNED_OUT has none"),
        (changed("RecordCorrected", id="ab" * 32), "id is no UUID"),
        (changed("CohortRecordCorrected", field="TEACHER"), "id: TEACHER needs one"),
        (changed("ExamRegistered", exemption_digest="ab" * 32), "exactly one of edition"),
        (changed("ClockOffsetStated", offset_us="an hour"), "offset_us"),
        (example_line("EventVoided") | {"approved_by": CLERK}, "the person who entered it"),
    ],
)
def test_a_mistake_is_named(line: str | dict[str, Any], problem: str) -> None:
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(LineError) as caught:
        capture(EMITTER, read_line(1, text))
    assert problem in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("start", ["９９", "-1", "1772413200.5", "\ud800"])
def test_a_time_is_plain_digits_or_rfc_3339(start: str) -> None:
    line = example_line("SessionScheduled")
    with pytest.raises(LineError):
        made(line | {"body": line["body"] | {"start_us": start}})


FIELDS = {name for about in EVENT_TEXTS for name in getattr(pb, about).DESCRIPTOR.fields_by_name}


@given(
    st.sampled_from(list(EVENT_TEXTS)),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON, max_size=3),
    st.dictionaries(
        st.sampled_from(["cohort", "person_ref", "occurred", "origin", "guest_cohorts", "key"]),
        JSON,
        max_size=2,
    ),
)
def test_no_line_ends_in_another_error(
    name: str, body: dict[str, Any], around: dict[str, Any]
) -> None:
    line = example_line(name)
    document = line | around | {"body": line["body"] | body}
    try:
        event = made(document)
    except LineError:
        return
    assert read_event(event.data).type == name
