"""Events of a staff file 一人一档: teachers and managers of an institution (guidance （四）).

The stream is the staff file's random id; events name it where they name a teacher, a reviewer or
whoever entered them. They belong to no cohort and carry no person_ref.
"""

from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, day, digest, ordinal, text
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class StaffEvents(PlacedEvents):
    """What an institution writes about one of its staff."""

    def staff_appointed(
        self,
        *,
        staff: UUID,
        role: pb.StaffRole.ValueType,
        identity_commitment: bytes,
        subject: str,
        from_day: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A teacher or manager is appointed 教师聘任.

        Args:
            staff: The staff file, a random UUID.
            role: As what.
            identity_commitment: Commitment to ID type, number and name.
            subject: Trade or subject code.
            from_day: First day, Asia/Shanghai.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty, not stated or not 32 bytes.
        """
        body = pb.StaffAppointed(
            role=chosen("role", role),
            identity_commitment=digest("identity_commitment", identity_commitment),
            subject=text("subject", subject),
            from_day=day("from_day", from_day),
        )
        return self._of_staff(body, staff, how)

    def staff_qualification_recorded(
        self,
        *,
        staff: UUID,
        qualification: str,
        document_digest: bytes,
        valid_until: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A qualification 教师资质登记.

        Args:
            staff: The staff file.
            qualification: Kind of qualification, a code.
            document_digest: SHA-256 of the document as filed.
            valid_until: Last day of validity, Asia/Shanghai.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.StaffQualificationRecorded(
            qualification=text("qualification", qualification),
            document_digest=digest("document_digest", document_digest),
            valid_until=day("valid_until", valid_until),
        )
        return self._of_staff(body, staff, how)

    def continuing_education_recorded(
        self,
        *,
        staff: UUID,
        year: int,
        hours: int,
        evidence_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Continuing education 继续教育登记.

        Args:
            staff: The staff file.
            year: The year that it counts for.
            hours: Hours, at least one.
            evidence_digest: SHA-256 of the evidence.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range or not 32 bytes.
        """
        body = pb.ContinuingEducationRecorded(
            year=ordinal("year", year),
            hours=ordinal("hours", hours),
            evidence_digest=digest("evidence_digest", evidence_digest),
        )
        return self._of_staff(body, staff, how)

    def staff_exited(
        self, *, staff: UUID, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """The person leaves 教师退出, with a reason code.

        Raises:
            DraftError: when the reason is empty.
        """
        return self._of_staff(pb.StaffExited(reason=text("reason", reason)), staff, how)
