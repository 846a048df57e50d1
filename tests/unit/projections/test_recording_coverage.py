"""How much of the taught time recordings cover: values worked out by hand."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.hours import TaughtSession
from ledger.domain.policies import HourComponent
from projections.recording_coverage import Recording, covered_per_mille, taught_intervals

MINUTE = 60_000_000


def recording(
    start: int, end: int, *, gap_seconds: int = 0, channel: str = "CAM-1", digest: str = ""
) -> Recording:
    """A recording from minute to minute."""
    name = digest or f"{channel} {start} {end}"
    return Recording(channel, start * MINUTE, end * MINUTE, gap_seconds, name)


def taught(*intervals: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple((start * MINUTE, end * MINUTE) for start, end in intervals)


def session(*pauses: tuple[int, int]) -> TaughtSession:
    """An hour with interruptions."""
    part = HourComponent.THEORY_OFFLINE
    return TaughtSession(b"s" * 16, part, 0, 60 * MINUTE, 0, (), taught(*pauses))


HOUR = taught((0, 60))


def test_a_whole_recording_covers_everything_and_none_nothing() -> None:
    assert covered_per_mille([recording(-5, 65)], HOUR) == 1_000
    assert covered_per_mille([], HOUR) == 0
    assert covered_per_mille([recording(60, 90)], HOUR) == 0


def test_the_gap_is_taken_off_and_the_share_is_floored() -> None:
    # 40 of 60 minutes less 60 seconds: 39 / 60 = 0.65.
    assert covered_per_mille([recording(10, 50, gap_seconds=60)], HOUR) == 650
    # 20 of 60 minutes less one second: 1199 / 3600 = 0.33305.
    assert covered_per_mille([recording(0, 20, gap_seconds=1)], HOUR) == 333
    assert covered_per_mille([recording(0, 20, gap_seconds=1_300)], HOUR) == 0


def test_recordings_of_one_channel_add_up_and_overlaps_count_once() -> None:
    parts = [recording(0, 30), recording(20, 45)]
    assert covered_per_mille(parts, HOUR) == 750


def test_the_same_recording_stored_twice_loses_its_gap_once() -> None:
    twice = [recording(0, 60, gap_seconds=360, digest="d")] * 2
    assert covered_per_mille(twice, HOUR) == 900


def test_channels_do_not_add_up_the_best_one_counts() -> None:
    two = [recording(0, 30), recording(30, 54, channel="CAM-2"), recording(0, 12, channel="CAM-2")]
    assert covered_per_mille(two, HOUR) == 600


def test_what_is_recorded_in_an_interruption_covers_nothing() -> None:
    # 20 + 20 minutes taught; recorded are minutes 10 to 40, of which 20 to 40 were interrupted.
    assert covered_per_mille([recording(10, 40)], taught((0, 20), (40, 60))) == 250


def test_nothing_taught_is_not_covered() -> None:
    assert covered_per_mille([recording(0, 60)], ()) == 0


def test_interruptions_are_cut_out_of_the_taught_time() -> None:
    assert taught_intervals(session((20, 40))) == taught((0, 20), (40, 60))
    assert taught_intervals(session((10, 20), (30, 40))) == taught((0, 10), (20, 30), (40, 60))
    assert taught_intervals(session()) == HOUR
    # From the start, or to the end, nothing is left on that side.
    assert taught_intervals(session((0, 20))) == taught((20, 60))
    assert taught_intervals(session((20, 60))) == taught((0, 20))
    assert taught_intervals(session((0, 60))) == ()


minutes = st.integers(-30, 90)


@given(
    st.lists(
        st.builds(
            lambda start, length, gap, channel: recording(
                start, start + length, gap_seconds=gap, channel=channel
            ),
            minutes,
            st.integers(0, 60),
            st.integers(0, 600),
            st.sampled_from(["CAM-1", "CAM-2"]),
        ),
        max_size=6,
    ),
    st.lists(st.integers(0, 60), max_size=6, unique=True),
)
def test_the_share_is_never_above_all_and_a_whole_recording_reaches_it(
    recordings: list[Recording], moments: list[int]
) -> None:
    ordered = sorted(moments)
    intervals = taught_intervals(session(*zip(ordered[::2], ordered[1::2], strict=False)))
    assert 0 <= covered_per_mille(recordings, intervals) <= 1_000
    whole = [*recordings, recording(-60, 120, channel="CAM-3")]
    assert covered_per_mille(whole, intervals) == (1_000 if intervals else 0)
