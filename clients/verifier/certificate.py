"""Verification of a training certificate 培训证明: a file and a trust file in, a verdict out.

Pure: no network and no clock of its own. The certificate file carries all the proofs of its issue;
a newer status file shows what became of it since.
"""

from datetime import datetime, timedelta

from clients.verifier.checks import (
    Issue,
    RdfCheck,
    check_content,
    check_issuer,
    check_recorded,
    check_witnessed,
    find_issue,
    not_recorded,
    untrusted_issuer,
)
from clients.verifier.claims import Claims, read_claims
from clients.verifier.later import read_status_file
from clients.verifier.status import Clock, Status, check_status
from clients.verifier.times import local_time
from clients.verifier.verdict import Check, CheckName, Outcome, Text, Verdict, Word, decide
from ledger.log.errors import FormatError, LogError
from ledger.log.history_proof import VerifiedHistory, verify_history
from ledger.log.key_tree import AuthorityError, EventSignatureError
from ledger.log.trust_file import TrustFile

_NOT_REACHED = Text(
    "未核对：另一项核对未通过。", "Not checked, because another check did not pass."
)
_NO_QUORUM = Text(
    "未核对；信任文件不要求见证（quorum none）。",
    "Not checked; the trust file asks for no witnesses (quorum none).",
)


def verify_certificate(
    file: bytes,
    trust: TrustFile,
    *,
    status: bytes | None,
    now: datetime,
    max_age: timedelta | None,
    rdf_check: RdfCheck | None = None,
) -> Verdict:
    """Return the verdict on a certificate file. Whatever the bytes are, there is one.

    Args:
        file: Bytes of the certificate file.
        trust: Whom to believe.
        status: Bytes of a newer status file, if there is one.
        now: The moment of the check, with a UTC offset.
        max_age: How old the status may be; None for the limit of the trust file.
        rdf_check: Checks the additional Open Badges proof: called with the document, the raw
            Ed25519 key of the issue's signer and the verification method that the proof names;
            raises FormatError or ProofError. None leaves it unchecked, and the verdict says so.

    Raises:
        ValueError: when `now` has no UTC offset.
    """
    if now.utcoffset() is None:
        raise ValueError("now needs a UTC offset")
    limit = timedelta(hours=trust.status_max_age_hours) if max_age is None else max_age
    try:
        return _verify(file, trust, status, Clock(now, limit), rdf_check)
    except Exception as error:  # noqa: BLE001 - a stranger's file never ends without a verdict
        text = Text(
            f"核验程序未能完成核对（{type(error).__name__}）。",
            f"The verifier could not complete its checks: {type(error).__name__}.",
        )
        check = Check(CheckName.CONTENT, Outcome.UNCHECKED, text)
        return _stopped(check, Word.UNCHECKED, None, trust)


def _verify(
    file: bytes, trust: TrustFile, status: bytes | None, clock: Clock, rdf_check: RdfCheck | None
) -> Verdict:
    try:
        claims = read_claims(file)
    except FormatError as error:
        text = Text(
            f"文件不是规范格式的培训证明（{error}）。",
            f"The file is not a training certificate in its canonical form: {error}.",
        )
        check = Check(CheckName.CONTENT, Outcome.FAILED, text)
        return _stopped(check, Word.FORGED, None, trust)
    try:
        history = verify_history(claims.history, trust, require_quorum=False)
        issue = find_issue(history)
    except LogError as error:
        return _stopped(_history_failed(error), Word.FORGED, claims.number, trust)
    return _judge(claims, issue, history, trust, status, clock, rdf_check)


def _history_failed(error: LogError) -> Check:
    """Return the check that an error of the history proof belongs to."""
    if isinstance(error, AuthorityError):
        return untrusted_issuer(
            f"签发密钥不能追溯到信任文件中的根密钥（{error}）。",
            f"The keys do not lead up to the root key of the trust file: {error}.",
        )
    if isinstance(error, EventSignatureError):
        text = Text(f"签名无效（{error}）。", f"A signature is not good: {error}.")
        return Check(CheckName.CONTENT, Outcome.FAILED, text)
    return not_recorded(error)


def _judge(
    claims: Claims,
    issue: Issue,
    history: VerifiedHistory,
    trust: TrustFile,
    status: bytes | None,
    clock: Clock,
    rdf_check: RdfCheck | None,
) -> Verdict:
    """Run the five checks on a certificate whose history verifies."""
    later = read_status_file(status, claims, issue, history, trust)
    newest = later.history or history
    stream = newest.stream(issue.stream.stream) or issue.stream
    judged = check_status(claims, issue, history, later, clock)
    checks = (
        check_content(claims, issue, rdf_check),
        check_recorded(claims, issue, history, trust),
        judged.check,
        check_issuer(claims, issue, history, stream.entries[0]),
        check_witnessed(history, newest),
    )
    word = decide(checks, judged.sub_state)
    sub_state = judged.sub_state if word is Word.NOT_VALID else None
    successor = judged.successor if sub_state is not None else None
    levels = _levels(checks, judged)
    return Verdict(
        word, sub_state, checks, claims.number, judged.as_of_us, levels, successor=successor
    )


def _stopped(check: Check, word: Word, number: str | None, trust: TrustFile) -> Verdict:
    """Return the verdict after a check without which no other can be made."""
    texts = dict.fromkeys(CheckName, _NOT_REACHED)
    if trust.parsed_policy().quorum is None:
        texts[CheckName.WITNESSED] = _NO_QUORUM
    checks = tuple(
        check if name is check.name else Check(name, Outcome.UNCHECKED, text)
        for name, text in texts.items()
    )
    return Verdict(word, None, checks, number, None, ())


def _levels(checks: tuple[Check, ...], status: Status) -> tuple[Text, ...]:
    """Return what is known offline: signature, status with its date, record."""
    outcomes = {check.name: check.outcome for check in checks}
    good = (Outcome.PASSED, Outcome.ATTENTION)
    levels = []
    if outcomes[CheckName.CONTENT] in good and outcomes[CheckName.ISSUER] in good:
        levels.append(Text("签名有效", "signature good"))
        when = local_time(status.as_of_us)
        levels.append(Text(f"状态截至{when.zh}", f"status as of {when.en}"))
    if outcomes[CheckName.RECORDED] in good:
        levels.append(Text("已入账", "recorded"))
    return tuple(levels)
