"""The error catalogue on the wire: complete, bilingual, bounded, and silent about the inside."""

from typing import TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from ledger.application.errors import (
    ApplicationError,
    IntegrityBreachError,
    NotFoundError,
    OverloadedError,
    RefusedError,
    StorageError,
    StorageFullError,
    StorageUnavailableError,
)
from ledger.application.recorded_clock import ClockJumpError
from ledger.domain.refusals import CATALOGUE, Refusal
from ledger.server.errors import (
    RETRY_SECONDS,
    STATUS,
    for_the_operator,
    refusals_of,
    status_of,
)
from ledger.server.peer_identity import PeerError

REQUEST_ID = "0123456789abcdef"
SECRET = "relation log_head does not exist at 10.0.0.5"
CLIENT_METADATA = 8 * 1024


D = TypeVar("D", bound=Message)


def detail(status: status_pb2.Status, kind: type[D]) -> list[D]:
    found = []
    for packed in status.details:
        one = kind()
        if packed.Unpack(one):
            found.append(one)
    return found


def test_every_code_of_the_catalogue_has_a_status_and_no_other() -> None:
    assert STATUS.keys() == CATALOGUE.keys()
    assert RETRY_SECONDS.keys() <= CATALOGUE.keys()


@pytest.mark.parametrize("code", ["OVERLOADED", "STORAGE_FULL"])
def test_what_had_no_room_is_exhausted_and_says_when_to_come_back(code: str) -> None:
    status = status_of([Refusal(code)], REQUEST_ID)
    assert status.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    (retry,) = detail(status, error_details_pb2.RetryInfo)
    assert retry.retry_delay.seconds == RETRY_SECONDS[code]


def test_too_large_a_request_is_not_exhausted_for_it_would_be_refused_again() -> None:
    values = {"count": 1001, "size": 5, "limit": 1000, "bytes": 9}
    status = status_of([Refusal("REQUEST_TOO_LARGE", "batches", values)], REQUEST_ID)
    assert status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert not detail(status, error_details_pb2.RetryInfo)


def test_a_status_names_code_field_reason_and_fix_in_both_languages() -> None:
    values = {"origin": "log.other/1", "expected": "log.example/320599"}
    status = status_of([Refusal("WRONG_ORIGIN", "header.origin", values)], REQUEST_ID)
    assert status.message == "The event is meant for log log.other/1; this is log.example/320599"
    (info,) = detail(status, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain) == ("WRONG_ORIGIN", "tledger")
    assert dict(info.metadata) == values
    (bad,) = detail(status, error_details_pb2.BadRequest)
    (violation,) = bad.field_violations
    assert (violation.field, violation.reason) == ("header.origin", "WRONG_ORIGIN")
    assert violation.description == (
        "事件属于另一账本 log.other/1，本账本为 log.example/320599"
        " / The event is meant for log log.other/1; this is log.example/320599"
    )
    texts = {
        each.locale: each.message for each in detail(status, error_details_pb2.LocalizedMessage)
    }
    assert texts == {
        "zh-CN": (
            "事件属于另一账本 log.other/1，本账本为 log.example/320599；"
            "检查客户端的信任文件与目标地址"
        ),
        "en": (
            "The event is meant for log log.other/1; this is log.example/320599."
            " Check the client's trust file and target."
        ),
    }


def test_every_reason_is_listed_and_the_first_fixes_the_status() -> None:
    reasons = [
        Refusal("TEST_NOT_PASSED", "", {"mark": 80}),
        Refusal("CERTIFICATE_LIVE", "enrolment", {"number": "PXZM-1"}),
    ]
    status = status_of(reasons, REQUEST_ID)
    assert status.code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    (bad,) = detail(status, error_details_pb2.BadRequest)
    assert [(each.field, each.reason) for each in bad.field_violations] == [
        ("", "TEST_NOT_PASSED"),
        ("enrolment", "CERTIFICATE_LIVE"),
    ]


def test_a_reason_without_a_field_is_no_bad_field() -> None:
    assert not detail(status_of([Refusal("NOT_FOUND")], ""), error_details_pb2.BadRequest)


def test_a_thousand_reasons_still_fit_the_metadata_that_clients_take() -> None:
    reasons = [
        Refusal("INVALID_REQUEST", f"batches[0].leaves[{n}]", {"detail": "must be 32 bytes"})
        for n in range(1_000)
    ]
    status = status_of(reasons, REQUEST_ID)
    (bad,) = detail(status, error_details_pb2.BadRequest)
    assert len(bad.field_violations) > 10
    # Base64 takes four bytes for three.
    assert status.ByteSize() * 4 / 3 + len(status.message) < CLIENT_METADATA


def test_a_broken_rule_of_a_request_says_which() -> None:
    reason = Refusal("INVALID_REQUEST", "cohort", {"detail": "must be a valid UUID"})
    (bad,) = detail(status_of([reason], ""), error_details_pb2.BadRequest)
    assert bad.field_violations[0].description.endswith(": must be a valid UUID")


def test_what_a_caller_sent_comes_back_short_and_without_control_characters() -> None:
    values = {"type": "\x1b[31m" + "A" * 100_000}
    status = status_of([Refusal("UNKNOWN_EVENT_TYPE", "header.type", values)], "")
    assert "\x1b" not in str(status.message)
    assert len(status.message) <= 300
    (info,) = detail(status, error_details_pb2.ErrorInfo)
    assert len(info.metadata["type"]) <= 300


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("secret"), "NOT_FOUND"),
        (PeerError("secret"), "UNAUTHENTICATED"),
        (StorageFullError("secret"), "STORAGE_FULL"),
        (StorageUnavailableError(SECRET), "STORAGE_UNAVAILABLE"),
        (OverloadedError("secret"), "OVERLOADED"),
        (IntegrityBreachError(SECRET), "HALTED"),
        (ClockJumpError("secret"), "HALTED"),
        (StorageError(SECRET), "INTERNAL"),
        (ApplicationError(SECRET), "INTERNAL"),
        (RuntimeError(SECRET), "INTERNAL"),
        (TimeoutError(SECRET), "INTERNAL"),
    ],
)
def test_errors_become_codes_and_their_own_text_stays_inside(error: Exception, code: str) -> None:
    (refusal,) = refusals_of(error)
    assert refusal.code == code
    raw = status_of([refusal], REQUEST_ID).SerializeToString()
    assert b"log_head" not in raw
    assert b"secret" not in raw


def test_the_reasons_of_a_refused_request_are_its_own() -> None:
    reasons = (Refusal("NOT_PLANNED"), Refusal("NOT_ENROLLED"))
    assert refusals_of(RefusedError(reasons)) == reasons


@pytest.mark.parametrize(
    ("code", "named"), [("INTERNAL", True), ("HALTED", True), ("NOT_FOUND", False)]
)
def test_a_request_id_leaves_where_the_operator_is_needed(code: str, named: bool) -> None:
    assert for_the_operator(code) is named
    (info,) = detail(status_of([Refusal(code)], REQUEST_ID), error_details_pb2.ErrorInfo)
    assert (info.metadata.get("request_id") == REQUEST_ID) is named
