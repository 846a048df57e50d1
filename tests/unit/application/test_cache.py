"""The cache forgets the unused, and takes back what a refused request set."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.application.cache import Cache

A, B, C, D = b"a", b"b", b"c", b"d"


def test_what_was_set_since_begin_is_undone() -> None:
    cache: Cache[int] = Cache(10)
    cache.set(A, 1)
    cache.begin()
    cache.set(A, 2)
    cache.set(A, 3)
    cache.set(B, 4)
    cache.set(C, None)
    assert (cache.get(A), cache.get(B), C in cache) == (3, 4, True)
    cache.undo()
    assert (cache.get(A), cache.get(B)) == (1, None)
    assert B not in cache
    assert C not in cache


def test_what_was_kept_is_not_undone_later() -> None:
    cache: Cache[int] = Cache(10)
    cache.begin()
    cache.set(A, 1)
    cache.begin()
    cache.set(B, 2)
    cache.undo()
    cache.undo()
    assert (cache.get(A), cache.get(B)) == (1, None)


def test_an_undone_value_that_had_grown_old_is_there_again() -> None:
    cache: Cache[int] = Cache(0)
    cache.set(A, 1)
    cache.turn()
    cache.begin()
    cache.set(A, 2)
    cache.undo()
    assert cache.get(A) == 1


def test_the_cache_keeps_what_is_used_and_forgets_the_rest() -> None:
    cache: Cache[int] = Cache(1)
    cache.set(A, 1)
    cache.set(B, 2)
    cache.turn()  # two young ones are more than one: both grow old
    assert cache.get(A) == 1  # used, so young again
    cache.set(C, 3)
    cache.turn()
    assert A in cache
    assert C in cache
    assert B not in cache
    assert cache.get(B) is None


def test_a_turn_below_the_limit_forgets_nothing() -> None:
    cache: Cache[int] = Cache(2)
    for number, key in enumerate((A, B)):
        cache.set(key, number)
    for _ in range(5):
        cache.turn()
    assert (cache.get(A), cache.get(B)) == (0, 1)


def test_a_newer_value_wins_over_the_one_that_grew_old() -> None:
    cache: Cache[int] = Cache(0)
    cache.set(A, 1)
    cache.turn()
    cache.set(A, 2)
    assert cache.get(A) == 2
    cache.turn()
    assert cache.get(A) == 2


def test_a_known_absence_is_in_the_cache_also_when_it_grew_old() -> None:
    cache: Cache[int] = Cache(0)
    cache.set(A, None)
    cache.turn()
    assert A in cache
    assert cache.get(A) is None
    assert B not in cache


def test_what_is_discarded_is_gone_from_both_generations() -> None:
    cache: Cache[int] = Cache(0)
    cache.set(A, 1)
    cache.turn()
    cache.set(A, 2)
    cache.discard(A)
    cache.discard(B)
    assert A not in cache
    cache.set(C, 1)
    cache.clear()
    assert C not in cache


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "get", "discard", "turn"]),
        st.sampled_from([A, B, C, D]),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=60,
)


@given(STEPS, st.integers(0, 3))
def test_the_cache_never_gives_another_value_than_the_last_one_set(
    steps: list[tuple[str, bytes, int | None]], limit: int
) -> None:
    cache: Cache[int] = Cache(limit)
    truth: dict[bytes, int | None] = {}
    for step, key, value in steps:
        match step:
            case "set":
                cache.set(key, value)
                truth[key] = value
            case "discard":
                cache.discard(key)
                truth.pop(key, None)
            case "turn":
                cache.turn()
            case _:
                cache.get(key)
        for each in (A, B, C, D):
            if each in cache:
                assert each in truth
                assert cache.get(each) == truth[each]
    assert len(cache._young) + len(cache._old) <= 4 + 4
