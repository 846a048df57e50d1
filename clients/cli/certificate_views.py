"""What the register says of a certificate, for people."""

from pathlib import Path
from typing import Any

from clients.cli.event_json import short_name
from clients.cli.labels import label
from clients.cli.output import fields, local_time
from clients.cli.session import Session
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1.certificate_service_pb2 import Certificate


def brief(session: Session, certificate: Certificate, file: Path | None) -> str:
    """Return a certificate in lines; of what did not happen to it there is none.

    Args:
        session: The session.
        certificate: The register's view.
        file: Where its file was saved, if it was.
    """
    say = session.say
    return fields(
        [
            (say("编号", "Number"), certificate.number),
            (say("状态", "State"), label(session, certificate.state)),
            *_told(_later(session, certificate)),
            (say("工种", "Trade"), certificate.trade_name),
            (say("学时", "Hours"), hours_text(session, certificate.credited)),
            (say("签发机构", "Institution"), certificate.institution_name),
            (say("机构标识", "Institution id"), certificate.institution),
            (say("班次", "Cohort"), certificate.cohort),
            (say("证明", "Certificate"), certificate.certificate),
            (say("版次", "Edition"), certificate.edition),
            *_told([(say("换发自", "Replaces"), certificate.supersedes)]),
            (say("签发入账", "Issued"), local_time(certificate.issued_us)),
            *_told(_official(session, certificate)),
            (say("截至账本规模", "As of log size"), certificate.as_of_size),
            (say("文件", "File"), file or ""),
        ]
    )


def hours_text(session: Session, credited: Any) -> str:  # noqa: ANN401 - protobuf's repeated field
    """Return hours by component."""
    return "; ".join(
        f"{label(session, short_name(pb.HourComponent.DESCRIPTOR, part.component))} {part.hours}"
        for part in credited
    )


def day_text(day: int) -> str:
    """Return a day given as YYYYMMDD as YYYY-MM-DD; empty for 0."""
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}" if day else ""


def _told(rows: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """Return the rows that say something."""
    return [row for row in rows if row[1]]


def _later(session: Session, certificate: Certificate) -> list[tuple[str, object]]:
    """Return when and why a certificate was revoked, suspended, reinstated or replaced."""
    say = session.say
    reason = short_name(pb.RevocationReason.DESCRIPTOR, certificate.revocation_reason)
    return [
        (say("撤销入账", "Revoked"), local_time(certificate.revoked_us)),
        (say("撤销理由", "Reason of revocation"), label(session, reason)),
        (say("暂停入账", "Suspended"), local_time(certificate.suspended_us)),
        (say("暂停理由", "Reason of suspension"), certificate.suspension_reason),
        (say("恢复入账", "Reinstated"), local_time(certificate.reinstated_us)),
        (say("恢复理由", "Reason of reinstatement"), certificate.reinstatement_reason),
        (say("换发为", "Replaced by"), certificate.successor),
        (say("换发入账", "Replaced"), local_time(certificate.superseded_us)),
        (say("换发理由", "Reason of replacement"), certificate.superseding_reason),
    ]


def _official(session: Session, certificate: Certificate) -> list[tuple[str, object]]:
    say, official = session.say, certificate.official
    return [
        (say("操作证初领", "Official: first issued"), day_text(official.first_issued)),
        (say("操作证复审期限", "Official: review due"), day_text(official.review_due)),
        (say("操作证有效期至", "Official: valid to"), day_text(official.valid_to)),
        (say("操作证关联入账", "Official: linked"), local_time(official.linked_us)),
    ]
