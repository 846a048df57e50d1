"""What `clients.sdk` and `clients.verifier` offer: all of it, in order, and closed in itself."""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from clients.sdk import errors

PACKAGES = ["clients.sdk", "clients.verifier"]
# Of the attempts of one call; `Retries` is what callers set.
INNER = {"Trial"}


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_the_public_names_are_sorted_and_complete(package: ModuleType) -> None:
    there = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert package.__all__ == sorted(there)


def classes_in(hint: object) -> Iterator[type]:
    """Yield the classes that a type is made of."""
    if inspect.isclass(hint):
        yield hint
    for part in get_args(hint):
        yield from classes_in(part)


def annotated(value: object) -> Iterator[object]:
    """Yield what has type hints in a public name: itself, and its methods that callers use."""
    yield value
    if inspect.isclass(value):
        for name, member in inspect.getmembers(value):
            function = member.fget if isinstance(member, property) else member
            if not name.startswith("_") and inspect.isroutine(function):
                yield function


def test_whatever_a_public_name_takes_or_returns_is_public_too(package: ModuleType) -> None:
    named = {
        found.__name__
        for name in package.__all__
        for part in annotated(getattr(package, name))
        if inspect.isclass(part) or inspect.isroutine(part)
        for hint in get_type_hints(part).values()
        for found in classes_in(hint)
        if found.__module__.startswith(f"{package.__name__}.")
    }
    assert named
    assert named - set(package.__all__) <= INNER


def test_every_error_of_the_sdk_is_public() -> None:
    sdk = importlib.import_module("clients.sdk")
    own = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.LedgerClientError)
    }
    assert len(own) > 10
    assert own <= set(sdk.__all__)
