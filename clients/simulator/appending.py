"""A town written into a ledger, over its own connections, and every answer compared with truth.

Batches are signed by their authors and carried by the bureau's connection, as many to a request as
it takes. What rests on the ledger's own word (certificates, credits carried over) is decided on the
way, in the name of the institution.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from clients.sdk import (
    Accepted,
    CapturedEvent,
    Circumstances,
    Identity,
    Ledger,
    RefusedError,
    Rejected,
    SignedBatch,
    sign_batch,
)
from clients.simulator.cast import Author
from clients.simulator.emission import Emission
from clients.simulator.events import Step
from clients.simulator.ids import Ids
from clients.simulator.programmes import OFFLINE, ONLINE, PRACTICAL, UNREPORTED
from clients.simulator.reality import Reality
from clients.simulator.records import Block, Kind, Wanted
from clients.simulator.truth import dues
from ledger.api.v1 import events_pb2 as pb

_MOST_EVENTS: Final = 1000
_MOST_BYTES: Final = 1_900_000
_OVERHEAD: Final = 200
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


class Appending:
    """Writes a town.

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

    def run(self, steps: Sequence[Step]) -> Iterator[int]:
        """Do one step after the other; yield how many are done, now and then.

        Raises:
            LedgerClientError: when the ledger does not answer, or an answer does not verify.
        """
        emission = Emission(self._reality.town, self._cast, self._ids)
        batches = emission.capture_all(steps)
        waiting: list[SignedBatch] = []
        for place, step in enumerate(steps):
            if isinstance(step, Block):
                for batch in batches.pop(place):
                    if not _fits(waiting, batch):
                        self._send(waiting)
                        waiting = []
                        yield place
                    waiting.append(batch)
                continue
            if waiting:
                self._send(waiting)
                waiting = []
            self._decide(step)
        if waiting:
            self._send(waiting)
        yield len(steps)

    def _send(self, batches: list[SignedBatch]) -> None:
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

    def _decide(self, wanted: Wanted) -> None:
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
        self._send([sign_batch(author.emitter.identity, [event])])

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
        self._send([sign_batch(author.emitter.identity, [planned])])
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


def _fits(waiting: Sequence[SignedBatch], batch: SignedBatch) -> bool:
    if not waiting:
        return True
    events = [event for each in (*waiting, batch) for event in each.events]
    size = sum(len(event.data) + _OVERHEAD for event in events)
    return len(events) <= _MOST_EVENTS and size <= _MOST_BYTES


@contextmanager
def connections(identities: Mapping[str, Identity]) -> Iterator[dict[str, Ledger]]:
    """Open a connection for each identity, by code."""
    with ExitStack() as stack:
        yield {code: stack.enter_context(Ledger.open(each)) for code, each in identities.items()}
