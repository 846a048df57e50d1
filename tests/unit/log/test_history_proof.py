"""History proofs over a small log that the tests build entry by entry."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.log.errors import FormatError, LogError, ProofError
from ledger.log.history_proof import (
    HistoryProof,
    OpenedEvent,
    ProvedStream,
    QuorumError,
    verify_history,
)
from ledger.log.identifiers import key_id, party_id
from ledger.log.key_tree import AuthorityError, EventSignatureError
from ledger.log.tlog_proof import TlogProof
from tests.unit.clients.verifier.small_log import (
    BUREAU,
    CERTIFICATE,
    COHORT,
    DEVICE,
    INSTITUTION,
    ISSUER,
    LOG_KEYS,
    ORIGIN,
    OTHER_CERTIFICATE,
    OTHER_NUMBER,
    ROOT,
    STRANGER,
    WITNESS,
    WITNESS_POLICY,
    SmallLog,
    core,
    issued,
    spki,
    stream_of,
    streams,
    trust_file,
)

TRUST = trust_file()
ISSUED = issued()
PROOF = ISSUED.history
# Entries 0 and 1 name the log's keys, 2 to 4 register root, institution and issuer.
ISSUE_INDEX = 5


def with_stream(proof: HistoryProof, at: int, stream: ProvedStream) -> HistoryProof:
    return replace(proof, streams=(*proof.streams[:at], stream, *proof.streams[at + 1 :]))


def with_opened(proof: HistoryProof, at: int, opened: OpenedEvent | None) -> HistoryProof:
    stream = proof.streams[at]
    entry = replace(stream.entries[0], opened=opened)
    return with_stream(proof, at, replace(stream, entries=(entry, *stream.entries[1:])))


def opened_of(proof: HistoryProof, at: int = 0) -> OpenedEvent:
    opened = proof.streams[at].entries[0].opened
    assert opened is not None
    return opened


def started() -> SmallLog:
    return SmallLog().start()


def proof_of(log: SmallLog) -> HistoryProof:
    """Publish, and prove every stream of the log."""
    return log.history(log.publish(), [UUID(stream) for stream in log.streams])


def test_every_stream_comes_out_with_its_events_authors_and_places() -> None:
    history = verify_history(PROOF, TRUST)
    assert (history.checkpoint.origin, history.checkpoint.size) == (ORIGIN, 7)
    assert history.commit.covers == 6
    assert history.as_of_us == 1_775_005_500_000_000  # 2026-04-01 01:05 UTC
    certificate = history.stream(str(CERTIFICATE))
    assert certificate is not None
    (issue,) = certificate.entries
    assert issue.event is not None
    assert issue.author is not None
    assert (issue.index, issue.entry.seq, issue.contested) == (ISSUE_INDEX, 1, "")
    assert issue.event.type == "TrainingCertificateIssued"
    assert [part.hours for part in issue.event.body.credited] == [44, 104]
    assert issue.author.holder == str(INSTITUTION)
    assert issue.author.key.key_id == key_id(spki(ISSUER))
    assert [stream.kind for stream in history.streams] == [
        "certificate",
        "institution",
        "key",
        "key",
    ]
    assert history.stream(str(COHORT)) is None


def test_the_bytes_are_canonical_and_come_back() -> None:
    data = PROOF.to_bytes()
    assert HistoryProof.from_bytes(data) == PROOF
    document = json.loads(data)
    assert sorted(document) == ["commit", "commit_proof", "streams", "v"]
    assert sorted(document["streams"][0]) == ["entries", "kind", "path", "stream"]
    assert sorted(document["streams"][0]["entries"][0]["opened"]) == [
        "algorithm",
        "event",
        "key",
        "leaf_index",
        "path",
        "signature",
        "size",
    ]


def test_an_entry_may_stay_unopened_where_nothing_hides_behind_it() -> None:
    proof = with_opened(PROOF, 0, None)
    assert b'"opened":null' not in proof.to_bytes()
    assert HistoryProof.from_bytes(proof.to_bytes()) == proof
    (issue,) = verify_history(proof, TRUST).streams[0].entries
    assert issue.event is None
    assert issue.author is None


@pytest.mark.parametrize("at", [1, 2, 3])
def test_streams_of_keys_and_parties_must_be_opened(at: int) -> None:
    with pytest.raises(ProofError, match="not opened"):
        verify_history(with_opened(PROOF, at, None), TRUST)


def test_several_batches_and_later_checkpoints_verify() -> None:
    log = started()
    log.issue(core())
    log.publish()
    log.revoke()
    proof = log.history(log.publish(), streams())
    entries = verify_history(proof, TRUST).streams[0].entries
    assert [entry.event.type for entry in entries if entry.event] == [
        "TrainingCertificateIssued",
        "TrainingCertificateRevoked",
    ]
    assert [entry.index for entry in entries] == [5, 7]


def test_a_dropped_entry_is_missed() -> None:
    log = started()
    log.issue(core())
    log.revoke()
    proof = log.history(log.publish(), streams())
    for kept in (proof.streams[0].entries[:1], proof.streams[0].entries[1:], ()):
        cut = with_stream(proof, 0, replace(proof.streams[0], entries=kept))
        with pytest.raises(ProofError):
            verify_history(cut, TRUST)


def test_the_path_of_another_stream_is_refused() -> None:
    for other in PROOF.streams[1:]:
        swapped = with_stream(PROOF, 0, replace(PROOF.streams[0], path=other.path))
        with pytest.raises(ProofError, match="head-map proof"):
            verify_history(swapped, TRUST)


def test_an_older_commit_does_not_prove_a_newer_stream() -> None:
    log = started()
    log.issue(core())
    before = log.history(log.publish(), streams())
    log.revoke()
    after = log.history(log.publish(), streams())
    with pytest.raises(ProofError):
        verify_history(replace(after, streams=before.streams), TRUST)
    with pytest.raises(ProofError):
        verify_history(replace(before, streams=after.streams), TRUST)


def test_an_entry_at_another_index_is_refused() -> None:
    entry = PROOF.streams[0].entries[0]
    moved = replace(PROOF.streams[0], entries=(replace(entry, index=entry.index - 1),))
    with pytest.raises(ProofError):
        verify_history(with_stream(PROOF, 0, moved), TRUST)


def test_a_stream_under_another_id_or_kind_or_twice_is_refused() -> None:
    stream = PROOF.streams[0]
    for changed in (
        replace(stream, stream=str(OTHER_CERTIFICATE)),
        replace(stream, kind="cohort"),
    ):
        with pytest.raises(ProofError):
            verify_history(with_stream(PROOF, 0, changed), TRUST)
    with pytest.raises(ProofError, match="twice"):
        verify_history(replace(PROOF, streams=(stream, *PROOF.streams)), TRUST)


def test_the_commit_must_be_the_last_entry_of_the_checkpoint() -> None:
    log = started()
    first = log.publish()
    log.issue(core())
    second = log.publish()
    proof = log.history(second, streams())
    old_commit = log.rows[first.size - 1].entry
    stale = replace(proof, commit=old_commit, commit_proof=log.inclusion(first.size - 1, second))
    with pytest.raises(ProofError, match="covers"):
        verify_history(stale, TRUST)
    event_entry = replace(proof, commit=log.rows[2].entry, commit_proof=log.inclusion(2, second))
    with pytest.raises(ProofError, match="map-commit"):
        verify_history(event_entry, TRUST)


def test_a_checkpoint_by_another_logs_keys_is_refused() -> None:
    strange = [replace(key, seed=bytes(32)) for key in LOG_KEYS]
    for keys in (strange, [LOG_KEYS[0], strange[1]], [strange[0], LOG_KEYS[1]]):
        with pytest.raises(ProofError):
            verify_history(PROOF, trust_file(log_keys=keys))


def test_the_quorum_of_the_policy_must_have_cosigned() -> None:
    trust = trust_file(policy=WITNESS_POLICY)
    with pytest.raises(QuorumError):
        verify_history(PROOF, trust)
    lenient = verify_history(PROOF, trust, require_quorum=False)
    assert (lenient.quorum, lenient.quorum_met, lenient.witnesses) == ("auditor", False, ())
    witnessed = verify_history(issued(witnesses=[WITNESS]).history, trust)
    assert (witnessed.quorum_met, witnessed.witnesses) == (True, ("auditor",))
    assert verify_history(PROOF, TRUST).quorum is None


def test_the_key_streams_up_to_the_root_must_be_there() -> None:
    for missing in (2, 3):
        kept = tuple(stream for at, stream in enumerate(PROOF.streams) if at != missing)
        with pytest.raises(AuthorityError):
            verify_history(replace(PROOF, streams=kept), TRUST)


def test_another_root_key_is_refused() -> None:
    with pytest.raises(AuthorityError):
        verify_history(PROOF, trust_file(root=STRANGER))


def test_a_key_without_registration_is_refused() -> None:
    unregistered = issued(by=STRANGER)
    with pytest.raises(AuthorityError):
        verify_history(unregistered.history, TRUST)


def test_a_key_registered_only_after_the_event_is_refused() -> None:
    log = started()
    log.issue(core(), by=STRANGER)
    log.register_key(STRANGER, INSTITUTION)
    with pytest.raises(AuthorityError):
        verify_history(log.history(log.publish(), streams(STRANGER, ROOT)), TRUST)


def test_a_signature_by_another_key_than_the_event_names_is_refused() -> None:
    forged = issued(signer=STRANGER)
    with pytest.raises(EventSignatureError):
        verify_history(forged.history, TRUST)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("signature", bytes(64)),
        ("signature", b""),
        ("leaf_index", 1),
        ("size", 2),
        ("path", ()),
        ("algorithm", "ecdsa-p256"),
        ("key", key_id(spki(ROOT))),
        ("event", b"\x00"),
    ],
)
def test_an_edited_opening_is_refused(member: str, value: object) -> None:
    changes: dict[str, Any] = {member: value}
    edited = replace(opened_of(PROOF), **changes)
    with pytest.raises(ProofError):
        verify_history(with_opened(PROOF, 0, edited), TRUST)


def test_an_event_meant_for_another_log_is_refused() -> None:
    log = started()
    body = pb.PolicyAdopted(digest=bytes(32), document=b"x")
    stream = party_id(ORIGIN, "policy")
    log.append("policy", stream, body, ROOT, origin="log.example/other")
    with pytest.raises(ProofError, match="meant for the log"):
        verify_history(proof_of(log), TRUST)


def test_a_type_in_a_stream_of_another_kind_is_refused() -> None:
    log = started()
    body = pb.TrainingCertificateRevoked(reason=pb.REVOCATION_REASON_ERROR)
    log.append("policy", OTHER_CERTIFICATE, body, ROOT)
    with pytest.raises(ProofError, match="holds no"):
        verify_history(proof_of(log), TRUST)


def test_recorded_times_that_run_backwards_are_refused() -> None:
    log = started()
    early = log.recorded() - 3_600_000_000
    body = pb.PolicyAdopted(digest=bytes(32), document=b"x")
    log.append("policy", party_id(ORIGIN, "policy"), body, ROOT, recorded=early)
    with pytest.raises(ProofError, match="recorded before"):
        verify_history(proof_of(log), TRUST)


def test_a_stream_that_does_not_start_at_one_is_refused() -> None:
    log = started()
    body = pb.PolicyAdopted(digest=bytes(32), document=b"x")
    log.append("policy", party_id(ORIGIN, "policy"), body, ROOT, seq=1)
    log.append("policy", party_id(ORIGIN, "policy"), body, ROOT, seq=3)
    with pytest.raises(ProofError, match="not number 2"):
        verify_history(proof_of(log), TRUST)


def test_an_institution_registers_its_devices_but_no_party_keys() -> None:
    log = started()
    log.register_key(DEVICE, INSTITUTION, by=ISSUER, use=pb.KEY_USE_DEVICE)
    history = verify_history(proof_of(log), TRUST)
    device = history.tree.keys[key_id(spki(DEVICE))]
    assert (device.use, device.holder) == (pb.KEY_USE_DEVICE, str(INSTITUTION))
    assert not history.tree.is_bureau(device)

    for holder, use in ((INSTITUTION, pb.KEY_USE_PARTY), (BUREAU, pb.KEY_USE_DEVICE)):
        log = started()
        log.register_key(DEVICE, holder, by=ISSUER, use=use)
        with pytest.raises(AuthorityError):
            verify_history(proof_of(log), TRUST)


def test_a_device_registers_nothing() -> None:
    log = started()
    log.register_key(DEVICE, INSTITUTION, by=ISSUER, use=pb.KEY_USE_DEVICE)
    log.register_key(STRANGER, INSTITUTION, by=DEVICE, use=pb.KEY_USE_DEVICE)
    with pytest.raises(AuthorityError):
        verify_history(proof_of(log), TRUST)


def test_a_second_bureau_registers_parties_once_it_is_one() -> None:
    code = "11320500014149122P"
    log = started()
    second = party_id(ORIGIN, code)
    log.register_party(code, pb.PARTY_KIND_BUREAU)
    log.register_key(STRANGER, second)
    log.register_party("91320500MA1XK0TW2G", pb.PARTY_KIND_INSTITUTION, by=STRANGER)
    history = verify_history(proof_of(log), TRUST)
    assert history.tree.bureaus == {str(BUREAU), str(second)}


def test_an_institution_cannot_make_itself_a_bureau() -> None:
    log = started()
    log.append(
        "institution",
        INSTITUTION,
        pb.InstitutionRegistered(
            kind=pb.PARTY_KIND_BUREAU,
            credit_code="91320500MA1XK0TW1J",
            name="x",
            area="320599",
        ),
        ISSUER,
    )
    with pytest.raises(AuthorityError):
        verify_history(proof_of(log), TRUST)


def test_a_party_in_a_stream_that_is_not_its_own_is_refused() -> None:
    log = started()
    body = pb.InstitutionRegistered(
        kind=pb.PARTY_KIND_INSTITUTION, credit_code="91320500MA1XK0TW2G", name="x", area="32"
    )
    log.append("institution", OTHER_CERTIFICATE, body, ROOT)
    with pytest.raises(ProofError, match="stream of the party"):
        verify_history(proof_of(log), TRUST)


@pytest.mark.parametrize(
    ("ending", "from_index", "until_us", "contested"),
    [
        (pb.KEY_ENDING_ROTATED, 0, 0, True),
        (pb.KEY_ENDING_ROTATED, 0, 2_000_000_000_000_000, False),
        (pb.KEY_ENDING_LOST_OR_RETIRED, 0, 2_000_000_000_000_000, True),
        (pb.KEY_ENDING_COMPROMISED, 5, 0, True),
        (pb.KEY_ENDING_COMPROMISED, 6, 0, True),
        (pb.KEY_ENDING_COMPROMISED, 7, 0, False),
    ],
)
def test_what_an_ended_key_signs_is_contested(
    ending: pb.KeyEnding.ValueType, from_index: int, until_us: int, contested: bool
) -> None:
    log = started()
    log.end_key(ISSUER, ending, from_index=from_index, until_us=until_us)
    log.issue(core())
    history = verify_history(log.history(log.publish(), streams()), TRUST)
    (issue,) = history.streams[0].entries
    assert issue.index == 6
    assert bool(issue.contested) is contested


def test_a_compromise_told_later_reaches_back_to_its_index() -> None:
    log = started()
    index = log.issue(core())
    log.end_key(ISSUER, pb.KEY_ENDING_COMPROMISED, from_index=index)
    history = verify_history(log.history(log.publish(), streams()), TRUST)
    assert "compromised" in history.streams[0].entries[0].contested
    registration = history.streams[2].entries[0]
    assert (registration.index, registration.contested) == (4, "")


def test_a_key_registered_by_a_compromised_key_is_contested_too() -> None:
    log = SmallLog()
    log.register_key(ROOT, BUREAU)
    log.end_key(ROOT, pb.KEY_ENDING_COMPROMISED, from_index=4)
    log.register_party("91320500MA1XK0TW1J", pb.PARTY_KIND_INSTITUTION)
    log.register_key(ISSUER, INSTITUTION)
    log.issue(core())
    history = verify_history(log.history(log.publish(), streams()), TRUST)
    assert "compromised from entry 4" in history.streams[0].entries[0].contested


def test_nobody_ends_the_key_of_another_party() -> None:
    log = started()
    log.end_key(ROOT, pb.KEY_ENDING_COMPROMISED, by=ISSUER)
    with pytest.raises(AuthorityError):
        verify_history(proof_of(log), TRUST)
    log = started()
    log.end_key(ISSUER, pb.KEY_ENDING_ROTATED, by=ISSUER)
    assert verify_history(proof_of(log), TRUST).tree.endings.keys() == {key_id(spki(ISSUER))}


def test_a_number_outside_the_keys_of_its_entry_is_refused() -> None:
    log = started()
    log.issue(core(OTHER_NUMBER), number=OTHER_NUMBER, certificate=OTHER_CERTIFICATE)
    good = verify_history(proof_of(log), TRUST)
    assert good.stream(str(OTHER_CERTIFICATE)) is not None
    log = started()
    body = pb.TrainingCertificateIssued(
        number=OTHER_NUMBER,
        edition=1,
        core_digest=bytes(32),
        enrolment_digest=bytes(32),
        policy=bytes(32),
        evaluator_version=1,
    )
    log.append("certificate", OTHER_CERTIFICATE, body, ISSUER, hide_number=True)
    with pytest.raises(ProofError, match="head-map keys"):
        verify_history(proof_of(log), TRUST)


def test_an_inclusion_proof_of_another_entry_does_not_carry_the_commit() -> None:
    wrong = TlogProof.parse(PROOF.commit_proof)
    shorter = replace(wrong, path=wrong.path[1:]).format()
    with pytest.raises(ProofError):
        verify_history(replace(PROOF, commit_proof=shorter), TRUST)


STREAM = ("streams", 0)
ENTRY = (*STREAM, "entries", 0)
OPENED = (*ENTRY, "opened")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("v",), 2),
        (("v",), True),
        (("more",), 1),
        (("commit",), "é"),
        (("commit",), None),
        (("commit_proof",), 5),
        (("streams",), 5),
        (("streams",), {"a": 1}),
        ((*STREAM, "path"), "!"),
        ((*STREAM, "stream"), None),
        ((*STREAM, "entries"), [5]),
        ((*ENTRY, "index"), -1),
        ((*ENTRY, "index"), True),
        ((*ENTRY, "opened"), None),
        ((*ENTRY, "entry"), None),
        ((*OPENED, "key"), "AB" * 32),
        ((*OPENED, "path"), "AAAA"),
        ((*OPENED, "size"), "3"),
        ((*OPENED, "more"), 1),
    ],
)
def test_members_out_of_form_are_refused(path: tuple[str | int, ...], value: object) -> None:
    document = json.loads(PROOF.to_bytes())
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    data = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    with pytest.raises(FormatError):
        HistoryProof.from_bytes(data.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        HistoryProof.from_bytes(data)


@given(st.integers(0, len(PROOF.to_bytes()) - 1), st.integers(1, 255))
def test_an_edited_proof_proves_nothing_or_the_same(at: int, mask: int) -> None:
    data = bytearray(PROOF.to_bytes())
    data[at] ^= mask
    try:
        history = verify_history(HistoryProof.from_bytes(bytes(data)), TRUST)
    except LogError:
        return
    # A timestamp under no signature or the name of an unknown signer may differ, nothing else.
    assert history.streams == verify_history(PROOF, TRUST).streams


def test_stream_ids_of_the_small_log_are_those_of_the_formats() -> None:
    assert [stream.stream for stream in PROOF.streams] == [
        str(CERTIFICATE),
        str(INSTITUTION),
        str(stream_of(ISSUER)),
        str(stream_of(ROOT)),
    ]
