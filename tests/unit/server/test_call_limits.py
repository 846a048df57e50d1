"""Places and deadlines."""

import asyncio

import pytest

from ledger.application.errors import OverloadedError, RefusedError
from ledger.server.call_limits import Places, PlacesByOwner, within


def test_places_are_given_back_also_after_an_error() -> None:
    places = Places(1)
    for _ in range(3):
        with pytest.raises(KeyError), places.taken():
            raise KeyError
    with places.taken(), pytest.raises(OverloadedError), places.taken():
        pass


def test_one_owner_does_not_take_the_places_of_another() -> None:
    places = PlacesByOwner(2)
    with places.taken("a"), places.taken("a"):
        with pytest.raises(OverloadedError), places.taken("a"):
            pass
        with places.taken("b"):
            pass
    with places.taken("a"):
        pass


def test_what_takes_too_long_is_refused() -> None:
    async def scene() -> None:
        async with within(0.01):
            await asyncio.Event().wait()

    with pytest.raises(RefusedError) as refused:
        asyncio.run(scene())
    assert refused.value.refusals[0].code == "DEADLINE_EXCEEDED"


def test_a_timeout_of_something_else_stays_what_it_is() -> None:
    async def scene() -> None:
        async with within(60):
            raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(scene())


def test_without_an_end_there_is_none() -> None:
    async def scene() -> bool:
        async with within(None):
            await asyncio.sleep(0)
        return True

    assert asyncio.run(scene())
