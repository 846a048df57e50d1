"""Prepared certificates and attached files, on both databases."""

import asyncio
from dataclasses import replace

import pytest

from ledger.application.ports import PreparedCertificate
from ledger.storage.open_storage import Storage
from tests.contract.event_rows import COHORT, stream

NUMBER = "PXZM-320599-2026-K7Q2-M4XB-9T3H-D"
PREPARED = PreparedCertificate(
    core_digest=b"c" * 32,
    certificate=stream(1),
    enrolment=stream(2),
    cohort=COHORT,
    institution=stream(3),
    edition=1,
    number=NUMBER,
    enrolment_digest=b"e" * 32,
    count=27,
    body=b"body",
)
NEWER = replace(PREPARED, core_digest=b"a" * 32, count=28)


def test_nothing_is_prepared_at_first(storage: Storage) -> None:
    assert storage.certificates.prepared_for(stream(1)) == []
    assert storage.certificates.by_number(NUMBER) is None
    assert storage.certificates.attached(NUMBER) is None


def test_what_was_prepared_is_found(storage: Storage, runner: asyncio.Runner) -> None:
    async def in_a_group(core_digest: bytes) -> PreparedCertificate | None:
        async with storage.writer.group(()) as group:
            return await group.prepared(core_digest)

    storage.certificates.save_prepared(PREPARED)
    assert storage.certificates.prepared_for(stream(1)) == [PREPARED]
    assert storage.certificates.by_number(NUMBER) == PREPARED
    assert runner.run(in_a_group(b"c" * 32)) == PREPARED
    assert storage.certificates.prepared_for(stream(2)) == []
    assert storage.certificates.by_number("PXZM") is None
    assert runner.run(in_a_group(b"d" * 32)) is None


def test_the_same_again_changes_nothing(storage: Storage) -> None:
    storage.certificates.save_prepared(PREPARED)
    storage.certificates.save_prepared(NEWER)
    storage.certificates.save_prepared(PREPARED)
    assert storage.certificates.prepared_for(stream(1)) == [PREPARED, NEWER]


def test_another_certificate_under_a_digest_is_refused(storage: Storage) -> None:
    storage.certificates.save_prepared(PREPARED)
    with pytest.raises(ValueError, match="another certificate"):
        storage.certificates.save_prepared(replace(PREPARED, count=28))
    assert storage.certificates.prepared_for(stream(1)) == [PREPARED]


def test_the_newest_stands_last_and_is_the_numbers(storage: Storage) -> None:
    storage.certificates.save_prepared(PREPARED)
    storage.certificates.save_prepared(NEWER)
    assert storage.certificates.prepared_for(stream(1)) == [PREPARED, NEWER]
    assert storage.certificates.by_number(NUMBER) == NEWER


def test_a_file_is_attached_and_replaced(storage: Storage) -> None:
    storage.certificates.attach(NUMBER, b"first")
    storage.certificates.attach("PXZM", b"other")
    assert storage.certificates.attached(NUMBER) == b"first"
    storage.certificates.attach(NUMBER, b"second")
    assert storage.certificates.attached(NUMBER) == b"second"
    assert storage.certificates.attached("PXZM") == b"other"
