"""What became of a certificate: each state, who may say so, and what leaves the status open."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from clients.verifier import CheckName, Outcome, SubState, Verdict, Word, verify_certificate
from ledger.api.v1 import events_pb2 as pb
from ledger.log.identifiers import party_id
from ledger.log.status_file import StatusFile
from tests.unit.clients.verifier.small_log import (
    CERTIFICATE,
    INSTITUTION,
    ISSUER,
    NUMBER,
    ORIGIN,
    OTHER_NUMBER,
    ROOT,
    START,
    STRANGER,
    Issued,
    SmallLog,
    issued,
    streams,
    trust_file,
)

TRUST = trust_file()
NOW = START + timedelta(hours=1)
SUSPENDED = pb.TrainingCertificateSuspended(reason="COMPLAINT")
REINSTATED = pb.TrainingCertificateReinstated(reason="CLEARED")
SUPERSEDED = pb.TrainingCertificateSuperseded(number=OTHER_NUMBER, reason="NAME-CORRECTED")
REVOKED = pb.TrainingCertificateRevoked(reason=pb.REVOCATION_REASON_ERROR)
LINKED = pb.OperationCertificateLinked(
    number_commitment=bytes(32), first_issued=20260601, review_due=20290531, valid_to=20320531
)
DISTRICT_CODE = "11320500014149122Q"


def story() -> Issued:
    """A certificate, issued."""
    return issued(SmallLog().start())


def write(it: Issued, body: Message, by: Ed25519PrivateKey) -> int:
    return it.log.append("certificate", CERTIFICATE, body, by)


def judge(it: Issued, *keys: Ed25519PrivateKey, status: bytes | None = None) -> Verdict:
    """The verdict with a status file as of now."""
    return verify_certificate(
        it.file, TRUST, status=status or it.status(*keys), now=NOW, max_age=None
    )


def said(verdict: Verdict) -> str:
    return verdict.check(CheckName.STATUS).text.en


@pytest.mark.parametrize(
    ("body", "by", "state", "words"),
    [
        (SUSPENDED, ROOT, SubState.SUSPENDED, "Suspended by the emergency management bureau"),
        (SUPERSEDED, ISSUER, SubState.SUPERSEDED, f"its successor is {OTHER_NUMBER}"),
        (REVOKED, ISSUER, SubState.REVOKED, "Revoked by the issuing institution"),
        (REVOKED, ROOT, SubState.REVOKED, "Revoked by the emergency management bureau"),
    ],
)
def test_each_state_says_who_when_and_why(
    body: Message, by: Ed25519PrivateKey, state: SubState, words: str
) -> None:
    it = story()
    index = write(it, body, by)
    verdict = judge(it)
    assert (verdict.word, verdict.sub_state, verdict.exit_code) == (Word.NOT_VALID, state, 1)
    assert words in said(verdict)
    # One entry a minute from 09:00 in Shanghai on.
    assert f"2026-04-01 09:{index:02}" in said(verdict)
    assert verdict.check(CheckName.STATUS).outcome is Outcome.FAILED


def test_the_words_of_a_state_are_the_fields_own() -> None:
    it = story()
    write(it, SUPERSEDED, ISSUER)
    verdict = judge(it)
    assert verdict.text.zh == "无效：已换发"
    assert (verdict.successor, verdict.to_json()["successor"]) == (OTHER_NUMBER, OTHER_NUMBER)
    assert f"换发为 {OTHER_NUMBER}" in verdict.check(CheckName.STATUS).text.zh
    write(it, SUSPENDED, ROOT)
    assert judge(it).text.zh == "无效：已暂停"


def test_a_reinstated_certificate_is_valid_again() -> None:
    it = story()
    assert judge(it).successor is None
    write(it, SUSPENDED, ROOT)
    during = it.status()
    write(it, REINSTATED, ROOT)
    assert judge(it).word is Word.VALID
    # The older status file still says what held then.
    assert judge(it, status=during).sub_state is SubState.SUSPENDED
    write(it, SUSPENDED, ROOT)
    assert judge(it).sub_state is SubState.SUSPENDED


def test_a_link_to_the_official_certificate_changes_nothing() -> None:
    it = story()
    write(it, LINKED, ROOT)
    assert judge(it).word is Word.VALID


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([(SUPERSEDED, ISSUER), (REVOKED, ROOT)], SubState.REVOKED),
        ([(REVOKED, ISSUER), (SUSPENDED, ROOT)], SubState.REVOKED),
        ([(SUSPENDED, ROOT), (REVOKED, ISSUER), (REINSTATED, ROOT)], SubState.REVOKED),
        ([(SUPERSEDED, ISSUER), (SUSPENDED, ROOT)], SubState.SUSPENDED),
        ([(SUSPENDED, ROOT), (SUPERSEDED, ISSUER), (REINSTATED, ROOT)], SubState.SUPERSEDED),
    ],
)
def test_the_gravest_comes_first(
    entries: list[tuple[Message, Ed25519PrivateKey]], state: SubState
) -> None:
    it = story()
    for body, by in entries:
        write(it, body, by)
    assert judge(it).sub_state is state


@pytest.mark.parametrize(
    ("body", "by"),
    [
        (SUSPENDED, ISSUER),
        (REINSTATED, ISSUER),
        (LINKED, ISSUER),
        (SUPERSEDED, ROOT),
    ],
)
def test_who_may_not_say_so_leaves_the_status_open(body: Message, by: Ed25519PrivateKey) -> None:
    it = story()
    index = write(it, body, by)
    verdict = judge(it)
    assert (verdict.word, verdict.exit_code) == (Word.UNCHECKED, 2)
    assert f"Entry {index} follows the issue" in said(verdict)


def test_an_institution_does_not_lift_a_bureaus_suspension() -> None:
    it = story()
    write(it, SUSPENDED, ROOT)
    write(it, REINSTATED, ISSUER)
    assert judge(it).sub_state is SubState.SUSPENDED


@pytest.mark.parametrize(
    ("use", "holder"),
    [(pb.KEY_USE_SYSTEM, INSTITUTION), (pb.KEY_USE_PARTY, party_id(ORIGIN, DISTRICT_CODE))],
)
def test_another_key_than_the_institutions_own_replaces_nothing(
    use: pb.KeyUse.ValueType, holder: UUID
) -> None:
    log = SmallLog().start()
    log.register_key(STRANGER, holder, use=use)
    it = issued(log)
    write(it, SUPERSEDED, STRANGER)
    assert judge(it, STRANGER, ISSUER, ROOT).word is Word.UNCHECKED


def test_a_bureau_below_the_root_suspends_where_its_registration_is_shown() -> None:
    log = SmallLog().start()
    log.register_party(DISTRICT_CODE, pb.PARTY_KIND_BUREAU)
    log.register_key(STRANGER, party_id(ORIGIN, DISTRICT_CODE))
    it = issued(log)
    write(it, SUSPENDED, STRANGER)
    assert judge(it, STRANGER, ISSUER, ROOT).word is Word.UNCHECKED
    shown = [*streams(STRANGER, ISSUER, ROOT), party_id(ORIGIN, DISTRICT_CODE)]
    status = StatusFile(NUMBER, log.history(log.publish(), shown)).to_bytes()
    assert judge(it, status=status).sub_state is SubState.SUSPENDED


def test_a_contested_key_says_nothing() -> None:
    log = SmallLog().start()
    log.register_key(STRANGER, INSTITUTION)
    it = issued(log)
    index = write(it, SUPERSEDED, STRANGER)
    log.end_key(STRANGER, pb.KEY_ENDING_COMPROMISED, from_index=index)
    assert judge(it, STRANGER, ISSUER, ROOT).word is Word.UNCHECKED
    # From the entry behind it on, the replacement stands.
    log = SmallLog().start()
    log.register_key(STRANGER, INSTITUTION)
    it = issued(log)
    index = write(it, SUPERSEDED, STRANGER)
    log.end_key(STRANGER, pb.KEY_ENDING_COMPROMISED, from_index=index + 1)
    assert judge(it, STRANGER, ISSUER, ROOT).sub_state is SubState.SUPERSEDED


def test_a_proven_state_outranks_an_open_one() -> None:
    it = story()
    write(it, SUSPENDED, ISSUER)
    write(it, SUPERSEDED, ISSUER)
    assert judge(it).sub_state is SubState.SUPERSEDED
