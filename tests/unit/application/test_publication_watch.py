"""Waiting for what another process publishes."""

import asyncio

import pytest

from ledger.application.errors import StorageUnavailableError
from ledger.application.publication_watch import PublicationWatch


def test_waiting_ends_when_the_published_size_covers_the_entry() -> None:
    sizes = [3, 5, 6]
    looks: list[int] = []

    def published() -> int:
        looks.append(sizes[min(len(looks), 2)])
        return looks[-1]

    asyncio.run(PublicationWatch(published, 0.001).wait_published(5))
    assert looks == [3, 5, 6]


def test_many_that_wait_share_the_looks_and_nobody_looks_for_nobody() -> None:
    looks = 0

    def published() -> int:
        nonlocal looks
        looks += 1
        return looks

    async def story() -> None:
        watch = PublicationWatch(published, 0.001)
        await asyncio.gather(*(watch.wait_published(index) for index in range(10)))
        assert looks == 10
        await asyncio.sleep(0.05)
        seen = looks
        await asyncio.sleep(0.05)
        assert looks == seen
        await watch.wait_published(seen + 3)
        assert looks >= seen + 4

    asyncio.run(story())


def test_a_database_that_fails_is_asked_again() -> None:
    looks = 0

    def published() -> int:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise StorageUnavailableError("gone")
        return 1

    asyncio.run(PublicationWatch(published, 0.001).wait_published(0))
    assert looks == 3


def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    async def story() -> None:
        watch = PublicationWatch(lambda: 0, 0.001)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.wait_published(0), 0.01)
        await asyncio.sleep(0.05)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
