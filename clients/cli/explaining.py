"""What the SDK's errors mean to whoever sits at the command line, with what to do."""

from typing import Final

import grpc

from clients.cli.language import Text
from clients.cli.problems import ExitCode, Problem, misuse
from clients.sdk import (
    AcknowledgementError,
    CallError,
    CertificateError,
    DraftError,
    EvidenceError,
    Failure,
    IdentityError,
    LedgerClientError,
    QuorumMissingError,
    RejectedError,
    StillUnknownError,
    UnreachableError,
)

# The ledger did not say no to this; it could not or would not deal with it now.
_NOT_ANSWERED: Final = frozenset(
    {
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
_SEND_AGAIN: Final = Text(
    "重发同样的字节，不会重复入账：tledger append --pending",
    "send the same bytes again, nothing is recorded twice: tledger append --pending",
)
_WAIT: Final = Text("加 --wait 等到发布，或稍后再试", "give --wait, or try again shortly")
_KEEP: Final = Text(
    "保留下列文件并告知主管部门；不要重试", "keep the files named and tell the bureau; do not retry"
)


def explain(error: Exception) -> Problem | None:
    """Return the problem that an error is, None when nobody expected it."""
    match error:
        case CallError():
            return _call(error)
        case RejectedError():
            return rejection(error)
        case StillUnknownError():
            return _unknown(error)
        case EvidenceError():
            return _evidence(error)
        case QuorumMissingError():
            return Problem(
                "QUORUM_MISSING",
                Text(f"见证不足：{error}", f"witnesses are missing: {error}"),
                ExitCode.UNCHECKED,
                fixes=[Text("稍后再试", "try again later")],
                retryable=True,
            )
        case CertificateError():
            return Problem(
                "CERTIFICATE_NOT_SOUND",
                Text(f"不能签发：{error}", f"it cannot be issued: {error}"),
                ExitCode.NEGATIVE,
            )
        case IdentityError():
            return misuse(
                f"身份文件有误：{error}",
                f"a file of the identity is wrong: {error}",
                code="IDENTITY_WRONG",
                fixes=[Text("向运维索取完整的身份目录", "ask the operator for a whole identity")],
            )
        case DraftError():
            return misuse(
                f"事件不成立：{error}", f"the event cannot be made: {error}", code="INPUT_WRONG"
            )
        case LedgerClientError():
            return Problem("CLIENT", Text(str(error), str(error)), ExitCode.UNCHECKED)
    return None


def rejection(error: RejectedError) -> Problem:
    """Return the problem of an event that had to be accepted and was refused."""
    first = error.rejected[0]
    reasons = first.reasons
    return Problem(
        first.code,
        Text(
            "；".join(each.reason_zh for each in reasons),
            "; ".join(each.reason_en for each in reasons),
        ),
        ExitCode.NEGATIVE,
        values={"event": str(first.event_id), "field": first.field},
        fixes=[Text(each.fix_zh, each.fix_en) for each in reasons],
    )


def _call(error: CallError) -> Problem:
    failure = error.failure
    values = {each.field or each.code: each.description for each in failure.violations}
    values |= failure.values
    if isinstance(error, UnreachableError):
        return Problem(
            failure.code or "UNREACHABLE",
            _reason(failure, Text("连不上账本", "the ledger could not be reached")),
            ExitCode.UNCHECKED,
            values=values,
            fixes=[
                Text(
                    "核对身份目录中的地址与网络，稍后再试；或用 --timeout 放宽期限",
                    "check address and network, and try again; or allow more time with --timeout",
                )
            ],
            retryable=True,
        )
    unpublished = failure.code == "NOT_PUBLISHED"
    unanswered = unpublished or failure.status in _NOT_ANSWERED
    return Problem(
        failure.code or failure.status.name,
        _reason(failure, Text("账本拒绝了请求", "the ledger refused the request")),
        ExitCode.UNCHECKED if unanswered else ExitCode.NEGATIVE,
        values=values,
        fixes=[_WAIT] if unpublished else [],
        retryable=unpublished or failure.passing,
    )


def _reason(failure: Failure, otherwise: Text) -> Text:
    detail = f": {failure.message}" if failure.message else ""
    return Text(
        failure.text_zh or f"{otherwise.zh}{detail}", failure.text_en or f"{otherwise.en}{detail}"
    )


def _unknown(error: StillUnknownError) -> Problem:
    unknown = sum(outcome is None for outcome in error.outcomes)
    return Problem(
        "OUTCOME_UNKNOWN",
        Text(
            f"{len(error.outcomes)} 个事件中有 {unknown} 个不知是否入账",
            f"of {len(error.outcomes)} events it is not known whether {unknown} are recorded",
        ),
        ExitCode.UNCHECKED,
        values={} if error.failure is None else {"last": str(error.failure)},
        fixes=[_SEND_AGAIN],
        retryable=True,
    )


def _evidence(error: EvidenceError) -> Problem:
    code = "ACKNOWLEDGEMENT_BAD" if isinstance(error, AcknowledgementError) else "EVIDENCE_BAD"
    return Problem(
        code,
        Text(f"账本出示的内容不成立：{error}", f"what the ledger showed does not verify: {error}"),
        ExitCode.NEGATIVE,
        values={"kept": ", ".join(getattr(error, "__notes__", ()))},
        fixes=[_KEEP],
    )
