"""Events of institutions and of their staff files 一人一档 (docs/formats.md section 3)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Capture, Circumstances, Place
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, day, digest, text
from ledger.api.v1 import events_pb2 as pb


class InstitutionEvents(Capture):
    """The life of an institution: its own reports, and what bureaus decide about it."""

    def institution_imported(
        self,
        *,
        institution: UUID,
        trades: Sequence[str],
        listed_since: date,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """An existing institution is taken over 存量机构导入; written by a bureau.

        Args:
            institution: The institution.
            trades: Trade codes of its scope.
            listed_since: Day of its listing.
            document_digest: SHA-256 of the list that it is taken from.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.InstitutionImported(
            trades=[text("trades", trade) for trade in trades],
            listed_since=day("listed_since", listed_since),
            document_digest=digest("document_digest", document_digest),
        )
        return self._capture(body, Place(institution, institution), how)

    def initial_report_submitted(
        self, *, trades: Sequence[str], document_digest: bytes, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Initial report 初始报告提交.

        Args:
            trades: Trade codes reported.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.InitialReportSubmitted(
            trades=[text("trades", trade) for trade in trades],
            document_digest=digest("document_digest", document_digest),
        )
        return self._capture(body, self._own(), how)

    def report_reviewed(
        self,
        *,
        institution: UUID,
        report: UUID,
        stage: pb.ReviewStage.ValueType,
        approved: bool,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Review of a report 报告审核; written by a bureau.

        Args:
            institution: The institution that reported.
            report: Id of the report's event.
            stage: Who reviews; the county first, then the city.
            approved: The conditions are met.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is not stated.
        """
        body = pb.ReportReviewed(
            report=report.bytes,
            stage=chosen("stage", stage),
            approved=approved,
            reason=text("reason", reason),
        )
        return self._capture(body, Place(institution, institution), how)

    def recruitment_suspended(
        self, *, institution: UUID, decision_number: str, reason: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Recruitment is suspended 暂停招生; written by a bureau.

        Args:
            institution: The institution.
            decision_number: The authority's number of the decision.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty.
        """
        body = pb.RecruitmentSuspended(
            decision_number=text("decision_number", decision_number),
            reason=text("reason", reason),
        )
        return self._capture(body, Place(institution, institution), how)

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
        """A teacher or manager is appointed 人员聘任.

        Args:
            staff: The staff file, a random UUID.
            role: As what.
            identity_commitment: Commitment to ID type, number and name.
            subject: Trade or subject code.
            from_day: First day, Asia/Shanghai.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.StaffAppointed(
            role=chosen("role", role),
            identity_commitment=digest("identity_commitment", identity_commitment),
            subject=text("subject", subject),
            from_day=day("from_day", from_day),
        )
        return self._capture(body, Place(staff, self._identity.party), how)

    def staff_qualification_recorded(
        self,
        *,
        staff: UUID,
        qualification: str,
        document_digest: bytes,
        valid_until: date,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A qualification 资质登记.

        Args:
            staff: The staff file.
            qualification: Kind of qualification, a code.
            document_digest: SHA-256 of the document as filed.
            valid_until: Last day of validity.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or out of range.
        """
        body = pb.StaffQualificationRecorded(
            qualification=text("qualification", qualification),
            document_digest=digest("document_digest", document_digest),
            valid_until=day("valid_until", valid_until),
        )
        return self._capture(body, Place(staff, self._identity.party), how)

    def _own(self) -> Place:
        return Place(self._identity.party, self._identity.party)
