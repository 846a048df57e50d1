"""A courier has no authority: nothing that it can do to a batch spoils what the author signed."""

import asyncio

from ledger.log.merkle import node_hash, root
from ledger.storage.open_storage import Storage
from tests.contract.town_log import PERSON, founded, log_is_whole, planned
from tests.unit.application.town import Town, batch, codes, recorded, request


def test_upper_nodes_handed_in_as_leaves_do_not_stand_in_the_way_of_the_real_batch(
    storage: Storage, runner: asyncio.Runner
) -> None:
    town = Town()

    async def story() -> None:
        async with founded(storage, town) as commits:
            cohort = await planned(commits, town)
            events = [town.sign_in(cohort, PERSON) for _ in range(3)]
            whole = batch(town.school.key, events)
            # The signature is over the root alone, which the tree of these two leaves has as well.
            shorter = batch(town.school.key, events)
            first, second, third = whole.leaves
            del shorter.leaves[:]
            shorter.leaves.extend([node_hash(first, second), third])
            assert root(list(shorter.leaves)) == root([first, second, third])
            del shorter.events[:]
            shorter.events.append(events[2].data)
            assert codes(await commits.append(request(shorter))) == ["ENROLMENT_NOT_OPEN"]
            answers = recorded(await commits.append(request(whole)))
            assert [answer.repeated for answer in answers] == [False, False, True]
            for answer in answers[:2]:
                row = storage.reader.row(answer.index)
                assert row is not None
                kept = storage.reader.batch(row.batch_name)
                assert kept is not None
                assert kept.leaves == b"".join(whole.leaves)
            log_is_whole(storage)

    runner.run(story())
