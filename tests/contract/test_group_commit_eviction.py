"""What a process remembers never changes an answer: random stories with and without memory."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.sdk import CapturedEvent, Circumstances
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application import decision_state
from ledger.application.outcomes import AppendRequest
from ledger.log.identifiers import key_id
from ledger.log.signatures import public_bytes
from ledger.storage.open_storage import open_storage
from tests.contract.town_log import log_is_whole
from tests.unit.application.town import (
    START,
    START_US,
    Town,
    batch,
    codes,
    committing,
    request,
    write_log_key,
)

COHORTS = 2
PERSONS = 3
DEVICES = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2)]

STEP = st.tuples(
    st.sampled_from(
        [
            "plan",
            "enrol",
            "enrol",
            "withdraw",
            "sign in",
            "open",
            "close",
            "device",
            "device signs",
            "device ends",
            "again",
        ]
    ),
    st.integers(0, COHORTS - 1),
    st.integers(0, PERSONS - 1),
)
STORY = st.lists(
    st.tuples(st.lists(STEP, min_size=1, max_size=5), st.booleans()), min_size=1, max_size=8
)


class _Story:
    """The requests of a story, signed once and told as often as one likes."""

    def __init__(self, steps: Sequence[tuple[list[tuple[str, int, int]], bool]]) -> None:
        self.town = Town()
        cohorts = [self.town.cohort(capacity=2) for _ in range(COHORTS)]
        self._cohorts = [cohort for cohort, _ in cohorts]
        self._plans = [plan for _, plan in cohorts]
        self._sent: list[recording.Batch] = []
        self.requests = [request(self.town.founding())]
        for group, atomic in steps:
            batches = [self._batch(*step) for step in group]
            self._sent += batches
            self.requests.append(request(*batches, atomic=atomic))

    def _batch(self, name: str, place: int, number: int) -> recording.Batch:
        if name == "again" and self._sent:
            return self._sent[(place * PERSONS + number) % len(self._sent)]
        device = DEVICES[place]
        if name == "device signs":
            cohort, person = self._cohorts[0], UUID(int=number + 1, version=4)
            emitter = self.town.emitter(device, self.town.school.party, f"TERM-{place}")
            event = emitter.learner_signed_in(
                cohort=cohort,
                person_ref=person,
                session=UUID(int=5, version=4),
                method=pb.PRESENCE_METHOD_FACE,
            )
            return batch(device, [event])
        return batch(self.town.school.key, [self._event(name, place, number)])

    def _event(self, name: str, place: int, number: int) -> CapturedEvent:
        school, cohort = self.town.school, self._cohorts[place]
        person = UUID(int=number + 1, version=4)
        write = school.emitter
        public_key = public_bytes(DEVICES[place].public_key())
        match name:
            case "plan":
                return self._plans[place]
            case "enrol":
                return self.town.enrolment(cohort, person)
            case "withdraw":
                return write.learner_withdrew(cohort=cohort, person_ref=person, reason="MOVED")
            case "open":
                return write.cohort_opened(cohort=cohort, enrolled=number)
            case "close":
                return write.cohort_closed(cohort=cohort, completed=number)
            case "device":
                return write.key_registered(
                    public_key=public_key, holder=school.party, use=pb.KEY_USE_DEVICE
                )
            case "device ends":
                until = START + timedelta(minutes=number)
                return write.key_ended(
                    key_id=key_id(public_key),
                    holder=school.party,
                    ending=pb.KEY_ENDING_ROTATED,
                    accepted_until=until,
                )
            case _:
                ahead = timedelta(minutes=20 * number)
                return write.learner_signed_in(
                    cohort=cohort,
                    person_ref=person,
                    session=UUID(int=5, version=4),
                    method=pb.PRESENCE_METHOD_ID_CARD,
                    how=Circumstances(occurred=START + ahead),
                )


async def _tell(
    story: _Story, url: str, processes: int
) -> tuple[list[list[str]], list[tuple[int, bytes]]]:
    """Send a story's requests one by one, to one process or in turn; return answers and log."""
    story.town.time.now_us, story.town.time.monotonic_us = START_US, 0
    storages = [open_storage(url) for _ in range(processes)]
    answers = []
    try:
        await write_log_key(storages[0].writer)
        async with (
            committing(storages[0].writer, story.town) as first,
            committing(storages[-1].writer, story.town) as last,
        ):
            for number, each in enumerate(story.requests):
                commits = first if number % 2 else last
                answers.append(codes(await commits.append(each)))
        log_is_whole(storages[0])
        return answers, storages[0].reader.entries(0, 1_000)
    finally:
        for storage in storages:
            await storage.close()


def _told(
    story: _Story, processes: int, cached: int | None = None
) -> tuple[list[list[str]], list[tuple[int, bytes]]]:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if cached is not None:
            patch.setattr(decision_state, "CACHED_STREAMS", cached)
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        return asyncio.run(_tell(story, url, processes))


@settings(max_examples=40)
@given(STORY)
def test_forgetting_never_changes_an_answer_or_an_entry(
    steps: list[tuple[list[tuple[str, int, int]], bool]],
) -> None:
    story = _Story(steps)
    expected = _told(story, 1)
    assert _told(story, 1, cached=0) == expected
    assert _told(story, 1, cached=3) == expected
    assert _told(story, 2) == expected


def test_the_story_reaches_what_it_is_about() -> None:
    """A story by hand, so that the random ones are known to mean something."""
    story = _Story(
        [
            ([("sign in", 0, 0), ("device", 0, 0), ("device signs", 0, 1)], False),
            ([("plan", 0, 0), ("enrol", 0, 0), ("enrol", 0, 1), ("enrol", 0, 2)], False),
            ([("again", 0, 0), ("device ends", 0, 0), ("device signs", 0, 0)], False),
            ([("withdraw", 0, 0), ("open", 0, 2)], True),
            ([("withdraw", 0, 0), ("open", 0, 1), ("again", 0, 2)], True),
        ]
    )
    answers, entries = _told(story, 2, cached=0)
    assert answers[1:] == [
        ["ENROLMENT_NOT_OPEN", "", "ENROLMENT_NOT_OPEN"],
        ["", "", "", "COHORT_FULL"],
        ["AGAIN", "", "KEY_ENDED"],
        ["ATOMIC_ABORTED", "COUNT_DIFFERS"],
        ["", "", "AGAIN"],
    ]
    assert len(entries) == 1 + 15 + 3 + 3 + 1 + 2
    assert isinstance(story.requests[0], AppendRequest)
