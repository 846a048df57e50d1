"""Why a recorded event counts for nothing yet, in words (codes: `ledger.domain.holding`)."""

from types import MappingProxyType
from typing import Final

from ledger.domain.holding import (
    APPROVAL_MISSING,
    CLOCK_AHEAD,
    COHORT_NOT_PLANNED,
    ENROLMENT_NOT_OPEN,
    GUEST_NOT_PLANNED,
    KEY_LOST_OR_RETIRED,
    NOT_CORRECTABLE,
    TARGET_COHORTS_DIFFER,
    TARGET_UNKNOWN,
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
            "所记时间晚于入账时间十分钟以上：采集设备时钟有误；说明时钟偏差后自动计入",
            "Its clock was ten minutes ahead or more; it counts once the offset is stated",
        ),
        GUEST_NOT_PLANNED: (
            "该学员在他班上课，原班未安排补课于此课次；登记补课安排后自动计入",
            "A guest whose home cohort has not planned a make-up in this session; it counts then",
        ),
        TARGET_UNKNOWN: (
            "同一流中此前没有所指的记录；请在该记录入账后重新提交",
            "Its stream holds no such record before it; send it again once that is recorded",
        ),
        TARGET_COHORTS_DIFFER: (
            "所列班次与被更正记录的不同；请照原记录的班次重新提交",
            "It names other cohorts than the record that it amends; send it again with those",
        ),
        NOT_CORRECTABLE: (
            "该类记录没有此项，更正的值超限或时刻未到，或决定类记录不能作废；请核对更正的字段与值",
            "No such field, a value past its limit or in the future, or a decision voided: check",
        ),
        APPROVAL_MISSING: (
            "更正须注明经办人与另一审批人；逾期更正还须审批人密钥签名",
            "It names a person who entered it and another who approved; late ones need their key",
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
