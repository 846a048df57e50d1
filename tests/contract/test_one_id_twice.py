"""Two events of a request under one id, on both databases: each is judged by what it names itself.

The second is refused in any case. What it names must not be what the first is judged by.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent
from ledger.api.v1 import events_pb2 as pb
from ledger.log.merkle import leaf_hash
from ledger.storage.open_storage import Storage
from tests.contract.certificate_office import Office, office
from tests.contract.town_log import log_is_whole
from tests.unit.application.town import Town

Run = Callable[[Coroutine[Any, Any, None]], None]


def with_id_of(event: CapturedEvent, other: CapturedEvent) -> CapturedEvent:
    """The same event under the id of another one."""
    whole = pb.TrainingEvent.FromString(event.data)
    whole.header.event_id = other.event_id.bytes
    data = whole.SerializeToString()
    return replace(event, data=data, leaf=leaf_hash(data), event_id=other.event_id)


def test_a_core_that_nobody_prepared_is_not_issued_beside_one_that_was(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            prepared = it.prepare()
            made_up = it.issue(prepared, core_digest=bytes(32))
            # On another stream, so that the two do not fall together.
            beside = with_id_of(it.issue(prepared, certificate=uuid4()), made_up)
            assert await it.record(made_up) == ["NOT_PREPARED"]
            assert await it.record(made_up, beside) == ["NOT_PREPARED", "NOT_PREPARED"]
            assert await it.record(it.issue(prepared)) == [""]

    run(story())
    log_is_whole(storage)


def test_the_hours_of_another_learner_are_not_carried_over(
    storage: Storage, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with office(storage, town) as it:
            target, plan = town.cohort()
            stranger = UUID(int=0xF7, version=4)
            moved = town.school.emitter.learner_transferred(
                cohort=it.cohort, person_ref=it.persons[0], to_cohort=target, reason="MOVED"
            )
            enrolled = [town.enrolment(target, each) for each in (stranger, it.persons[0])]
            assert await it.record(moved) == ["NOT_PLANNED"]
            assert await it.record(plan, *enrolled, moved) == [""] * 4
            theirs = carried(it, target, stranger)
            honest = with_id_of(carried(it, target, it.persons[0]), theirs)
            assert await it.record(theirs) == ["NOT_TRANSFERRED"]
            assert await it.record(theirs, honest) == ["NOT_TRANSFERRED", ""]

    run(story())
    log_is_whole(storage)


def carried(it: Office, target: UUID, person: UUID) -> CapturedEvent:
    """Credits of what the first learner had credited in the office's cohort."""
    return it.town.school.emitter.credits_carried_over(
        cohort=target,
        person_ref=person,
        from_cohort=it.cohort,
        up_to_index=it.storage.reader.head().size,
        credited={pb.HOUR_COMPONENT_THEORY_OFFLINE: 2, pb.HOUR_COMPONENT_PRACTICAL: 1},
    )
