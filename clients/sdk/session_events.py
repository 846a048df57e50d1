"""Events of a session beside its start and end: timetable, interruptions, teachers, recordings.

They stand in the cohort's stream (docs/formats.md section 3).
"""

from datetime import datetime
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, count, digest, span, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class SessionEvents(PlacedEvents):
    """What an institution and its terminals write about a session."""

    def session_rescheduled(
        self,
        *,
        cohort: UUID,
        session: UUID,
        start: datetime,
        end: datetime,
        room: str,
        teacher: UUID,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A session of the timetable moves 调课; all that it has from now on is stated.

        Args:
            cohort: The cohort.
            session: The session.
            start: Planned start, with a UTC offset.
            end: Planned end.
            room: Room code.
            teacher: The teacher's staff file.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty, or the end is not after the start.
        """
        start_us, end_us = span("start", start, "end", end)
        body = pb.SessionRescheduled(
            session=session.bytes,
            start_us=start_us,
            end_us=end_us,
            room=text("room", room),
            teacher=teacher.bytes,
            reason=text("reason", reason),
        )
        return self._of_cohort(body, cohort, how)

    def session_cancelled(
        self, *, cohort: UUID, session: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """A session of the timetable does not take place 停课, with a reason code.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.SessionCancelled(session=session.bytes, reason=text("reason", reason))
        return self._of_cohort(body, cohort, how)

    def session_interrupted(
        self, *, cohort: UUID, session: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Teaching stops for a time 课中中断, with a reason code: a power cut, an alarm.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.SessionInterrupted(session=session.bytes, reason=text("reason", reason))
        return self._of_cohort(body, cohort, how)

    def session_resumed(
        self, *, cohort: UUID, session: UUID, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Teaching goes on after an interruption 恢复上课."""
        return self._of_cohort(pb.SessionResumed(session=session.bytes), cohort, how)

    def teacher_signed_in(
        self,
        *,
        cohort: UUID,
        session: UUID,
        teacher: UUID,
        method: pb.PresenceMethod.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-in of a teacher 教师签到.

        Args:
            cohort: The cohort.
            session: The session.
            teacher: The teacher's staff file.
            method: How presence was established.
            how: The circumstances.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.TeacherSignedIn(
            session=session.bytes, teacher=teacher.bytes, method=chosen("method", method)
        )
        return self._of_cohort(body, cohort, how)

    def teacher_signed_out(
        self,
        *,
        cohort: UUID,
        session: UUID,
        teacher: UUID,
        method: pb.PresenceMethod.ValueType,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Sign-out of a teacher 教师签退; as `teacher_signed_in`.

        Raises:
            DraftError: when the method is not stated.
        """
        body = pb.TeacherSignedOut(
            session=session.bytes, teacher=teacher.bytes, method=chosen("method", method)
        )
        return self._of_cohort(body, cohort, how)

    def teacher_substituted(
        self,
        *,
        cohort: UUID,
        session: UUID,
        teacher: UUID,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Another teacher takes a session 教师替换.

        Args:
            cohort: The cohort.
            session: The session.
            teacher: Staff file of the teacher who takes it.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when the reason is empty.
        """
        body = pb.TeacherSubstituted(
            session=session.bytes, teacher=teacher.bytes, reason=text("reason", reason)
        )
        return self._of_cohort(body, cohort, how)

    def session_recording_stored(
        self,
        *,
        cohort: UUID,
        session: UUID,
        channel: str,
        first: datetime,
        last: datetime,
        recording_digest: bytes,
        gap_seconds: int,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A recording of a session is stored 教学录像归档.

        Args:
            cohort: The cohort.
            session: The session.
            channel: Code of the video channel.
            first: First moment recorded, with a UTC offset.
            last: Last moment recorded.
            recording_digest: SHA-256 of the recording.
            gap_seconds: Seconds missing in between.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range, or `last` is not after `first`.
        """
        from_us, to_us = span("first", first, "last", last)
        body = pb.SessionRecordingStored(
            session=session.bytes,
            channel=text("channel", channel),
            from_us=from_us,
            to_us=to_us,
            recording_digest=digest("recording_digest", recording_digest),
            gap_seconds=count("gap_seconds", gap_seconds),
        )
        return self._of_cohort(body, cohort, how)
