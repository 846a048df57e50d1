"""Events of a cohort's file 一期一档: filing, policy, courseware, evaluation, clocks, the seal.

They stand in the cohort's stream (docs/formats.md section 3).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import DraftError
from clients.sdk.field_values import (
    count,
    day,
    digest,
    duration,
    micros,
    optional_id,
    ordinal,
    text,
    texts,
)
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb

_FIVE_POINTS: Final = 500


class CohortFileEvents(PlacedEvents):
    """What an institution states about a cohort from its filing to the seal of its file."""

    def cohort_filed(
        self,
        *,
        cohort: UUID,
        bureau: UUID,
        rooms: Sequence[str],
        teachers: Sequence[UUID],
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Filing of a cohort 开班报备 with the bureau.

        Args:
            cohort: The cohort.
            bureau: The bureau that it is filed with.
            rooms: Room codes, at least one.
            teachers: Staff files of the teachers.
            how: The circumstances.

        Raises:
            DraftError: when there is no room, or one is empty.
        """
        body = pb.CohortFiled(
            bureau=bureau.bytes,
            rooms=texts("rooms", rooms),
            teachers=[teacher.bytes for teacher in teachers],
        )
        return self._of_cohort(body, cohort, how)

    def cohort_policy_repinned(
        self, *, cohort: UUID, policy: bytes, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Another policy binds a running cohort 政策改钉.

        Args:
            cohort: The cohort.
            policy: Digest of the adopted policy.
            reason: Reason code.
            how: The circumstances; a bureau names the institution in `recorded_for`.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.CohortPolicyRepinned(
            policy=digest("policy", policy), reason=text("reason", reason)
        )
        return self._of_cohort(body, cohort, how)

    def courseware_reviewed(
        self,
        *,
        cohort: UUID,
        courseware: str,
        version: int,
        document_digest: bytes,
        reviewer: UUID,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Courseware is reviewed 课件审核.

        Args:
            cohort: The cohort that it is taught in.
            courseware: Code of the courseware.
            version: Version, from 1.
            document_digest: SHA-256 of the courseware.
            reviewer: The reviewer's staff file.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.CoursewareReviewed(
            courseware=text("courseware", courseware),
            version=ordinal("version", version),
            document_digest=digest("document_digest", document_digest),
            reviewer=reviewer.bytes,
        )
        return self._of_cohort(body, cohort, how)

    def training_evaluation_submitted(
        self,
        *,
        cohort: UUID,
        respondents: int,
        score_hundredths: int,
        teacher: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The learners' evaluation 教学评估提交.

        Args:
            cohort: The cohort.
            respondents: Learners who answered, at least one.
            score_hundredths: Mean score of 5 points, in hundredths.
            teacher: Staff file of the teacher that it is about; None for the whole cohort.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range.
        """
        body = pb.TrainingEvaluationSubmitted(
            respondents=ordinal("respondents", respondents),
            score_hundredths=count("score_hundredths", score_hundredths, _FIVE_POINTS + 1),
            teacher=optional_id(teacher),
        )
        return self._of_cohort(body, cohort, how)

    def cohort_archive_sealed(
        self,
        *,
        cohort: UUID,
        version: int,
        items: int,
        items_root: bytes,
        retain_until: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The cohort file is sealed 归档封存: a version, not a lock.

        Args:
            cohort: The cohort.
            version: Version of the seal, from 1.
            items: Documents in the file.
            items_root: RFC 6962 root over the items' salted digests in log order.
            retain_until: Last day of retention, Asia/Shanghai.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range or not 32 bytes.
        """
        body = pb.CohortArchiveSealed(
            version=ordinal("version", version),
            items=count("items", items),
            items_root=digest("items_root", items_root),
            retain_until=day("retain_until", retain_until),
        )
        return self._of_cohort(body, cohort, how)

    def clock_offset_stated(
        self,
        *,
        cohort: UUID,
        device: str,
        offset: timedelta,
        first: datetime,
        last: datetime,
        reason: str,
        boot_id: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """How wrong a device's clock was 时钟偏差说明.

        Args:
            cohort: The cohort whose events the device dated.
            device: Serial code of the device.
            offset: What has to be added to a claimed time.
            first: Claimed times from this one on, with a UTC offset.
            last: Claimed times up to this one.
            reason: Reason code.
            boot_id: The boot that it holds for; None for all.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range, or `last` is before `first`.
        """
        first_us, last_us = micros("first", first), micros("last", last)
        if last_us < first_us:
            raise DraftError(f"last: {last.isoformat()} is before the first {first.isoformat()}")
        body = pb.ClockOffsetStated(
            device=text("device", device),
            boot_id=optional_id(boot_id),
            offset_us=duration("offset", offset),
            first_us=first_us,
            last_us=last_us,
            reason=text("reason", reason),
        )
        return self._of_cohort(body, cohort, how)
