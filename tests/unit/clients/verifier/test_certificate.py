"""Verdicts on certificates of a small log: the good one, and every way in which one is not good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from clients.verifier import CheckName, Outcome, SubState, Verdict, Word, verify_certificate
from ledger.api.v1 import events_pb2 as pb
from ledger.log.data_integrity import verify_proof
from ledger.log.errors import ProofError
from ledger.log.history_proof import HistoryProof
from ledger.log.identifiers import party_id
from ledger.log.status_file import StatusFile
from ledger.log.trust_file import TrustFile
from tests.unit.clients.verifier.small_log import (
    BUREAU,
    CERTIFICATE,
    DEVICE,
    INSTITUTION,
    INSTITUTION_CODE,
    ISSUER,
    LOG_KEYS,
    METHOD,
    NUMBER,
    ORIGIN,
    OTHER_CERTIFICATE,
    OTHER_NUMBER,
    ROOT,
    START,
    STRANGER,
    WITNESS,
    WITNESS_POLICY,
    Issued,
    SmallLog,
    certificate_file,
    core,
    issued,
    spki,
    streams,
    trust_file,
)

TRUST = trust_file()
ISSUED = issued()
NOW = START + timedelta(hours=1)


def check_rdf(document: dict[str, Any], key: bytes, method: str) -> None:
    verify_proof(document, Ed25519PublicKey.from_public_bytes(key), method)


def verify(
    file: bytes = ISSUED.file,
    status: bytes | None = None,
    *,
    trust: TrustFile = TRUST,
    now: datetime = NOW,
    max_age: timedelta | None = None,
    rdf_check: Callable[[dict[str, Any], bytes, str], None] | None = check_rdf,
) -> Verdict:
    return verify_certificate(
        file, trust, status=status, now=now, max_age=max_age, rdf_check=rdf_check
    )


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {check.name.value: check.outcome.value for check in verdict.checks}


def failed(verdict: Verdict, name: CheckName) -> str:
    """Return the English sentence of the one check that failed, after checking that it is one."""
    found = [check.name for check in verdict.checks if check.outcome is Outcome.FAILED]
    assert found == [name]
    assert verdict.check(name).text.zh
    return verdict.check(name).text.en


def test_a_good_certificate_is_valid_by_all_five_checks() -> None:
    verdict = verify()
    assert (verdict.word, verdict.sub_state, verdict.exit_code) == (Word.VALID, None, 0)
    assert verdict.number == NUMBER
    assert verdict.as_of_us == 1_775_005_500_000_000  # 2026-04-01 01:05 UTC
    assert set(outcomes(verdict).values()) == {"passed"}
    assert "entry 5, 2026-04-01 09:05 China time" in verdict.check(CheckName.RECORDED).text.en
    assert "名录第 17 号" in verdict.check(CheckName.ISSUER).text.zh
    assert [level.zh for level in verdict.levels] == [
        "签名有效",
        "状态截至北京时间 2026-04-01 09:05",
        "已入账",
    ]


def test_every_verdict_names_that_there_are_no_witnesses() -> None:
    assert verify().check(CheckName.WITNESSED).text.zh == (
        "无见证（quorum none），完整性以运营方为准。"
    )
    for file in (b"", ISSUED.file[:-1]):
        assert "quorum none" in verify(file).check(CheckName.WITNESSED).text.en


def test_without_an_rdf_check_the_content_says_that_it_was_not_made() -> None:
    verdict = verify(rdf_check=None)
    assert verdict.word is Word.VALID
    assert "was not checked" in verdict.check(CheckName.CONTENT).text.en


def test_the_rdf_check_gets_document_key_and_method() -> None:
    seen: list[tuple[dict[str, Any], bytes, str]] = []
    verify(rdf_check=lambda *arguments: seen.append(arguments))
    ((document, key, method),) = seen
    assert document == orjson.loads(ISSUED.file)
    assert key == ISSUER.public_key().public_bytes_raw()
    assert method == METHOD


def test_a_failing_rdf_check_is_a_forgery() -> None:
    def refuse(document: dict[str, Any], key: bytes, method: str) -> None:
        raise ProofError("no good")

    verdict = verify(rdf_check=refuse)
    assert verdict.word is Word.FORGED
    assert "no good" in failed(verdict, CheckName.CONTENT)


def test_an_rdf_proof_by_another_key_is_a_forgery() -> None:
    file = certificate_file(
        ISSUED.log, ISSUED.core, ISSUED.index, ISSUED.published, ISSUED.history, signer=STRANGER
    )
    assert verify(file, rdf_check=None).word is Word.VALID
    assert verify(file).word is Word.FORGED


def test_an_edited_byte_is_never_valid() -> None:
    for at in range(0, len(ISSUED.file), 67):
        edited = bytearray(ISSUED.file)
        edited[at] ^= 1
        verdict = verify(bytes(edited))
        assert (at, verdict.word) == (at, Word.FORGED)
        assert verdict.exit_code == 1


@pytest.mark.parametrize("edit", ["newline", "spaces", "truncated", "empty", "list", "twice"])
def test_other_bytes_than_the_canonical_ones_are_refused(edit: str) -> None:
    file = {
        "newline": ISSUED.file + b"\n",
        "spaces": orjson.dumps(orjson.loads(ISSUED.file), option=orjson.OPT_INDENT_2),
        "truncated": ISSUED.file[:-40],
        "empty": b"",
        "list": b"[]",
        "twice": b'{"@context":[],' + ISSUED.file[1:],
    }[edit]
    verdict = verify(file)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.CONTENT)
    assert verdict.number is None


def altered(path: tuple[str | int, ...], value: object) -> bytes:
    document = orjson.loads(ISSUED.file)
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return rfc8785.dumps(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), "合格证"),
        (("issuer", "name"), "别的机构"),
        (("issuer", "otherIdentifier", 0, "identifier"), "91320500MA1XK0TW2G"),
        (("credentialSubject", "licenseNumber"), OTHER_NUMBER),
        (("credentialSubject", "creditsEarned"), 200),
        (("credentialSubject", "identifier", 0, "identityHash"), "李*"),
        (("validFrom",), "2026-03-01T00:00:00Z"),
        (("validUntil",), "2099-01-01T00:00:00Z"),
    ],
)
def test_edited_content_fails_against_the_signed_digest(
    path: tuple[str | int, ...], value: object
) -> None:
    verdict = verify(altered(path, value), rdf_check=None)
    assert verdict.word is Word.FORGED
    check = verdict.check(CheckName.CONTENT)
    assert check.outcome is Outcome.FAILED
    # Both values are shown: the one in the file and the one that was signed.
    assert len([word for word in check.text.en.replace(",", "").split() if len(word) == 64]) == 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("credentialSubject", "licenseNumber"), NUMBER[:-1] + "0"),
        (("credentialSubject", "licenseNumber"), 5),
        (("credentialSubject", "creditsEarned"), True),
        (("credentialSubject", "creditsEarned"), "148"),
        (("credentialSubject",), []),
        (("issuer", "otherIdentifier"), []),
        (("issuer", "otherIdentifier", 0), "x"),
        (("issuer", "name"), None),
        (("validFrom",), "yesterday"),
        (("validFrom",), 5),
        (("validFrom",), "2026-4-1T1:0:0Z"),
        (("evidence",), []),
        (("evidence", 0, "genre"), "urn:other"),
        (("evidence", 0, "narrative"), "c2sp.org/tlog-proof@v1\n"),
        (("evidence", 1, "narrative"), "{}"),
        (("proof",), []),
        (("extra",), 1),
    ],
)
def test_a_structure_that_is_no_certificates_is_refused(
    path: tuple[str | int, ...], value: object
) -> None:
    verdict = verify(altered(path, value), rdf_check=None)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.CONTENT)


def test_a_number_other_than_the_issued_one_is_a_forgery() -> None:
    document = core(OTHER_NUMBER)
    verdict = verify(issued(document=document).file)
    assert verdict.word is Word.FORGED
    sentence = failed(verdict, CheckName.CONTENT)
    assert OTHER_NUMBER in sentence
    assert NUMBER in sentence


def test_hours_other_than_the_credited_ones_are_a_forgery() -> None:
    verdict = verify(issued(document=core(hours=160)).file)
    assert verdict.word is Word.FORGED
    assert "160 in the file, 148 in the issue" in failed(verdict, CheckName.CONTENT)


def test_an_event_signed_by_another_key_is_a_forgery() -> None:
    verdict = verify(issued(signer=STRANGER).file)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.CONTENT)


def test_the_inclusion_proof_must_be_of_the_issue_at_the_same_checkpoint() -> None:
    log = ISSUED.log
    later = SmallLog().start()
    index = later.issue(ISSUED.core)
    published = later.publish()
    later.revoke()
    newer = later.publish()
    for proof in (log.inclusion(4, ISSUED.published), later.inclusion(index, newer)):
        file = certificate_file(
            later,
            ISSUED.core,
            index,
            published,
            later.history(published, streams()),
            issue_proof=proof,
        )
        verdict = verify(file)
        assert verdict.word is Word.FORGED
        failed(verdict, CheckName.RECORDED)


def refile(history: HistoryProof, base: Issued = ISSUED) -> bytes:
    return certificate_file(base.log, base.core, base.index, base.published, history)


def test_the_history_must_hold_one_certificate_stream_that_is_opened() -> None:
    history = ISSUED.history
    unopened = replace(
        history.streams[0], entries=(replace(history.streams[0].entries[0], opened=None),)
    )
    for kept in (history.streams[1:], (unopened, *history.streams[1:])):
        verdict = verify(refile(replace(history, streams=kept)))
        assert verdict.word is Word.FORGED
        failed(verdict, CheckName.RECORDED)


def test_the_map_proof_of_another_stream_is_a_forgery() -> None:
    first, second, *rest = ISSUED.history.streams
    swapped = replace(ISSUED.history, streams=(replace(first, path=second.path), second, *rest))
    verdict = verify(refile(swapped))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.RECORDED)


def test_a_dropped_revocation_is_found_out() -> None:
    log = SmallLog().start()
    index = log.issue(ISSUED.core)
    log.revoke()
    published = log.publish()
    history = log.history(published, streams())
    first, *rest = history.streams
    cut = replace(history, streams=(replace(first, entries=first.entries[:1]), *rest))
    whole = Issued(log, ISSUED.core, index, published, history, b"")
    assert verify(refile(history, whole)).sub_state is SubState.REVOKED
    verdict = verify(refile(cut, whole))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.RECORDED)


def test_a_revoked_certificate_is_not_valid_with_date_and_reason() -> None:
    base = issued()
    base.log.revoke()
    verdict = verify(base.file, base.status())
    assert (verdict.word, verdict.sub_state) == (Word.NOT_VALID, SubState.REVOKED)
    assert verdict.exit_code == 1
    assert failed(verdict, CheckName.STATUS) == (
        "Revoked by the issuing institution, 2026-04-01 09:07 China time; "
        "class of reason: issued in error."
    )


def test_the_bureau_revokes_too() -> None:
    base = issued()
    base.log.revoke(by=ROOT, reason=pb.REVOCATION_REASON_FRAUD)
    verdict = verify(base.file, base.status())
    assert verdict.sub_state is SubState.REVOKED
    assert "弄虚作假" in verdict.check(CheckName.STATUS).text.zh


def test_revoked_stays_revoked_when_the_status_is_old_or_unwitnessed_or_expired() -> None:
    base = issued(document=core(valid_until=START + timedelta(days=100)))
    base.log.revoke()
    status = base.status()
    for verdict in (
        verify(base.file, status, now=START + timedelta(days=50)),
        verify(base.file, status, now=START + timedelta(days=200)),
        verify(base.file, status, trust=trust_file(policy=WITNESS_POLICY)),
    ):
        assert (verdict.word, verdict.sub_state) == (Word.NOT_VALID, SubState.REVOKED)


def test_a_revocation_in_the_file_itself_counts_whatever_the_status_file_is() -> None:
    log = SmallLog().start()
    index = log.issue(ISSUED.core)
    log.revoke()
    published = log.publish()
    history = log.history(published, streams())
    file = refile(history, Issued(log, ISSUED.core, index, published, history, b""))
    assert verify(file, b"nonsense").sub_state is SubState.REVOKED


def test_a_revocation_by_someone_who_may_not_leaves_the_status_unchecked() -> None:
    other = "91320500MA1XK0TW2G"
    base = issued()
    base.log.register_party(other, pb.PARTY_KIND_INSTITUTION)
    base.log.register_key(STRANGER, party_id(ORIGIN, other))
    base.log.revoke(by=STRANGER)
    verdict = verify(base.file, base.status(ISSUER, ROOT, STRANGER))
    assert verdict.word is Word.UNCHECKED
    assert outcomes(verdict)["status"] == "unchecked"


def test_a_revocation_by_a_device_or_an_ended_key_leaves_the_status_unchecked() -> None:
    base = issued()
    base.log.register_key(DEVICE, INSTITUTION, by=ISSUER, use=pb.KEY_USE_DEVICE)
    base.log.revoke(by=DEVICE)
    assert verify(base.file, base.status(ISSUER, ROOT, DEVICE)).word is Word.UNCHECKED
    base = issued()
    base.log.end_key(ISSUER, pb.KEY_ENDING_LOST_OR_RETIRED)
    base.log.revoke()
    assert verify(base.file, base.status()).word is Word.UNCHECKED


def test_a_newer_status_file_moves_the_moment_of_the_verdict() -> None:
    base = issued()
    base.log.end_key(ISSUER, pb.KEY_ENDING_ROTATED)
    verdict = verify(base.file, base.status())
    assert verdict.word is Word.VALID
    assert verdict.as_of_us == 1_775_005_620_000_000  # 01:07 UTC


def test_a_status_as_of_the_same_checkpoint_is_good() -> None:
    assert verify(status=StatusFile(NUMBER, ISSUED.history).to_bytes()).word is Word.VALID


def test_status_data_older_than_the_limit_is_no_answer() -> None:
    as_of = START + timedelta(minutes=5)
    assert verify(now=as_of + timedelta(hours=24)).word is Word.VALID
    verdict = verify(now=as_of + timedelta(hours=24, minutes=1))
    assert (verdict.word, verdict.exit_code) == (Word.UNCHECKED, 2)
    sentence = verdict.check(CheckName.STATUS).text.en
    assert "24 h 1 min old; the limit is 24 h 0 min" in sentence
    assert verify(now=as_of + timedelta(days=9), max_age=timedelta(days=10)).word is Word.VALID


def test_status_data_from_the_future_is_no_answer() -> None:
    as_of = START + timedelta(minutes=5)
    assert verify(now=as_of - timedelta(minutes=10)).word is Word.VALID
    verdict = verify(now=as_of - timedelta(minutes=11))
    assert verdict.word is Word.UNCHECKED
    assert "11 min ahead" in verdict.check(CheckName.STATUS).text.en


def test_a_certificate_that_starts_later_is_no_answer() -> None:
    base = issued(document=core(issued_at=START + timedelta(days=2)))
    assert verify(base.file).word is Word.UNCHECKED


def test_an_expired_certificate_is_not_valid_even_with_old_status() -> None:
    base = issued(document=core(valid_until=START + timedelta(days=100)))
    verdict = verify(base.file, now=START + timedelta(days=100))
    assert (verdict.word, verdict.sub_state) == (Word.NOT_VALID, SubState.EXPIRED)
    assert "2026-07-10" in failed(verdict, CheckName.STATUS)
    assert verify(base.file).word is Word.VALID


def test_a_certificate_near_its_end_needs_attention() -> None:
    base = issued(document=core(valid_until=START + timedelta(days=30)))
    verdict = verify(base.file)
    assert (verdict.word, verdict.exit_code) == (Word.ATTENTION, 0)
    assert outcomes(verdict)["status"] == "attention"
    far = issued(document=core(valid_until=START + timedelta(days=31)))
    assert verify(far.file).word is Word.VALID


def test_the_status_file_of_another_certificate_is_no_answer() -> None:
    base = issued()
    other = core(OTHER_NUMBER)
    base.log.issue(other, number=OTHER_NUMBER, certificate=OTHER_CERTIFICATE)
    published = base.log.publish()
    foreign = base.log.history(published, streams(certificate=OTHER_CERTIFICATE))
    for number in (NUMBER, OTHER_NUMBER):
        verdict = verify(base.file, StatusFile(number, foreign).to_bytes())
        assert verdict.word is Word.UNCHECKED
        assert outcomes(verdict)["status"] == "unchecked"
    both = verify(base.file, StatusFile(OTHER_NUMBER, foreign).to_bytes())
    sentence = both.check(CheckName.STATUS).text.en
    assert OTHER_NUMBER in sentence
    assert NUMBER in sentence


def test_a_status_file_older_than_the_certificate_file_is_no_answer() -> None:
    log = SmallLog().start()
    index = log.issue(ISSUED.core)
    old = log.history(log.publish(), streams())
    log.end_key(ISSUER, pb.KEY_ENDING_ROTATED)
    published = log.publish()
    history = log.history(published, streams())
    file = certificate_file(log, ISSUED.core, index, published, history)
    assert verify(file).word is Word.VALID
    verdict = verify(file, StatusFile(NUMBER, old).to_bytes())
    assert verdict.word is Word.UNCHECKED
    assert "ledger size 7 against 9" in verdict.check(CheckName.STATUS).text.en


def test_a_status_file_of_a_forked_log_is_no_answer_and_shows_both_roots() -> None:
    other = SmallLog().start()
    other.rows[0] = other.rows[1]
    other.issue(ISSUED.core)
    forked = other.history(other.publish(), streams())
    verdict = verify(status=StatusFile(NUMBER, forked).to_bytes())
    assert verdict.word is Word.UNCHECKED
    assert "contradicts the ledger" in verdict.check(CheckName.STATUS).text.en


@pytest.mark.parametrize("status", [b"", b"{}", b"[]", b'{"a":' + b"[" * 400 + b"]" * 400 + b"}"])
def test_a_status_file_that_cannot_be_read_is_no_answer(status: bytes) -> None:
    assert verify(status=status).word is Word.UNCHECKED


def test_a_key_reported_compromised_before_the_issue_makes_it_a_forgery() -> None:
    log = SmallLog().start()
    log.end_key(ISSUER, pb.KEY_ENDING_COMPROMISED, from_index=5)
    verdict = verify(issued(log).file)
    assert verdict.word is Word.FORGED
    assert "compromised from entry 5" in failed(verdict, CheckName.ISSUER)


def test_a_compromise_reported_later_is_seen_in_the_status_file() -> None:
    base = issued()
    base.log.end_key(ISSUER, pb.KEY_ENDING_COMPROMISED, from_index=base.index)
    status = base.status()
    assert verify(base.file).word is Word.VALID
    verdict = verify(base.file, status)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)
    harmless = issued()
    harmless.log.end_key(ISSUER, pb.KEY_ENDING_COMPROMISED, from_index=base.index + 1)
    assert verify(harmless.file, harmless.status()).word is Word.VALID


def test_another_root_key_in_the_trust_file_is_a_forgery() -> None:
    verdict = verify(trust=trust_file(root=STRANGER))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_the_log_of_another_trust_file_is_a_forgery() -> None:
    keys = [replace(key, seed=bytes(32)) for key in LOG_KEYS]
    verdict = verify(trust=trust_file(log_keys=keys))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.RECORDED)


def test_an_unregistered_key_is_a_forgery() -> None:
    verdict = verify(issued(by=STRANGER).file)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_a_missing_key_stream_is_a_forgery() -> None:
    *kept, _ = ISSUED.history.streams
    verdict = verify(refile(replace(ISSUED.history, streams=tuple(kept))))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


@pytest.mark.parametrize("use", [pb.KEY_USE_SYSTEM, pb.KEY_USE_DEVICE])
def test_a_key_that_is_not_the_institutions_own_cannot_issue(use: pb.KeyUse.ValueType) -> None:
    log = SmallLog().start()
    log.register_key(DEVICE, INSTITUTION, by=ISSUER, use=use)
    verdict = verify(issued(log, by=DEVICE, keys=(DEVICE, ISSUER, ROOT)).file, rdf_check=None)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_the_key_of_another_party_cannot_issue() -> None:
    verdict = verify(issued(by=ROOT).file, rdf_check=None)
    assert verdict.word is Word.FORGED
    sentence = failed(verdict, CheckName.ISSUER)
    assert str(BUREAU) in sentence
    assert str(INSTITUTION) in sentence


@pytest.mark.parametrize("change", [{"name": "别的中心"}, {"code": "91320500MA1XK0TW2G"}])
def test_an_issuer_other_than_the_registered_one_is_a_forgery(change: dict[str, str]) -> None:
    verdict = verify(issued(document=core(**change)).file)  # type: ignore[arg-type]
    assert verdict.word is Word.FORGED
    assert next(iter(change.values())) in failed(verdict, CheckName.ISSUER)


def test_a_party_of_another_kind_cannot_issue() -> None:
    log = SmallLog()
    log.register_key(ROOT, BUREAU)
    log.register_party(INSTITUTION_CODE, pb.PARTY_KIND_PLATFORM)
    log.register_key(ISSUER, INSTITUTION)
    verdict = verify(issued(log).file)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_an_institution_registered_only_after_the_issue_is_a_forgery() -> None:
    log = SmallLog()
    log.register_key(ROOT, BUREAU)
    log.register_key(ISSUER, INSTITUTION)
    index = log.issue(ISSUED.core)
    log.register_party(INSTITUTION_CODE, pb.PARTY_KIND_INSTITUTION)
    published = log.publish()
    history = log.history(published, streams())
    verdict = verify(certificate_file(log, ISSUED.core, index, published, history))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_a_new_name_after_the_issue_changes_nothing() -> None:
    log = SmallLog().start()
    index = log.issue(ISSUED.core)
    log.register_party(INSTITUTION_CODE, pb.PARTY_KIND_INSTITUTION, name="新名称")
    published = log.publish()
    history = log.history(published, streams())
    file = certificate_file(log, ISSUED.core, index, published, history)
    assert verify(file).word is Word.VALID


def test_reports_and_sanctions_before_the_issue_change_nothing_about_the_issuer() -> None:
    log = SmallLog().start()
    report = pb.InitialReportSubmitted(trades=["2010-1.2"], document_digest=bytes(32))
    suspended = pb.RecruitmentSuspended(decision_number="2026-7", reason="OFF-SYLLABUS")
    log.append("institution", INSTITUTION, report, ISSUER)
    log.append("institution", INSTITUTION, suspended, ROOT)
    assert verify(issued(log).file).word is Word.VALID


def test_a_report_is_no_registration() -> None:
    log = SmallLog()
    log.register_key(ROOT, BUREAU)
    log.register_key(ISSUER, INSTITUTION)
    report = pb.InitialReportSubmitted(trades=["2010-1.2"], document_digest=bytes(32))
    log.append("institution", INSTITUTION, report, ISSUER)
    verdict = verify(issued(log).file)
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_a_missing_institution_stream_is_a_forgery() -> None:
    first, _, *rest = ISSUED.history.streams
    verdict = verify(refile(replace(ISSUED.history, streams=(first, *rest))))
    assert verdict.word is Word.FORGED
    failed(verdict, CheckName.ISSUER)


def test_missing_witnesses_leave_the_certificate_unchecked() -> None:
    trust = trust_file(policy=WITNESS_POLICY)
    verdict = verify(trust=trust)
    assert verdict.word is Word.UNCHECKED
    assert outcomes(verdict)["witnessed"] == "unchecked"
    witnessed = verify(issued(witnesses=[WITNESS]).file, trust=trust)
    assert witnessed.word is Word.VALID
    assert "history is complete" in witnessed.check(CheckName.WITNESSED).text.en


def test_witnesses_without_an_auditor_leave_completeness_to_the_operator() -> None:
    trust = trust_file(policy=WITNESS_POLICY.replace("auditor", "w1"))
    verdict = verify(issued(witnesses=[WITNESS]).file, trust=trust)
    assert verdict.word is Word.VALID
    assert "operator's word" in verdict.check(CheckName.WITNESSED).text.en


def test_the_newer_status_needs_its_witnesses_as_well() -> None:
    base = issued(witnesses=[WITNESS])
    base.log.end_key(ISSUER, pb.KEY_ENDING_ROTATED)
    verdict = verify(base.file, base.status(), trust=trust_file(policy=WITNESS_POLICY))
    assert verdict.word is Word.UNCHECKED


def test_a_moment_without_offset_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="UTC offset"):
        verify(now=NOW.replace(tzinfo=None))


def test_an_unforeseen_error_is_no_answer() -> None:
    def break_down(document: dict[str, Any], key: bytes, method: str) -> None:
        raise KeyError(method)

    verdict = verify(rdf_check=break_down)
    assert verdict.word is Word.UNCHECKED
    assert "KeyError" in verdict.check(CheckName.CONTENT).text.en


def test_the_streams_of_the_evidence_are_the_certificates() -> None:
    assert ISSUED.history.streams[0].stream == str(CERTIFICATE)
    assert spki(ISSUER) != spki(ROOT)


NEGATIVE = {Word.FORGED, Word.UNCHECKED}


@given(st.binary(max_size=300))
def test_random_bytes_get_a_verdict(data: bytes) -> None:
    assert verify(data).word in NEGATIVE
    assert verify(status=data).word is Word.UNCHECKED


@given(st.integers(0, len(ISSUED.file) - 1))
def test_truncated_files_get_a_verdict(size: int) -> None:
    assert verify(ISSUED.file[:size]).word in NEGATIVE


@given(
    st.lists(
        st.tuples(st.integers(0, len(ISSUED.file) - 1), st.integers(1, 255)),
        min_size=1,
        max_size=4,
        unique_by=lambda edit: edit[0],
    )
)
def test_mutated_files_get_a_verdict(edits: list[tuple[int, int]]) -> None:
    data = bytearray(ISSUED.file)
    for at, mask in edits:
        data[at] ^= mask
    assert verify(bytes(data)).word in NEGATIVE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
MEMBERS = sorted(orjson.loads(ISSUED.file))


@given(st.sampled_from(MEMBERS), JSON)
def test_any_json_in_place_of_a_member_gets_a_verdict(member: str, value: object) -> None:
    document = {**orjson.loads(ISSUED.file), member: value}
    assert verify(rfc8785.dumps(document), rdf_check=None).word in NEGATIVE
