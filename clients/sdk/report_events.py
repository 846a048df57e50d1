"""Reports of an institution to the bureau 报告 (guidance （十一）), in the institution's stream."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import day, digest, ordinal, text, texts
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class ReportEvents(PlacedEvents):
    """What an institution reports, from its first report to its exit."""

    def initial_report_submitted(
        self,
        *,
        institution: UUID | None = None,
        trades: Sequence[str],
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Initial report 初始报告提交.

        Args:
            institution: The institution, by default the author's party.
            trades: Trade codes reported, at least one.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.InitialReportSubmitted(
            trades=texts("trades", trades),
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

    def scope_extension_reported(
        self,
        *,
        institution: UUID | None = None,
        trades: Sequence[str],
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Report of further trades 增项报告.

        Args:
            institution: The institution, by default the author's party.
            trades: Trade codes reported, at least one.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.ScopeExtensionReported(
            trades=texts("trades", trades),
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

    def standing_report_submitted(
        self,
        *,
        institution: UUID | None = None,
        day_described: date,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Standing report 常态报告提交.

        Args:
            institution: The institution, by default the author's party.
            day_described: Day that it describes, Asia/Shanghai.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when the day is a moment, or the digest not 32 bytes.
        """
        body = pb.StandingReportSubmitted(
            day=day("day_described", day_described),
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

    def annual_report_submitted(
        self,
        *,
        institution: UUID | None = None,
        year: int,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Annual report 年度报告提交.

        Args:
            institution: The institution, by default the author's party.
            year: The year that it describes.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is out of range or not 32 bytes.
        """
        body = pb.AnnualReportSubmitted(
            year=ordinal("year", year), document_digest=digest("document_digest", document_digest)
        )
        return self._of_institution(body, institution, how)

    def change_report_submitted(
        self,
        *,
        institution: UUID | None = None,
        subject: str,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Change report 变更报告提交.

        Args:
            institution: The institution, by default the author's party.
            subject: What changed, a code.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.ChangeReportSubmitted(
            subject=text("subject", subject),
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

    def exit_report_submitted(
        self,
        *,
        institution: UUID | None = None,
        reason: str,
        custodian: UUID,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Exit report 退出报告提交.

        Args:
            institution: The institution, by default the author's party.
            reason: Reason code.
            custodian: Party that will keep the archives.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.ExitReportSubmitted(
            reason=text("reason", reason),
            custodian=custodian.bytes,
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

    def archive_custody_transferred(
        self,
        *,
        institution: UUID | None = None,
        custodian: UUID,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The archives go to another custodian 档案移交; a bureau may write it too.

        Args:
            institution: The institution whose archives they are, by default the author's party.
            custodian: The party that keeps them from now on.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when the digest is not 32 bytes.
        """
        body = pb.ArchiveCustodyTransferred(
            custodian=custodian.bytes,
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)
