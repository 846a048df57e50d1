"""Four of the five checks: content, record, issuer and witnesses.

Each returns one sentence in Chinese and English; a failure shows both values that differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from clients.verifier.claims import Claims
from clients.verifier.times import local_time
from clients.verifier.verdict import Check, CheckName, Outcome, Text
from ledger.log.errors import LogError, ProofError
from ledger.log.history_proof import VerifiedEntry, VerifiedHistory, VerifiedStream
from ledger.log.identifiers import uuid_text
from ledger.log.key_tree import KEY_USE_PARTY, TreeKey
from ledger.log.opened_event import SignedEvent
from ledger.log.trust_file import TrustFile

RdfCheck = Callable[[dict[str, Any], bytes, str], None]
"""Checks the Open Badges proof of a document by the raw Ed25519 key under a verification method."""

PARTY_KIND_INSTITUTION: Final = 1
AUDITOR: Final = "auditor"


@dataclass(frozen=True, slots=True)
class Issue:
    """The issue of a certificate as the log has it.

    Attributes:
        stream: The certificate's stream.
        entry: Its first entry.
        event: The opened `TrainingCertificateIssued`.
        author: The key that signed it.
    """

    stream: VerifiedStream
    entry: VerifiedEntry
    event: SignedEvent
    author: TreeKey


def find_issue(history: VerifiedHistory) -> Issue:
    """Return the issue in the only certificate stream of a history.

    Raises:
        ProofError: when there is not exactly one, opened, at the start of its stream.
    """
    streams = [stream for stream in history.streams if stream.kind == "certificate"]
    if len(streams) != 1:
        raise ProofError(f"the history holds {len(streams)} certificate streams instead of one")
    first = streams[0].entries[0]
    if first.event is None or first.author is None:
        raise ProofError(f"entry {first.index} opens the certificate's stream and is not opened")
    if first.event.type != "TrainingCertificateIssued":
        raise ProofError(f"the certificate's stream starts with a {first.event.type}")
    return Issue(streams[0], first, first.event, first.author)


def check_content(claims: Claims, issue: Issue, rdf_check: RdfCheck | None) -> Check:
    """Compare the file with the issue event that the institution signed."""
    body = issue.event.body
    total = sum(part.hours for part in body.credited)
    compared = (
        ("摘要", "digest", claims.core_digest.hex(), body.core_digest.hex()),
        ("证书编号", "number", claims.number, body.number),
        ("学时", "hours", claims.hours, total),
    )
    for name_zh, name_en, stated, signed in compared:
        if stated != signed:
            return Check(
                CheckName.CONTENT,
                Outcome.FAILED,
                Text(
                    f"{name_zh}不符：文件为 {stated}，机构签名的签发记录为 {signed}。",
                    f"The {name_en} differs: {stated} in the file, "
                    f"{signed} in the issue that the institution signed.",
                ),
            )
    if rdf_check is None:
        text = Text(
            "内容与机构签名的签发记录一致；未核对 Open Badges (RDF) 附加签名。",
            "The content is that of the issue which the institution signed; "
            "the additional Open Badges (RDF) proof was not checked.",
        )
        return Check(CheckName.CONTENT, Outcome.PASSED, text)
    try:
        key = issue.author.key.ed25519_bytes()
        rdf_check(claims.document, key, claims.verification_method)
    except LogError as error:
        text = Text(
            f"Open Badges (RDF) 附加签名未通过核验（{error}）。",
            f"The additional Open Badges (RDF) proof does not verify: {error}.",
        )
        return Check(CheckName.CONTENT, Outcome.FAILED, text)
    text = Text(
        "内容与机构签名的签发记录一致，Open Badges (RDF) 附加签名有效。",
        "The content is that of the issue which the institution signed, "
        "and the additional Open Badges (RDF) proof verifies.",
    )
    return Check(CheckName.CONTENT, Outcome.PASSED, text)


def check_recorded(
    claims: Claims, issue: Issue, history: VerifiedHistory, trust: TrustFile
) -> Check:
    """Check the file's own inclusion proof against the issue entry of its history."""
    index = issue.entry.index
    proof = claims.issue_proof
    try:
        if proof.index != index:
            raise ProofError(
                f"the inclusion proof is of entry {proof.index}, the issue is entry {index}"
            )
        tree = proof.verify(issue.entry.hash, trust.verifiers()).checkpoint
        if tree != history.checkpoint:
            raise ProofError(
                f"the inclusion proof is at size {tree.size}, "
                f"the history at size {history.checkpoint.size}"
            )
    except LogError as error:
        return not_recorded(error)
    when = local_time(issue.entry.entry.recorded)
    text = Text(
        f"已入账：账本 {trust.origin} 第 {index} 条，{when.zh}。",
        f"Recorded in the ledger {trust.origin} as entry {index}, {when.en}.",
    )
    return Check(CheckName.RECORDED, Outcome.PASSED, text)


def not_recorded(error: LogError) -> Check:
    """Return the failed check for a record that does not verify."""
    text = Text(
        f"账本证明未通过核验（{error}）。",
        f"The proof from the ledger does not verify: {error}.",
    )
    return Check(CheckName.RECORDED, Outcome.FAILED, text)


def check_issuer(
    claims: Claims, issue: Issue, history: VerifiedHistory, latest: VerifiedEntry
) -> Check:
    """Check who issued: a registered institution with a good key of its own.

    Args:
        claims: The file.
        issue: The issue in the file's own history.
        history: The file's own history.
        latest: The issue entry in the newest history at hand, which knows of later key endings.
    """
    holder = uuid_text(issue.event.header.institution)
    if issue.author.use != KEY_USE_PARTY or issue.author.holder != holder:
        return untrusted_issuer(
            f"签发密钥属于 {issue.author.holder}（用途 {issue.author.use}），"
            f"签发机构为 {holder}，须为机构本身的密钥（用途 {KEY_USE_PARTY}）。",
            f"The signing key is of {issue.author.holder} (use {issue.author.use}), the issue is "
            f"in the name of {holder}, whose own key (use {KEY_USE_PARTY}) has to sign.",
        )
    contested = latest.contested or issue.entry.contested
    if contested:
        return untrusted_issuer(
            f"签发密钥在签发时已失效（{contested}）。",
            f"The signing key was no longer good at the issue: {contested}.",
        )
    party = _party(history, holder, issue.entry.index)
    if party is None or party.event is None or party.contested:
        return untrusted_issuer(
            f"签发前没有应急管理部门对机构 {holder} 的有效登记。",
            f"No good registration of the institution {holder} by a bureau precedes the issue.",
        )
    body = party.event.body
    compared = (
        ("机构名称", "name", claims.issuer_name, body.name),
        ("统一社会信用代码", "credit code", claims.credit_code, body.credit_code),
        ("主体类型", "kind of party", PARTY_KIND_INSTITUTION, body.kind),
    )
    for name_zh, name_en, stated, registered in compared:
        if stated != registered:
            return untrusted_issuer(
                f"签发机构的{name_zh}不符：证书为 {stated}，登记为 {registered}。",
                f"The issuer's {name_en} differs: {stated} on the certificate, "
                f"{registered} in the register.",
            )
    directory = body.directory_number
    text = Text(
        f"由 {body.name}（{body.credit_code}"
        + (f"，名录第 {directory} 号" if directory else "")
        + "）签发，登记与密钥可追溯到信任文件中的应急管理局根密钥。",
        f"Issued by {body.name} ({body.credit_code}"
        + (f", directory number {directory}" if directory else "")
        + "); registration and key lead up to the bureau's root key in the trust file.",
    )
    return Check(CheckName.ISSUER, Outcome.PASSED, text)


def _party(history: VerifiedHistory, holder: str, before: int) -> VerifiedEntry | None:
    """Return the last registration of a party in front of an index of the log."""
    stream = history.stream(holder)
    entries = () if stream is None else stream.entries
    # Reports, reviews and sanctions stand in the same stream.
    registrations = (
        entry
        for entry in reversed(entries)
        if entry.event is not None and entry.event.type == "InstitutionRegistered"
    )
    return next((entry for entry in registrations if entry.index < before), None)


def untrusted_issuer(zh: str, en: str) -> Check:
    """Return the failed check for an issuer."""
    return Check(CheckName.ISSUER, Outcome.FAILED, Text(zh, en))


def check_witnessed(*histories: VerifiedHistory) -> Check:
    """Check that the witnesses that the policy asks for cosigned every checkpoint in use."""
    missing = [history for history in histories if not history.quorum_met]
    if missing:
        names = "、".join(missing[0].witnesses) or "-"
        text = Text(
            f"见证不足：策略要求 {missing[0].quorum}，"
            f"规模 {missing[0].checkpoint.size} 的检查点仅有：{names}。",
            f"Not enough witnesses: the policy asks for {missing[0].quorum}, "
            f"the checkpoint of size {missing[0].checkpoint.size} has: {names}.",
        )
        return Check(CheckName.WITNESSED, Outcome.UNCHECKED, text)
    latest = histories[-1]
    if latest.quorum is None:
        text = Text(
            "无见证（quorum none），完整性以运营方为准。",
            "No witnesses (quorum none): complete by the operator's word.",
        )
        return Check(CheckName.WITNESSED, Outcome.PASSED, text)
    names_zh, names_en = "、".join(latest.witnesses), ", ".join(latest.witnesses)
    if all(AUDITOR in history.witnesses for history in histories):
        text = Text(
            f"见证：{names_zh}；审计方已会签，履历完整。",
            f"Witnessed by {names_en}; with the auditor's cosignature the history is complete.",
        )
    else:
        text = Text(
            f"见证：{names_zh}；无审计方会签，完整性以运营方为准。",
            f"Witnessed by {names_en}; without an auditor's cosignature it is complete "
            "by the operator's word.",
        )
    return Check(CheckName.WITNESSED, Outcome.PASSED, text)
