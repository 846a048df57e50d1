import itertools

import pytest

from clients.verifier import Check, CheckName, Outcome, SubState, Text, Verdict, Word
from clients.verifier.verdict import decide

SENTENCE = Text("一句话。", "A sentence.")


def checks(**outcomes: Outcome) -> tuple[Check, ...]:
    return tuple(
        Check(name, outcomes.get(name.value, Outcome.PASSED), SENTENCE) for name in CheckName
    )


def verdict(word: Word, sub_state: SubState | None = None) -> Verdict:
    return Verdict(word, sub_state, checks(), "PXZM", 5, (SENTENCE,))


def test_valid_needs_all_five_checks() -> None:
    assert decide(checks(), None) is Word.VALID
    for name in CheckName:
        assert decide(checks(**{name.value: Outcome.UNCHECKED}), None) is Word.UNCHECKED
        assert decide(checks(**{name.value: Outcome.ATTENTION}), None) is Word.ATTENTION


@pytest.mark.parametrize("failed", ["content", "recorded", "issuer", "witnessed"])
def test_a_failure_of_what_makes_a_certificate_is_a_forgery(failed: str) -> None:
    outcomes = {failed: Outcome.FAILED, "status": Outcome.UNCHECKED}
    assert decide(checks(**outcomes), None) is Word.FORGED
    assert decide(checks(**outcomes), SubState.REVOKED) is Word.FORGED


def test_a_proven_negative_outranks_a_missing_answer() -> None:
    missing = checks(status=Outcome.FAILED, witnessed=Outcome.UNCHECKED)
    assert decide(missing, SubState.REVOKED) is Word.NOT_VALID


def test_a_missing_answer_outranks_attention() -> None:
    assert decide(checks(status=Outcome.ATTENTION, issuer=Outcome.UNCHECKED), None) is (
        Word.UNCHECKED
    )


def test_no_combination_is_positive_with_a_check_missing_or_failed() -> None:
    for outcomes in itertools.product(Outcome, repeat=5):
        named = {name.value: outcome for name, outcome in zip(CheckName, outcomes, strict=True)}
        word = decide(checks(**named), None)
        good = set(outcomes) <= {Outcome.PASSED, Outcome.ATTENTION}
        assert (word in {Word.VALID, Word.ATTENTION}) is good


@pytest.mark.parametrize(
    ("word", "sub_state", "zh", "en", "exit_code"),
    [
        (Word.VALID, None, "有效", "Valid", 0),
        (Word.ATTENTION, None, "需注意", "Valid, attention", 0),
        (Word.NOT_VALID, SubState.REVOKED, "无效：已撤销", "Not valid: revoked", 1),
        (Word.NOT_VALID, SubState.SUSPENDED, "无效：已暂停", "Not valid: suspended", 1),
        (Word.NOT_VALID, SubState.SUPERSEDED, "无效：已换发", "Not valid: superseded", 1),
        (Word.NOT_VALID, SubState.EXPIRED, "无效：已过期", "Not valid: expired", 1),
        (Word.FORGED, None, "查无此证，疑似伪造", "No such record, possibly forged", 1),
        (Word.UNCHECKED, None, "暂时无法核验", "Could not check", 2),
    ],
)
def test_the_words_and_exit_codes_are_those_of_the_vocabulary(
    word: Word, sub_state: SubState | None, zh: str, en: str, exit_code: int
) -> None:
    shown = verdict(word, sub_state)
    assert shown.text == Text(zh, en)
    assert shown.exit_code == exit_code
    assert shown.next_step.zh
    assert shown.next_step.en


def test_the_json_has_the_words_and_the_five_checks_in_order() -> None:
    document = verdict(Word.NOT_VALID, SubState.REVOKED).to_json()
    assert document["verdict"] == "not_valid"
    assert document["sub_state"] == "revoked"
    assert document["verdict_zh"] == "无效：已撤销"
    assert document["status_as_of_us"] == 5
    assert document["checks"] == [
        {"name": name, "outcome": "passed", "detail_zh": "一句话。", "detail_en": "A sentence."}
        for name in ("content", "recorded", "status", "issuer", "witnessed")
    ]


def test_a_check_is_found_by_its_name() -> None:
    assert verdict(Word.VALID).check(CheckName.ISSUER).name is CheckName.ISSUER
