"""The check of a certificate's status: what became of it, as of when, and how old that answer is.

The certificate's stream is complete as of a checkpoint, so "not revoked" is proven for that moment
and for no later one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clients.verifier.checks import Issue
from clients.verifier.claims import Claims
from clients.verifier.later import Later
from clients.verifier.standing import standing
from clients.verifier.times import duration, local_day, local_time, moment
from clients.verifier.verdict import Check, CheckName, Outcome, SubState, Text
from ledger.log.history_proof import VerifiedHistory

CLOCK_TOLERANCE: Final = timedelta(minutes=10)
EXPIRY_NOTICE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the check and how old a status may be."""

    now: datetime
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the status.

    Attributes:
        check: The check.
        sub_state: Why the certificate is not valid, if that is proven.
        as_of_us: Moment of the newest history, microseconds since 1970 UTC.
        successor: Number of the certificate that replaces it, if that is proven.
    """

    check: Check
    sub_state: SubState | None
    as_of_us: int
    successor: str | None = None


def check_status(
    claims: Claims, issue: Issue, embedded: VerifiedHistory, later: Later, clock: Clock
) -> Status:
    """Judge the status by the newest history at hand.

    Args:
        claims: The certificate file.
        issue: The issue in its own history.
        embedded: Its own history.
        later: The status file.
        clock: The moment of the check.
    """
    newest = later.history or embedded
    as_of = newest.as_of_us
    now = standing(newest, issue)
    # What the certificate's own history proves still stands where a later one is of no use.
    proven = standing(embedded, issue) if later.problem and now.gravest is None else now
    if proven.gravest is not None:
        state, text = proven.gravest
        return Status(_check(Outcome.FAILED, text), state, as_of, proven.successor)
    if claims.valid_until is not None and claims.valid_until <= clock.now:
        day = local_day(claims.valid_until)
        text = Text(f"已过期：有效期至 {day}。", f"Expired: valid until {day}.")
        return Status(_check(Outcome.FAILED, text), SubState.EXPIRED, as_of)
    doubt = later.problem or _doubt(claims, now.unsettled, as_of, clock)
    if doubt is not None:
        return Status(_check(Outcome.UNCHECKED, doubt), None, as_of)
    return Status(_good(claims, as_of, clock), None, as_of)


def _check(outcome: Outcome, text: Text) -> Check:
    return Check(CheckName.STATUS, outcome, text)


def _good(claims: Claims, as_of: int, clock: Clock) -> Check:
    when = local_time(as_of)
    until = claims.valid_until
    if until is not None and until - clock.now <= EXPIRY_NOTICE:
        text = Text(
            f"截至{when.zh}未撤销；有效期至 {local_day(until)}，即将到期。",
            f"Not revoked as of {when.en}; valid until {local_day(until)}, which is near.",
        )
        return _check(Outcome.ATTENTION, text)
    text = Text(f"截至{when.zh}未撤销。", f"Not revoked as of {when.en}.")
    return _check(Outcome.PASSED, text)


def _doubt(claims: Claims, unsettled: int | None, as_of: int, clock: Clock) -> Text | None:
    """Return why "not revoked" is not proven for now, or None."""
    if unsettled is not None:
        return Text(
            f"证书签发后另有记录（第 {unsettled} 条），本核验程序无法据以认定状态。",
            f"Entry {unsettled} follows the issue and does not settle the status here.",
        )
    age = clock.now - moment(as_of)
    ahead = max(-age, claims.valid_from - clock.now)
    if ahead > CLOCK_TOLERANCE:
        span = duration(ahead)
        return Text(
            f"数据时间晚于本机时间 {span.zh}，请校准本机时钟。",
            f"The data is {span.en} ahead of this device's clock; set the clock.",
        )
    if age > clock.max_age:
        when, span, limit = local_time(as_of), duration(age), duration(clock.max_age)
        return Text(
            f"状态数据截至{when.zh}，已过 {span.zh}，超过上限 {limit.zh}。",
            f"The status data is as of {when.en}, {span.en} old; the limit is {limit.en}.",
        )
    return None
