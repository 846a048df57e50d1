"""Status files as judged against a certificate's own history.

A status file brings a later checkpoint. One that does not verify or does not fit leaves the status
unchecked; what the certificate's own history proves against it still stands.
"""

from dataclasses import dataclass

from clients.verifier.checks import Issue
from clients.verifier.claims import Claims
from clients.verifier.verdict import Text
from ledger.log.errors import LogError
from ledger.log.history_proof import VerifiedHistory, verify_history
from ledger.log.status_file import StatusFile
from ledger.log.trust_file import TrustFile


@dataclass(frozen=True, slots=True)
class Later:
    """The history that a status file brings, or why it is of no use; neither without a file."""

    history: VerifiedHistory | None
    problem: Text | None


def read_status_file(
    status: bytes | None, claims: Claims, issue: Issue, embedded: VerifiedHistory, trust: TrustFile
) -> Later:
    """Judge a status file.

    Args:
        status: Bytes of the status file, if there is one.
        claims: The certificate file.
        issue: The issue in its own history.
        embedded: Its own history.
        trust: Whom to believe.
    """
    if status is None:
        return Later(None, None)
    try:
        parsed = StatusFile.from_bytes(status)
        later = verify_history(parsed.history, trust, require_quorum=False)
    except LogError as error:
        return Later(None, _problem(f"未通过核验（{error}）", f"does not verify: {error}"))
    if parsed.number != claims.number:
        problem = _problem(
            f"属于证书 {parsed.number}，而非 {claims.number}",
            f"is of the certificate {parsed.number}, not {claims.number}",
        )
        return Later(None, problem)
    misfit = _misfit(later, issue, embedded)
    return Later(later, None) if misfit is None else Later(None, misfit)


def _misfit(later: VerifiedHistory, issue: Issue, embedded: VerifiedHistory) -> Text | None:
    """Return why a verified history is none of this certificate at a later date, or None."""
    stream = later.stream(issue.stream.stream)
    first = None if stream is None else stream.entries[0]
    if first is None or first.event is None or first.hash != issue.entry.hash:
        return _problem("不含本证书的签发记录", "does not hold this certificate's issue")
    old, new = embedded.checkpoint, later.checkpoint
    if new.size < old.size or later.as_of_us < embedded.as_of_us:
        return _problem(
            f"早于证书文件：账本规模 {new.size}，证书文件为 {old.size}",
            f"is older than the certificate file: ledger size {new.size} against {old.size}",
        )
    if first.index != issue.entry.index or (new.size == old.size and new.root != old.root):
        return _problem(
            f"与证书文件所载账本不一致：第 {first.index} 条 {new.root.hex()}，"
            f"证书文件为第 {issue.entry.index} 条 {old.root.hex()}",
            f"contradicts the ledger of the certificate file: entry {first.index} under "
            f"{new.root.hex()} against entry {issue.entry.index} under {old.root.hex()}",
        )
    return None


def _problem(zh: str, en: str) -> Text:
    return Text(f"状态文件{zh}。", f"The status file {en}.")
