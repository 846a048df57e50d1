"""What a bureau writes about an institution (guidance （十一）, （十六）), in its stream."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from clients.sdk.capture import USUAL, Circumstances
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.field_values import chosen, day, digest, text, texts
from clients.sdk.placed_events import PlacedEvents
from ledger.api.v1 import events_pb2 as pb


class OversightEvents(PlacedEvents):
    """Listing, review, suspension and delisting; written by a bureau."""

    def institution_imported(
        self,
        *,
        institution: UUID,
        trades: Sequence[str],
        listed_since: date,
        document_digest: bytes,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """An institution that was listed before the ledger began 存量机构导入.

        Args:
            institution: The institution.
            trades: Trade codes of its scope, at least one.
            listed_since: Day of listing, Asia/Shanghai.
            document_digest: SHA-256 of the document as filed.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not 32 bytes.
        """
        body = pb.InstitutionImported(
            trades=texts("trades", trades),
            listed_since=day("listed_since", listed_since),
            document_digest=digest("document_digest", document_digest),
        )
        return self._of_institution(body, institution, how)

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
        """Review of an initial or extension report 报告审核; the county first, then the city.

        Args:
            institution: The institution that reported.
            report: Id of the report's event.
            stage: Who reviews.
            approved: The conditions are met.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not stated.
        """
        body = pb.ReportReviewed(
            report=report.bytes,
            stage=chosen("stage", stage),
            approved=approved,
            reason=text("reason", reason),
        )
        return self._of_institution(body, institution, how)

    def provincial_directory_listed(
        self, *, institution: UUID, directory_number: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """The institution enters the provincial directory 纳入省目录, with its number there.

        Raises:
            DraftError: when the number is empty.
        """
        body = pb.ProvincialDirectoryListed(
            directory_number=text("directory_number", directory_number)
        )
        return self._of_institution(body, institution, how)

    def recruitment_suspended(
        self,
        *,
        institution: UUID,
        decision_number: str,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """Recruitment is suspended 暂停招生: no new cohorts and enrolments; running classes go on.

        Args:
            institution: The institution.
            decision_number: The authority's number of the decision.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty.
        """
        body = pb.RecruitmentSuspended(
            decision_number=text("decision_number", decision_number), reason=text("reason", reason)
        )
        return self._of_institution(body, institution, how)

    def recruitment_resumed(
        self, *, institution: UUID, decision_number: str, how: Circumstances = USUAL
    ) -> CapturedEvent:
        """Recruitment is allowed again 恢复招生, by the authority's decision of this number.

        Raises:
            DraftError: when the number is empty.
        """
        body = pb.RecruitmentResumed(decision_number=text("decision_number", decision_number))
        return self._of_institution(body, institution, how)

    def institution_delisted(
        self,
        *,
        institution: UUID,
        decision_number: str,
        reason: str,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """The institution leaves the directory 取消资格.

        Args:
            institution: The institution.
            decision_number: The authority's number of the decision.
            reason: Reason code.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty.
        """
        body = pb.InstitutionDelisted(
            decision_number=text("decision_number", decision_number), reason=text("reason", reason)
        )
        return self._of_institution(body, institution, how)
