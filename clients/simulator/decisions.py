"""Decisions asked of a ledger, each granted or refused for exactly the reasons that truth names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clients.sdk import (
    Accepted,
    CapturedEvent,
    Circumstances,
    Ledger,
    RefusedError,
    Rejected,
    SignedBatch,
    sign_batch,
)
from clients.simulator.cast import Author
from clients.simulator.ids import Ids
from clients.simulator.programmes import OFFLINE, ONLINE, PRACTICAL, UNREPORTED
from clients.simulator.reality import Reality
from clients.simulator.records import Kind, Wanted
from clients.simulator.truth import dues
from ledger.api.v1 import events_pb2 as pb

_TIMEOUT: Final = 120.0
_COMPONENTS: Final = {
    OFFLINE: pb.HOUR_COMPONENT_THEORY_OFFLINE,
    ONLINE: pb.HOUR_COMPONENT_THEORY_ONLINE,
    PRACTICAL: pb.HOUR_COMPONENT_PRACTICAL,
}


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        events: Events that were accepted.
        held: Of these, those that counted for nothing when they were recorded.
        certificates: Certificates that were issued.
        refused: Decisions that were refused as they had to be.
        size: Entries of the log with the last of them.
        surprises: What the ledger answered otherwise than truth says, in words.
    """

    events: int = 0
    held: int = 0
    certificates: int = 0
    refused: int = 0
    size: int = 0
    surprises: list[str] = field(default_factory=list)


class Decisions:
    """Asks for decisions, and keeps what came of a town.

    Args:
        reality: What happened.
        courier: Connection that carries the batches.
        ledgers: Connections of the institutions, by code.
        cast: Who writes.
        ids: Resolves codes.
    """

    def __init__(
        self,
        reality: Reality,
        courier: Ledger,
        ledgers: Mapping[str, Ledger],
        cast: Mapping[str, Author],
        ids: Ids,
    ) -> None:
        self._reality = reality
        self._courier = courier
        self._ledgers = ledgers
        self._cast = cast
        self._ids = ids
        self._dues = dues(reality)
        self.outcome = Outcome()

    def decide(self, wanted: Wanted) -> None:
        """Ask for a decision, and compare the answer.

        Raises:
            LedgerClientError: when the ledger does not answer, or an answer does not verify.
        """
        match wanted.kind:
            case "certificate":
                self._certify(wanted)
            case "carry":
                self._carry(wanted)
            case "exam":
                self._try_exam(wanted)
            case "misuse":
                self._try_result(wanted)
            case _:
                self._try_scope(wanted)

    def _certify(self, wanted: Wanted) -> None:
        """Ask for a certificate; issue it, or see it refused for exactly the reasons due."""
        learner = self._reality.learners[wanted.subject]
        institution = self._reality.town.cohort(learner.cohort).institution
        ledger, author = self._ledgers[institution], self._cast[institution]
        enrolment = self._ids.enrolment(learner.cohort, institution, learner.person)
        author.clock.set(wanted.at, wanted.at)
        try:
            prepared = ledger.certificates.prepare(enrolment)
        except RefusedError as error:
            # A refusal for a single reason has it as its own code.
            codes = [each.code for each in error.failure.violations] or [error.failure.code]
            self._compare(wanted, codes)
            return
        if wanted.refusals:
            self._compare(wanted, [])
            return
        stated = {part.component: part.hours for part in prepared.issue.credited}
        due = self._dues[wanted.subject]
        for part, component in _COMPONENTS.items():
            if stated.get(component, 0) != due.total(part):
                self._surprise(wanted, f"states {stated.get(component, 0)} hours of {part}")
        batch = ledger.certificates.sign_issue(prepared, emitter=author.emitter)
        self._take(ledger.certificates.record(batch, timeout=_TIMEOUT))
        self.outcome.certificates += 1

    def _carry(self, wanted: Wanted) -> None:
        """Carry over what the former enrolment has credited by truth, and see it confirmed."""
        learner = self._reality.learners[wanted.subject]
        former = self._reality.learners[wanted.source]
        institution = self._reality.town.cohort(learner.cohort).institution
        author, due = self._cast[institution], self._dues[wanted.source]
        author.clock.set(wanted.at, wanted.at)
        event = author.emitter.credits_carried_over(
            cohort=self._ids.derived(Kind.COHORT, learner.cohort),
            person_ref=self._ids.persons[institution, learner.person].person_ref,
            from_cohort=self._ids.derived(Kind.COHORT, former.cohort),
            up_to_index=self.outcome.size,
            credited={_COMPONENTS[part]: hours for part, hours in due.hours.items() if hours},
            how=Circumstances(occurred=wanted.at),
        )
        self.send([sign_batch(author.emitter.identity, [event])])

    def _try_exam(self, wanted: Wanted) -> None:
        """Try to register somebody for an exam who has no certificate."""
        learner = self._reality.learners[wanted.subject]
        town = self._reality.town
        institution = town.cohort(learner.cohort).institution
        author = self._cast[town.exam_body.code]
        author.clock.set(wanted.at, wanted.at)
        event = author.emitter.exam_registered(
            cohort=self._ids.derived(Kind.COHORT, learner.cohort),
            person_ref=self._ids.persons[institution, learner.person].person_ref,
            sitting=f"EX-{wanted.at:%Y%m}-{learner.cohort}",
            edition=1,
            how=Circumstances(occurred=wanted.at, recorded_for=self._ids.parties[institution]),
        )
        self._see_refused(wanted, author, event)

    def _try_result(self, wanted: Wanted) -> None:
        """Try to write an examination's result with the institution's key."""
        learner = self._reality.learners[wanted.subject]
        institution = self._reality.town.cohort(learner.cohort).institution
        author = self._cast[institution]
        author.clock.set(wanted.at, wanted.at)
        event = author.emitter.theory_exam_result_recorded(
            cohort=self._ids.derived(Kind.COHORT, learner.cohort),
            person_ref=self._ids.persons[institution, learner.person].person_ref,
            attempt=1,
            score_hundredths=10_000,
            how=Circumstances(occurred=wanted.at),
        )
        self._see_refused(wanted, author, event)

    def _try_scope(self, wanted: Wanted) -> None:
        """Plan a cohort in a trade that was never reported, and try to open it."""
        author, day = self._cast[wanted.subject], wanted.at.date()
        author.clock.set(wanted.at, wanted.at)
        cohort = self._ids.derived(Kind.COHORT, f"{wanted.subject}/out of scope")
        how = Circumstances(occurred=wanted.at)
        planned = author.emitter.cohort_planned(
            cohort=cohort,
            trade=UNREPORTED.trade,
            trade_name=UNREPORTED.name,
            policy=self._ids.policy(UNREPORTED.id),
            capacity=1,
            first_day=day,
            last_day=day,
            number=f"SIM-{wanted.subject}-X",
            how=how,
        )
        self.send([sign_batch(author.emitter.identity, [planned])])
        self._see_refused(
            wanted, author, author.emitter.cohort_opened(cohort=cohort, enrolled=0, how=how)
        )

    def _see_refused(self, wanted: Wanted, author: Author, event: CapturedEvent) -> None:
        batch = sign_batch(author.emitter.identity, [event])
        (answer,) = self._courier.append([batch], timeout=_TIMEOUT)
        if isinstance(answer, Rejected):
            self._compare(wanted, [reason.code for reason in answer.reasons])
        else:
            self._take(answer)
            self._compare(wanted, [])

    def _compare(self, wanted: Wanted, codes: list[str]) -> None:
        if sorted(codes) == sorted(wanted.refusals):
            self.outcome.refused += 1
        else:
            self._surprise(wanted, f"refused with {sorted(codes)}")

    def _surprise(self, wanted: Wanted, words: str) -> None:
        due = sorted(wanted.refusals) or "granted"
        self.outcome.surprises.append(f"{wanted.subject}: {wanted.kind} {words}, due: {due}")

    def send(self, batches: list[SignedBatch]) -> None:
        """Have the courier carry batches of which every event is due to be accepted.

        Raises:
            LedgerClientError: when the ledger does not answer, or an answer does not verify.
        """
        outcomes = self._courier.append(batches, timeout=_TIMEOUT)
        events = (event for batch in batches for event in batch.events)
        for event, outcome in zip(events, outcomes, strict=True):
            if isinstance(outcome, Rejected):
                self.outcome.surprises.append(f"{event.type} is rejected: {outcome}")
            else:
                self._take(outcome)

    def _take(self, accepted: Accepted) -> None:
        self.outcome.events += 1
        self.outcome.held += bool(accepted.held)
        self.outcome.size = max(self.outcome.size, accepted.index + 1)
