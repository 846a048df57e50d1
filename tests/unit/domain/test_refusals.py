"""The catalogue of refusals: complete in both languages, and both say the same."""

from dataclasses import FrozenInstanceError
from string import Formatter

import pytest

from ledger.domain.refusals import CATALOGUE, Refusal, Words

HAN = range(0x4E00, 0xA000)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def has_chinese(text: str) -> bool:
    return any(ord(character) in HAN for character in text)


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_code_has_words_in_both_languages(code: str) -> None:
    words = CATALOGUE[code]
    assert code.replace("_", "A").isalpha()
    assert code.isupper()
    for chinese, english in ((words.reason_zh, words.reason_en), (words.fix_zh, words.fix_en)):
        assert has_chinese(chinese)
        assert english.isascii()
        assert english[0].isupper() or english.startswith("{")
        assert chinese.strip() == chinese
        assert english.strip() == english


@pytest.mark.parametrize("code", CATALOGUE)
def test_both_languages_name_the_same_values_and_a_fix_names_none(code: str) -> None:
    words = CATALOGUE[code]
    assert placeholders(words.reason_zh) == placeholders(words.reason_en)
    assert all(name.isidentifier() for name in placeholders(words.reason_en))
    assert placeholders(words.fix_zh) == placeholders(words.fix_en) == set()


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_refusal_with_its_values_reads_without_gaps(code: str) -> None:
    names = placeholders(CATALOGUE[code].reason_en)
    refusal = Refusal(code, "header.type", {name: f"<{name}>" for name in names})
    for language in ("zh", "en"):
        reason = refusal.reason(language)
        assert all(f"<{name}>" in reason for name in names)
        assert "{" not in reason + refusal.fix(language)
        assert "}" not in reason + refusal.fix(language)


def test_a_refusal_says_reason_and_fix() -> None:
    refusal = Refusal("COHORT_FULL", "header.cohorts", {"enrolled": 100, "capacity": 100})
    assert refusal.reason("zh") == "名额已满：100/100"
    assert refusal.reason("en") == "The cohort is full: 100 of 100"
    assert refusal.fix("zh") == "报名到其他班次"
    assert refusal.fix("en") == "Enrol in another cohort"


def test_a_refusal_without_a_value_it_needs_or_with_an_unknown_code_cannot_be_told() -> None:
    with pytest.raises(KeyError):
        Refusal("COHORT_FULL", values={"enrolled": 100}).reason("en")
    with pytest.raises(KeyError):
        Refusal("NO_SUCH_CODE").fix("zh")


def test_a_refusal_stands_alone_and_does_not_change() -> None:
    refusal = Refusal("LOG_CLOSED")
    assert (refusal.field, dict(refusal.values)) == ("", {})
    assert refusal == Refusal("LOG_CLOSED")
    assert refusal.values is not Refusal("LOG_CLOSED").values
    with pytest.raises(FrozenInstanceError):
        refusal.code = "INTERNAL"  # type: ignore[misc]  # what is tested
    with pytest.raises(TypeError):
        CATALOGUE["MORE"] = Words("", "", "", "")  # type: ignore[index]  # what is tested


@pytest.mark.parametrize(
    ("refusal", "chinese", "english"),
    [
        (
            Refusal("NOT_YOURS_TO_WRITE", "", {"role": "exam_body", "type": "CohortPlanned"}),
            "考试机构无权写入 CohortPlanned",
            "This is not for the author to write (exam body): CohortPlanned",
        ),
        (
            Refusal("REVIEW_OUT_OF_TURN", "stage", {"stage": "COUNTY"}),
            "还轮不到县级审核，或该级已审核",
            "It is not the turn of the county's review, or that was given already",
        ),
        (
            Refusal("HOURS_SHORT", "", {"component": "practical", "required": 4, "credited": 0}),
            "学时不足：实操 应修 4，实修 0",
            "Hours are short: practical work requires 4, credited 0",
        ),
        (
            Refusal("UNKNOWN_PARTY", "holder", {"party": "6fa1b0d63c395a4f8e550d0f3c4b7a21"}),
            "机构未入册：6fa1b0d6-3c39-5a4f-8e55-0d0f3c4b7a21",
            "The party is not registered: 6fa1b0d6-3c39-5a4f-8e55-0d0f3c4b7a21",
        ),
        (
            Refusal("NOT_AN_INSTITUTION", "", {"role": "a new role"}),
            "该单位不是培训机构（a new role）",
            "The party is no training institution (a new role)",
        ),
    ],
)
def test_values_read_as_words_of_the_language_and_ids_as_they_are_typed(
    refusal: Refusal, chinese: str, english: str
) -> None:
    kept = dict(refusal.values)
    assert (refusal.reason("zh"), refusal.reason("en")) == (chinese, english)
    assert refusal.values == kept
