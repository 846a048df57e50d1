"""What an irregular record shows, in one line: plain facts in both languages, never a finding."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.server.held_words import held_words
from projections.irregular import IrregularKind
from projections.supervision_records import IrregularRecord

_MINUTE_US: Final = 60 * 1_000_000

_FIELDS: Final = MappingProxyType(
    {
        pb.CORRECTED_FIELD_OCCURRED: ("发生时间", "the time"),
        pb.CORRECTED_FIELD_SIGNED_OUT: ("缺失的签退", "the missing sign-out"),
        pb.CORRECTED_FIELD_SESSION: ("课次", "the session"),
        pb.CORRECTED_FIELD_MINUTES: ("分钟数", "the minutes"),
        pb.CORRECTED_FIELD_SCORE: ("成绩", "the score"),
        pb.CORRECTED_FIELD_TEACHER: ("教师", "the teacher"),
        pb.CORRECTED_FIELD_IDENTITY: ("身份", "the identity"),
    }
)
_ORIGINS: Final = MappingProxyType(
    {
        pb.RECORD_ORIGIN_TRANSCRIBED_PAPER: ("由纸质记录转录", "transcribed from paper"),
        pb.RECORD_ORIGIN_IMPORTED: ("由其他系统导入", "taken over from another system"),
    }
)
_METHODS: Final = MappingProxyType(
    {
        pb.PRESENCE_METHOD_FACE: ("人脸比对", "face"),
        pb.PRESENCE_METHOD_ID_CARD: ("身份证芯片", "identity card"),
        pb.PRESENCE_METHOD_FINGERPRINT: ("指纹比对", "fingerprint"),
        pb.PRESENCE_METHOD_STAFF_WITNESS: ("工作人员见证", "staff witness"),
    }
)

Words = tuple[str, str]
"""Chinese and English."""


def irregular_words(record: IrregularRecord) -> Words:
    """Return what a record shows, in Chinese and in English."""
    return _WORDS[record.kind](record)


def _late(record: IrregularRecord) -> Words:
    minutes = (record.recorded_us - record.occurred_us) // _MINUTE_US
    hours, rest = divmod(minutes, 60)
    return (
        f"发生后 {hours} 小时 {rest} 分入账",
        f"recorded {hours} h {rest} min after it happened",
    )


def _held(record: IrregularRecord) -> Words:
    return held_words(record.details["code"])


def _correction(record: IrregularRecord) -> Words:
    zh, en = _FIELDS.get(record.details["field"], ("", ""))
    target, reason = UUID(record.details["target"]), record.details["reason"]
    return (
        f"更正事件 {target} 的{zh}（理由 {reason}）",
        f"corrects {en} of event {target} (reason {reason})",
    )


def _voiding(record: IrregularRecord) -> Words:
    target, reason = UUID(record.details["target"]), record.details["reason"]
    return f"作废事件 {target}（理由 {reason}）", f"voids event {target} (reason {reason})"


def _transcribed(record: IrregularRecord) -> Words:
    return _ORIGINS[record.details["origin"]]


def _checked_absent(record: IrregularRecord) -> Words:
    session = UUID(record.details["session"])
    return (
        f"课次 {session} 抽检时不在场",
        f"absent in a spot check of session {session}",
    )


def _identity_mismatch(record: IrregularRecord) -> Words:
    zh, en = _METHODS.get(record.details["method"], ("", ""))
    return f"人证不符（{zh}）", f"person and document do not agree ({en})"


def _chain_gap(record: IrregularRecord) -> Words:
    device, first, last = (record.details[name] for name in ("device", "first", "last"))
    return (
        f"设备 {device} 的第 {first} 至 {last} 号事件未入账",
        f"events {first} to {last} of device {device} are not recorded",
    )


def _chain_fork(record: IrregularRecord) -> Words:
    device, sequence = record.details["device"], record.details["sequence"]
    return (
        f"设备 {device} 的第 {sequence} 号事件未接续其事件链",
        f"event {sequence} of device {device} does not continue its chain",
    )


_WORDS: Final[Mapping[IrregularKind, Callable[[IrregularRecord], Words]]] = MappingProxyType(
    {
        IrregularKind.LATE: _late,
        IrregularKind.HELD: _held,
        IrregularKind.CORRECTION: _correction,
        IrregularKind.VOIDING: _voiding,
        IrregularKind.TRANSCRIBED: _transcribed,
        IrregularKind.CHECKED_ABSENT: _checked_absent,
        IrregularKind.IDENTITY_MISMATCH: _identity_mismatch,
        IrregularKind.CHAIN_GAP: _chain_gap,
        IrregularKind.CHAIN_FORK: _chain_fork,
    }
)


def target_of(details: Mapping[str, Any]) -> bytes:
    """Return the event that a record corrects or voids; empty when it does neither."""
    return bytes.fromhex(details.get("target", ""))
