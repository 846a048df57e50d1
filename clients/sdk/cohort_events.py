"""Events of a cohort's stream: plan, timetable, teaching, documents (docs/formats.md section 3)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import (
    chosen,
    count,
    day,
    digest,
    optional_digest,
    optional_id,
    span,
    text,
)
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb

_SIZE_LIMIT: Final = 2**53


class CohortEvents(PlacedEvents):
    """What an institution writes about a cohort as a whole."""

    def cohort_planned(  # noqa: PLR0913 - the plan has this many particulars
        self,
        *,
        cohort: UUID,
        trade: str,
        trade_name: str,
        policy: bytes,
        capacity: int,
        first_day: date,
        last_day: date,
        number: str,
        platform: UUID | None = None,
        exam_body: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Plan of a cohort 开班计划.

        Args:
            cohort: The cohort, a random UUID.
            trade: Trade code in its catalogue.
            trade_name: Name of the trade as the catalogue prints it.
            policy: Digest of the adopted policy that the cohort is pinned to.
            capacity: Most learners at once.
            first_day: First day, Asia/Shanghai.
            last_day: Last day, Asia/Shanghai.
            number: The institution's own number of the cohort.
            platform: Online platform that may write lessons.
            exam_body: Exam body that may write examination results.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.CohortPlanned(
            trade=text("trade", trade),
            trade_name=text("trade_name", trade_name),
            policy=digest("policy", policy),
            capacity=count("capacity", capacity),
            first_day=day("first_day", first_day),
            last_day=day("last_day", last_day),
            number=text("number", number),
            platform=optional_id(platform),
            exam_body=optional_id(exam_body),
        )
        return self._of_cohort(body, cohort, how)

    def cohort_opened(
        self, *, cohort: UUID, enrolled: int, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Opening of a cohort 开班, with the number of learners enrolled.

        Raises:
            DraftError: when a value is out of range.
        """
        return self._of_cohort(pb.CohortOpened(enrolled=count("enrolled", enrolled)), cohort, how)

    def cohort_closed(
        self, *, cohort: UUID, completed: int, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Closing of a cohort 结班, with the number of learners that completed the training.

        Raises:
            DraftError: when a value is out of range.
        """
        body = pb.CohortClosed(completed=count("completed", completed))
        return self._of_cohort(body, cohort, how)

    def session_scheduled(
        self,
        *,
        cohort: UUID,
        session: UUID,
        start: datetime,
        end: datetime,
        component: pb.HourComponent.ValueType,
        room: str,
        teacher: UUID,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A session enters the timetable 排课.

        Args:
            cohort: The cohort.
            session: The session, a random UUID.
            start: Planned start, with a UTC offset.
            end: Planned end.
            component: What is taught.
            room: Room code.
            teacher: The teacher's staff file.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not stated, or the end is not after the start.
        """
        start_us, end_us = span("start", start, "end", end)
        body = pb.SessionScheduled(
            session=session.bytes,
            start_us=start_us,
            end_us=end_us,
            component=chosen("component", component),
            room=text("room", room),
            teacher=teacher.bytes,
        )
        return self._of_cohort(body, cohort, how)

    def session_started(
        self, *, cohort: UUID, session: UUID, present: int, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Teaching starts 上课, with the number of learners present.

        Raises:
            DraftError: when a value is out of range.
        """
        body = pb.SessionStarted(session=session.bytes, present=count("present", present))
        return self._of_cohort(body, cohort, how)

    def session_ended(
        self,
        *,
        cohort: UUID,
        session: UUID,
        break_minutes: int,
        recording_digest: bytes = b"",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Teaching ends 下课.

        Args:
            cohort: The cohort.
            session: The session.
            break_minutes: Minutes of breaks between start and end.
            recording_digest: SHA-256 of the recording, empty where none was made.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range.
        """
        body = pb.SessionEnded(
            session=session.bytes,
            break_minutes=count("break_minutes", break_minutes),
            recording_digest=optional_digest("recording_digest", recording_digest),
        )
        return self._of_cohort(body, cohort, how)

    def archive_item_added(
        self,
        *,
        cohort: UUID,
        item_class: str,
        salted_digest: bytes,
        media_type: str,
        size: int,
        place: str,
        custodian: UUID | None = None,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A document enters the cohort file 归档材料入档; it stays with its custodian.

        Args:
            cohort: The cohort.
            item_class: Class in the cohort-file checklist, `04-roster`.
            salted_digest: SHA-256 over the item's random salt and bytes.
            media_type: Media type.
            size: Size in bytes.
            place: Code of the place where it is kept.
            custodian: Party that keeps it; None for the institution itself.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.ArchiveItemAdded(
            item_class=text("item_class", item_class),
            salted_digest=digest("salted_digest", salted_digest),
            media_type=text("media_type", media_type),
            size=count("size", size, _SIZE_LIMIT),
            place=text("place", place),
            custodian=optional_id(custodian),
        )
        return self._of_cohort(body, cohort, how)
