"""Registering a town with a ledger: policies, parties, keys, staff files, persons.

What is registered already is left alone, so that a town can be appended to again after a failure
here. The parties' identities exist before (`tledger client`): who runs the log makes them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from clients.sdk import (
    CapturedEvent,
    Circumstances,
    DraftError,
    Identity,
    Ledger,
    PersonRef,
    Rejected,
    RejectedError,
)
from clients.simulator.calendar import moment
from clients.simulator.cast import Author, terminals_of
from clients.simulator.ids import Ids
from clients.simulator.numbers import REGION
from clients.simulator.programmes import UNREPORTED, policy_document
from clients.simulator.records import Kind
from clients.simulator.town import Party, Town
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import person_service_pb2 as persons_pb
from ledger.log.identifiers import party_id

ALREADY: Final = "ALREADY_REGISTERED"
_BEFORE: Final = timedelta(days=60)


def load_parties(town: Town, folder: Path, origin: str) -> dict[str, Identity]:
    """Return the identities of a town's parties, by code.

    Args:
        town: The town.
        folder: Has a folder for each party, named by its credit code.
        origin: Origin of the log that they have to be for.

    Raises:
        DraftError: when an identity is another party's or another log's.
        IdentityError: when one is missing or wrong.
    """
    identities = {}
    for party in town.parties:
        identity = Identity.load(folder / party.credit_code)
        if identity.party != party_id(origin, party.credit_code):
            raise DraftError(
                f"{folder / party.credit_code} is the identity of another party or log"
            )
        identities[party.code] = identity
    return identities


def register_parties(
    ledger: Ledger, bureau: Author, town: Town, cast: Mapping[str, Author]
) -> None:
    """Have the bureau adopt the policies and register parties with their keys.

    Raises:
        RejectedError: when the ledger refuses one for another reason than that it is there.
    """
    how = Circumstances(occurred=_first_moment(town))
    bureau.clock.set(_first_moment(town), _first_moment(town))
    emitter = bureau.emitter
    trained = {UNREPORTED, *(cohort.programme for cohort in town.cohorts)}
    for programme in sorted(trained, key=lambda programme: programme.id):
        _send(ledger, [emitter.policy_adopted(document=policy_document(programme), how=how)])
    for party in town.parties:
        registered = emitter.institution_registered(
            kind=pb.PartyKind.Value(f"PARTY_KIND_{party.kind}"),
            credit_code=party.credit_code,
            name=party.name,
            area=REGION,
            how=how,
        )
        _send(ledger, [registered])
        identity = cast[party.code].emitter.identity
        key = emitter.key_registered(
            public_key=identity.public_key.spki,
            holder=identity.party,
            use=pb.KEY_USE_PARTY,
            how=how,
        )
        _send(ledger, [key])


def register_belongings(
    ledger: Ledger, party: Party, town: Town, cast: Mapping[str, Author], ids: Ids
) -> None:
    """Have an institution report its trades, and register its terminals' keys and its teachers.

    Raises:
        RejectedError: when the ledger refuses one.
    """
    author, how = cast[party.code], Circumstances(occurred=_first_moment(town))
    author.clock.set(_first_moment(town), _first_moment(town))
    events = [
        author.emitter.key_registered(
            public_key=cast[code].emitter.identity.public_key.spki,
            holder=author.emitter.identity.party,
            use=pb.KEY_USE_DEVICE,
            device=device,
            how=how,
        )
        for code, institution, device in terminals_of(town)
        if institution == party.code
    ]
    trades = {row.programme.trade for row in town.cohorts if row.institution == party.code}
    if trades:
        report = author.emitter.initial_report_submitted(
            institution=author.emitter.identity.party,
            trades=sorted(trades),
            document_digest=sha256(ids.namespace + b"initial report").digest(),
            how=how,
        )
        events.append(report)
    for institution, teacher in town.teachers:
        if institution == party.code:
            events.append(_appointed(author, teacher, town, ids, how))
    _send(ledger, events)


def _appointed(
    author: Author, teacher: str, town: Town, ids: Ids, how: Circumstances
) -> CapturedEvent:
    full_time = "-T" in teacher
    role = pb.STAFF_ROLE_FULL_TIME_TEACHER if full_time else pb.STAFF_ROLE_PART_TIME_TEACHER
    return author.emitter.staff_appointed(
        staff=ids.derived(Kind.STAFF, teacher),
        role=role,
        identity_commitment=sha256(ids.namespace + teacher.encode()).digest(),
        subject="SAFETY-TRAINING",
        from_day=_first_moment(town).date(),
        how=how,
    )


def register_persons(
    ledgers: Mapping[str, Ledger], town: Town
) -> Iterator[tuple[tuple[str, str], PersonRef]]:
    """Yield each learner's reference, as the vault gives it to the own institution."""
    persons = {person.code: person for person in town.persons}
    for cohort in town.cohorts:
        for learner in cohort.learners:
            person = persons[learner.person]
            reference = ledgers[cohort.institution].registers.register_person(
                id_type=persons_pb.ID_TYPE_RESIDENT_ID_CARD,
                id_number=person.id_number,
                name=person.name,
            )
            yield (cohort.institution, person.code), reference


def _first_moment(town: Town) -> datetime:
    return moment(town.size.start, 9 * 60) - _BEFORE


def _send(ledger: Ledger, events: Sequence[CapturedEvent]) -> None:
    outcomes = ledger.append(events)
    refused = [each for each in outcomes if isinstance(each, Rejected) and each.code != ALREADY]
    if refused:
        raise RejectedError(tuple(refused), outcomes)
