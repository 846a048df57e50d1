"""Why a recorded event counts for nothing yet, in words (codes: `ledger.domain.holding`)."""

from types import MappingProxyType
from typing import Final

from ledger.domain.holding import (
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    KEY_LOST_OR_RETIRED,
)

HELD_WORDS: Final = MappingProxyType(
    {
        ENROLMENT_NOT_OPEN: (
            "该学员尚未在本班报名；补录报名后自动计入",
            "The learner is not enrolled in this cohort yet; it counts once the enrolment is there",
        ),
        COHORT_NOT_PLANNED: (
            "该班次尚无开班计划；补录计划后自动计入",
            "The cohort has no plan yet; it counts once the plan is there",
        ),
        CLOCK_AHEAD: (
            "所记时间晚于入账时间十分钟以上：采集设备时钟有误",
            "It claims a time more than ten minutes after it was recorded: the clock was wrong",
        ),
        KEY_LOST_OR_RETIRED: (
            "签名密钥已遗失或停用；待机构确认",
            "Its key was lost or retired; it waits until the institution attests it",
        ),
    }
)
"""(Chinese, English) by code."""


def held_words(code: str) -> tuple[str, str]:
    """Return the reason in Chinese and in English; the code itself where there are no words."""
    return HELD_WORDS.get(code, (code, code))
