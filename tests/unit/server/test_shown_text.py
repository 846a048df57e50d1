"""Text that goes out is bounded and printable."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import holding
from ledger.server.held_words import HELD_WORDS, held_words
from ledger.server.shown_text import TEXT_LIMIT, shown


@given(st.text(max_size=1_000))
def test_any_text_comes_out_short_and_printable(text: str) -> None:
    assert len(shown(text)) <= TEXT_LIMIT
    assert shown(text).isprintable()


def test_good_text_stays_as_it_is() -> None:
    assert shown("李䶮：第 3 节") == "李䶮：第 3 节"


def test_what_a_terminal_or_a_reader_would_obey_is_replaced() -> None:
    assert shown("a\x1b[31m\u202eb") == "a\ufffd[31m\ufffdb"


def test_every_held_code_has_words() -> None:
    codes = {
        holding.ENROLMENT_NOT_OPEN,
        holding.COHORT_NOT_PLANNED,
        holding.CLOCK_AHEAD,
        holding.KEY_LOST_OR_RETIRED,
        holding.GUEST_NOT_PLANNED,
        holding.TARGET_UNKNOWN,
        holding.TARGET_COHORTS_DIFFER,
        holding.NOT_CORRECTABLE,
        holding.APPROVAL_MISSING,
    }
    assert HELD_WORDS.keys() == codes
    assert held_words("NEW_CODE") == ("NEW_CODE", "NEW_CODE")
