"""Moments as they go over the wire: one bound on either clock, or one on each."""

from datetime import UTC, datetime

import pytest

from clients.sdk import AsOf, DraftError
from ledger.api.v1 import cohort_service_pb2 as pb

NOON = datetime(2026, 3, 16, 4, tzinfo=UTC)
NOON_US = 1_773_633_600_000_000


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (AsOf(index=0), pb.AsOf(index=0)),
        (AsOf(recorded=NOON), pb.AsOf(recorded_us=NOON_US)),
        (AsOf(occurred=NOON), pb.AsOf(occurred_us=NOON_US)),
        (AsOf(index=7, occurred=NOON), pb.AsOf(occurred_us=NOON_US, known_index=7)),
        (AsOf(None, NOON, NOON), pb.AsOf(occurred_us=NOON_US, known_recorded_us=NOON_US)),
    ],
)
def test_a_moment_is_one_bound_of_each_clock(moment: AsOf, message: pb.AsOf) -> None:
    assert moment.message() == message


@pytest.mark.parametrize(
    "moment",
    [
        AsOf(),
        AsOf(index=7, recorded=NOON),
        AsOf(index=7, recorded=NOON, occurred=NOON),
        AsOf(index=-1),
        AsOf(index=2**53),
        AsOf(recorded=NOON.replace(tzinfo=None)),
        AsOf(occurred=datetime(1969, 12, 31, tzinfo=UTC)),
    ],
)
def test_what_is_no_moment_is_said_before_it_is_sent(moment: AsOf) -> None:
    with pytest.raises(DraftError):
        moment.message()
