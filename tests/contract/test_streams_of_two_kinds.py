"""A staff file's id and a cohort's are both random: neither takes over the other's stream."""

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from clients.sdk import CapturedEvent
from ledger.api.v1 import events_pb2 as pb
from ledger.storage.open_storage import Storage
from tests.contract.town_log import PERSON, by, founded, log_is_whole, planned
from tests.unit.application.town import Member, Town, codes, committing, recorded

Open = Callable[[], Storage]
Run = Callable[[Coroutine[Any, Any, None]], None]


def appointed(member: Member, file: UUID) -> CapturedEvent:
    return member.emitter.staff_appointed(
        staff=file,
        role=pb.STAFF_ROLE_MANAGER,
        identity_commitment=bytes(range(32)),
        subject="2010-1.2",
        from_day=date(2026, 3, 2),
    )


def test_no_staff_file_is_begun_in_the_stream_of_a_cohort(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town, PERSON)
            # Of this one only an enrolment's event is known so far.
            named = uuid4()
            recorded(await commits.append(by(town.school, town.sign_in(named, PERSON))))
        async with committing(open_another().writer, town) as commits:
            for taken in (cohort, named):
                for member in (town.other, town.school):
                    answers = await commits.append(by(member, appointed(member, taken)))
                    assert codes(answers) == ["NOT_YOURS_TO_WRITE"]
            assert codes(await commits.append(by(town.other, appointed(town.other, uuid4())))) == [
                ""
            ]

    run(story())
    log_is_whole(storage)


def test_no_cohort_is_begun_in_the_stream_of_a_staff_file(
    storage: Storage, open_another: Open, town: Town, run: Run
) -> None:
    file = uuid4()

    async def story() -> None:
        async with founded(storage, town) as commits:
            recorded(await commits.append(by(town.other, appointed(town.other, file))))
        async with committing(open_another().writer, town) as commits:
            learner = town.sign_in(file, PERSON)
            assert codes(await commits.append(by(town.school, learner))) == ["NOT_YOUR_COHORT"]
            again = appointed(town.other, file)
            assert codes(await commits.append(by(town.other, again))) == [""]

    run(story())
    log_is_whole(storage)
