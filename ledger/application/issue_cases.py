"""What the gate of certificates rests on: read in the group's own transaction."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.application.admission import AdmittedEvent
from ledger.application.decision_state import DecisionState
from ledger.application.events import recorded_event
from ledger.application.ports import GroupTransaction, LogRow, PreparedCertificate
from ledger.domain.certificate_rules import IssueCase
from ledger.domain.enrolment_hours import host_cohorts
from ledger.domain.holding import KEY_LOST_OR_RETIRED
from ledger.domain.requirement import evaluate_requirement
from ledger.domain.states import KeyState
from ledger.log.identifiers import certificate_id, number_map_id

_REMEMBERED: Final = 100_000


@dataclass(frozen=True, slots=True)
class LoadedIssue:
    """What is stored for an issue event.

    Attributes:
        prepared: What was prepared under its digest, None if there is nothing.
        enrolment: Rows of the enrolment.
        cohorts: Rows of the streams of its cohort, and of hosts of make-ups, by cohort.
        number_id: Id in the head map of the prepared number, None when the event names another.
    """

    prepared: PreparedCertificate | None
    enrolment: Sequence[LogRow]
    cohorts: Mapping[bytes, Sequence[LogRow]]
    number_id: bytes | None

    def previous_stream(self) -> bytes | None:
        """Return the certificate stream of the edition before, None for the first."""
        if self.prepared is None or self.prepared.edition == 1 or not self.enrolment:
            return None
        person = UUID(bytes=recorded_event(self.enrolment[0]).header.person_ref)
        enrolment = UUID(bytes=self.prepared.enrolment)
        return certificate_id(person, enrolment, self.prepared.edition - 1).bytes


@lru_cache(maxsize=_REMEMBERED)
def number_id(number: str, origin: str) -> bytes:
    """Return the id of a certificate number in the head map.

    Slow on purpose, so it is remembered from the preparation on, and never worked out for what
    anybody may send: a request of made-up numbers would stand still for a minute.
    """
    return number_map_id(number, origin)


async def load_issue(
    transaction: GroupTransaction, event: AdmittedEvent, origin: str
) -> LoadedIssue:
    """Read what an issue event rests on."""
    prepared = await transaction.prepared(event.body.core_digest)
    if prepared is None:
        return LoadedIssue(None, (), {}, None)
    number = None
    if event.body.number == prepared.number:
        number = await asyncio.to_thread(number_id, prepared.number, origin)
    enrolment = await transaction.stream_rows(prepared.enrolment)
    cohorts = await load_cohorts(transaction, prepared.cohort, enrolment)
    return LoadedIssue(prepared, enrolment, cohorts, number)


async def load_cohorts(
    transaction: GroupTransaction, home: bytes, enrolment: Sequence[LogRow]
) -> dict[bytes, Sequence[LogRow]]:
    """Read the streams of an enrolment's home cohort and of the hosts of its make-ups."""
    hosts = host_cohorts(recorded_event(row) for row in enrolment)
    return {cohort: await transaction.stream_rows(cohort) for cohort in (home, *sorted(hosts))}


def counted_rows(rows: Sequence[LogRow], key: Callable[[bytes], KeyState | None]) -> list[LogRow]:
    """Return the rows that may count.

    Not those of a lost key that nobody attested, nor those of a key that was compromised by then.

    Args:
        rows: The rows.
        key: Looks up the key that signed.
    """
    states = {row.batch_key: key(row.batch_key) for row in rows}
    return [
        row
        for row in rows
        if row.held != KEY_LOST_OR_RETIRED
        and ((state := states[row.batch_key]) is None or state.credits(row.index))
    ]


def issue_case(
    event: AdmittedEvent, loaded: LoadedIssue, group_rows: Sequence[LogRow], state: DecisionState
) -> IssueCase:
    """Return what the gate looks at.

    Args:
        event: The issue event.
        loaded: What was stored before the group.
        group_rows: Rows that the group has numbered so far.
        state: The states behind them.
    """
    prepared = loaded.prepared
    cohort = None if prepared is None else state.cohorts.get(prepared.cohort)
    policy = None if cohort is None else state.policy(cohort.policy)
    if prepared is None or cohort is None or policy is None:
        return IssueCase(None, False, None, None, None, opened=False)
    enrolment = [*loaded.enrolment, *_of(group_rows, prepared.enrolment)]
    lessons = [
        row for each, rows in loaded.cohorts.items() for row in (*rows, *_of(group_rows, each))
    ]
    sessions = [recorded_event(row) for row in counted_rows(lessons, state.key)]
    now = [recorded_event(row) for row in counted_rows(enrolment, state.key)]
    then = [each for each in now if each.seq <= prepared.count]
    previous = loaded.previous_stream()
    body: Any = pb.TrainingCertificateIssued.FromString(prepared.body)
    return IssueCase(
        body,
        (event.stream, event.cohort, event.header.institution)
        == (prepared.certificate, prepared.cohort, prepared.institution),
        evaluate_requirement(sessions, then, policy),
        evaluate_requirement(sessions, now, policy),
        None if previous is None else state.certificate(previous),
        cohort.opened,
    )


def _of(rows: Sequence[LogRow], stream: bytes) -> list[LogRow]:
    return [row for row in rows if row.stream == stream]
