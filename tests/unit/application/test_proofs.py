"""Proofs as the ledger hands them out, checked with the verifiers that others use."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.application.breaches import LogBreachError
from ledger.application.errors import NotFoundError, RefusedError
from ledger.application.ports import LogRow
from ledger.application.proofs import ProofService
from ledger.log.checkpoints import open_checkpoint
from ledger.log.entries import MapCommitEntry, entry_hash, read_entry
from ledger.log.errors import LogError
from ledger.log.head_map import map_key
from ledger.log.head_proof import AbsenceProof, HeadProof, read_head_proof
from ledger.log.history_proof import HistoryProof, VerifiedHistory, verify_history
from ledger.log.identifiers import enrolment_id, number_map_id, party_id
from ledger.log.key_tree import AuthorityError
from ledger.log.merkle import verify_consistency
from ledger.log.tlog_proof import TlogProof
from tests.independent.trees import root_of
from tests.unit.application.tampering import edit
from tests.unit.application.written_log import Ledger, Slotted
from tests.unit.clients.verifier.small_log import (
    BUREAU,
    CERTIFICATE,
    COHORT,
    DEVICE,
    INSTITUTION,
    INSTITUTION_CODE,
    ISSUER,
    NUMBER,
    ORIGIN,
    ROOT,
    author,
    core,
    stream_of,
    trust_file,
)

TRUST = trust_file()
COHORT_KEY = map_key("cohort", str(COHORT).encode())
LEARNER = enrolment_id(COHORT, UUID(int=0x3F2504E04F8941D39A0C0305E82C0000 + 1))
DISTRICT_CODE = "11320599014149121Q"
DISTRICT = party_id(ORIGIN, DISTRICT_CODE)
DISTRICT_KEY = author("district")


def with_certificate() -> Ledger:
    """Two publications with sign-ins and a certificate, and an entry that is not published."""
    ledger = Ledger()
    for learner in (1, 2, 1):
        ledger.log.sign_in(learner)
    ledger.log.fill(ledger.publish().size - 1)
    ledger.log.issue(core())
    ledger.log.sign_in(1)
    ledger.log.fill(ledger.publish().size - 1)
    ledger.log.sign_in(1)
    return ledger


SHARED = with_certificate()
HISTORY = SHARED.proofs.certificate_history(CERTIFICATE.bytes).to_bytes()


def verified(history: HistoryProof) -> VerifiedHistory:
    return verify_history(HistoryProof.from_bytes(history.to_bytes()), TRUST)


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        call()
    (refusal,) = caught.value.refusals
    assert refusal.reason("zh")
    return refusal.code, refusal.field


def test_the_checkpoint_is_the_newest_one() -> None:
    size, note = SHARED.proofs.checkpoint()
    assert size == 12
    assert open_checkpoint(note, TRUST.verifiers()).checkpoint.size == 12


def test_every_published_entry_is_proved_at_the_newest_checkpoint() -> None:
    for index in range(12):
        inclusion = SHARED.proofs.inclusion(index)
        assert inclusion.entry == SHARED.storage.rows_by_index[index].entry
        proof = TlogProof.parse(inclusion.proof)
        assert proof.index == index
        opened = proof.verify(entry_hash(inclusion.entry), TRUST.verifiers())
        assert opened.checkpoint.size == 12
        with pytest.raises(LogError):
            proof.verify(entry_hash(inclusion.entry + b" "), TRUST.verifiers())


@given(st.integers(0), st.integers(1, 255))
def test_an_inclusion_proof_with_one_byte_edited_does_not_verify(at: int, flip: int) -> None:
    inclusion = SHARED.proofs.inclusion(6)
    edited = bytearray(inclusion.proof.encode())
    edited[at % len(edited)] ^= flip
    with pytest.raises(LogError):
        TlogProof.parse(edited.decode("utf-8", "replace")).verify(
            entry_hash(inclusion.entry), TRUST.verifiers()
        )


def test_an_entry_that_is_not_published_is_refused_with_the_size() -> None:
    assert SHARED.storage.rows_by_index[12].entry is not None
    assert refused(lambda: SHARED.proofs.inclusion(12)) == ("NOT_PUBLISHED", "index")
    with pytest.raises(NotFoundError):
        SHARED.proofs.inclusion(-1)


def test_any_two_sizes_are_consistent_by_their_proof() -> None:
    hashes = [entry_hash(SHARED.storage.rows_by_index[n].entry or b"") for n in range(12)]
    roots = {size: root_of(hashes[:size]) for size in range(13)}
    for new in range(13):
        for old in range(new + 1):
            path = SHARED.proofs.consistency(old, new).path
            verify_consistency(old, roots[old], new, roots[new], path)
            if 0 < old < new:
                with pytest.raises(LogError):
                    verify_consistency(old, roots[old - 1], new, roots[new], path)
    newest = SHARED.proofs.consistency(3)
    assert newest.path == SHARED.proofs.consistency(3, 12).path
    assert newest.note == SHARED.proofs.checkpoint()[1]


def test_sizes_out_of_order_or_beyond_the_checkpoint_are_refused() -> None:
    proofs = SHARED.proofs
    assert refused(lambda: proofs.consistency(5, 4)) == ("INVALID_REQUEST", "old_size")
    assert refused(lambda: proofs.consistency(-1, 4)) == ("INVALID_REQUEST", "old_size")
    assert refused(lambda: proofs.consistency(5, 13)) == ("NOT_PUBLISHED", "new_size")
    assert refused(lambda: proofs.head_proof(b"short")) == ("INVALID_REQUEST", "map_key")


def commit_root(commit: bytes, proof: str) -> bytes:
    """Map root of a proved map-commit."""
    entry = read_entry(commit)
    assert isinstance(entry, MapCommitEntry)
    inclusion = TlogProof.parse(proof)
    opened = inclusion.verify(entry_hash(commit), TRUST.verifiers())
    assert inclusion.index == entry.covers == opened.checkpoint.size - 1
    return entry.head_map


@pytest.mark.parametrize(
    ("key", "count", "last"),
    [
        (map_key("stream", str(LEARNER).encode()), 3, 10),
        (COHORT_KEY, 5, 10),
        (map_key("certificate", number_map_id(NUMBER, ORIGIN)), 1, 9),
        (map_key("institution", str(INSTITUTION).encode()), 1, 4),
    ],
)
def test_a_head_is_proved_as_published_without_what_came_since(
    key: bytes, count: int, last: int
) -> None:
    proved = SHARED.proofs.head_proof(key)
    proof = read_head_proof(proved.proof.to_bytes())
    assert isinstance(proof, HeadProof)
    assert (proof.key, proof.count, proof.last_index) == (key, count, last)
    assert proof.head == entry_hash(SHARED.storage.rows_by_index[last].entry or b"")
    root = commit_root(proved.commit, proved.commit_proof)
    proof.verify(root)
    with pytest.raises(LogError):
        replace(proof, count=count + 1).verify(root)


def test_a_number_that_was_never_issued_is_proved_absent() -> None:
    key = map_key("certificate", number_map_id(NUMBER.replace("K7Q2", "K7Q3"), ORIGIN))
    proved = SHARED.proofs.head_proof(key)
    proof = read_head_proof(proved.proof.to_bytes())
    assert isinstance(proof, AbsenceProof)
    root = commit_root(proved.commit, proved.commit_proof)
    proof.verify(root)
    with pytest.raises(LogError):
        replace(proof, key=COHORT_KEY).verify(root)


def test_in_a_log_without_events_every_key_is_absent() -> None:
    ledger = Ledger(Slotted())
    ledger.publish()
    proved = ledger.proofs.head_proof(COHORT_KEY)
    assert isinstance(proved.proof, AbsenceProof)
    proved.proof.verify(commit_root(proved.commit, proved.commit_proof))


def test_nothing_is_proved_before_the_first_checkpoint() -> None:
    proofs = Ledger().proofs
    calls: tuple[Callable[[], object], ...] = (
        proofs.checkpoint,
        lambda: proofs.inclusion(0),
        lambda: proofs.consistency(0),
        lambda: proofs.head_proof(COHORT_KEY),
        lambda: proofs.history([LEARNER.bytes]),
        lambda: proofs.certificate_history(CERTIFICATE.bytes),
    )
    for call in calls:
        assert refused(call) == ("NOT_PUBLISHED", "")


def test_a_certificate_s_history_has_the_streams_in_their_order() -> None:
    history = verified(SHARED.proofs.certificate_history(CERTIFICATE.bytes))
    due = [CERTIFICATE, INSTITUTION, stream_of(ISSUER), stream_of(ROOT)]
    assert [stream.stream for stream in history.streams] == list(map(str, due))
    assert [len(stream.entries) for stream in history.streams] == [1, 1, 1, 1]
    assert all(entry.event for stream in history.streams for entry in stream.entries)


@given(st.integers(0), st.integers(1, 127))
def test_a_history_with_one_byte_edited_does_not_verify(at: int, flip: int) -> None:
    edited = bytearray(HISTORY)
    edited[at % len(edited)] ^= flip
    with pytest.raises(LogError):
        verify_history(HistoryProof.from_bytes(bytes(edited)), TRUST)


def test_a_revocation_brings_the_key_of_the_bureau_that_ordered_it() -> None:
    ledger = with_certificate()
    ledger.log.revoke(by=ROOT, reason=pb.REVOCATION_REASON_FRAUD)
    before = verified(ledger.proofs.certificate_history(CERTIFICATE.bytes))
    assert len(before.streams[0].entries) == 1
    ledger.publish()
    after = verified(ledger.proofs.certificate_history(CERTIFICATE.bytes))
    events = [entry.event.type for entry in after.streams[0].entries if entry.event]
    assert events == ["TrainingCertificateIssued", "TrainingCertificateRevoked"]
    assert len(after.streams) == 4


def test_a_bureau_below_the_root_is_shown_with_its_registration() -> None:
    log = Slotted()
    log.register_key(ROOT, BUREAU)
    log.register_party(DISTRICT_CODE, pb.PARTY_KIND_BUREAU)
    log.register_key(DISTRICT_KEY, DISTRICT)
    log.register_party(INSTITUTION_CODE, pb.PARTY_KIND_INSTITUTION)
    log.register_key(ISSUER, INSTITUTION, by=DISTRICT_KEY)
    log.register_key(DEVICE, INSTITUTION, by=ISSUER, use=pb.KEY_USE_DEVICE)
    log.issue(core())
    log.end_key(ISSUER, pb.KEY_ENDING_LOST_OR_RETIRED, by=DISTRICT_KEY)
    ledger = Ledger(log)
    ledger.publish()
    history = verified(ledger.proofs.certificate_history(CERTIFICATE.bytes))
    keys = [stream_of(key) for key in (ISSUER, DISTRICT_KEY, ROOT)]
    due = [CERTIFICATE, INSTITUTION, *keys, DISTRICT]
    assert [stream.stream for stream in history.streams] == list(map(str, due))
    # The end of a key is part of its stream, and contests nothing from before.
    assert [len(stream.entries) for stream in history.streams] == [1, 1, 2, 1, 1, 1]
    assert not history.streams[0].entries[0].contested


def test_a_learner_s_history_verifies_with_the_keys_and_not_without() -> None:
    proofs = SHARED.proofs
    history = verified(proofs.history([LEARNER.bytes], with_keys=True))
    due = [LEARNER, stream_of(ISSUER), stream_of(ROOT)]
    assert [stream.stream for stream in history.streams] == list(map(str, due))
    assert [entry.index for entry in history.streams[0].entries] == [5, 7, 10]
    with pytest.raises(AuthorityError):
        verified(proofs.history([LEARNER.bytes]))


def test_an_unopened_history_shows_that_nothing_is_missing() -> None:
    history = verified(SHARED.proofs.history([LEARNER.bytes, LEARNER.bytes], opened=False))
    (stream,) = history.streams
    assert [entry.event for entry in stream.entries] == [None] * 3
    # The streams of keys cannot be closed: an entry could hide the end of one.
    mixed = SHARED.proofs.history([stream_of(ROOT).bytes, LEARNER.bytes], opened=False)
    assert [stream.entries[0].opened is None for stream in mixed.streams] == [False, True]
    verified(mixed)


def test_a_stream_without_a_published_entry_is_not_found() -> None:
    ledger = with_certificate()
    ledger.log.sign_in(9)
    unpublished = enrolment_id(COHORT, UUID(int=0x3F2504E04F8941D39A0C0305E82C0000 + 9))
    calls: tuple[Callable[[], object], ...] = (
        lambda: ledger.proofs.history([unpublished.bytes]),
        lambda: ledger.proofs.history([LEARNER.bytes, unpublished.bytes], with_keys=True),
        lambda: ledger.proofs.certificate_history(unpublished.bytes),
        lambda: ledger.proofs.certificate_history(bytes(16)),
    )
    for call in calls:
        with pytest.raises(NotFoundError):
            call()
    ledger.publish()
    verified(ledger.proofs.history([unpublished.bytes], with_keys=True))


def test_events_of_one_batch_are_proved_each_at_its_place() -> None:
    ledger = Ledger()
    indexes = [ledger.log.sign_in(1) for _ in range(5)]
    ledger.log.rebatch(*indexes)
    ledger.publish()
    history = verified(ledger.proofs.history([LEARNER.bytes], with_keys=True))
    events = [entry.event for entry in history.streams[0].entries]
    assert [event.opened.leaf_index for event in events if event] == [0, 1, 2, 3, 4]
    assert {event.opened.size for event in events if event} == {5}


def test_what_is_published_while_a_proof_is_made_gets_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = with_certificate()
    read = ledger.storage.stream_rows

    def publish_afterwards(stream: bytes) -> list[LogRow]:
        rows = read(stream)
        monkeypatch.undo()
        ledger.log.sign_in(1)
        ledger.log.fill(ledger.publish().size - 1)
        return rows

    monkeypatch.setattr(ledger.storage, "stream_rows", publish_afterwards)
    history = verified(ledger.proofs.history([LEARNER.bytes], with_keys=True))
    assert history.checkpoint.size == 15
    assert [entry.index for entry in history.streams[0].entries] == [5, 7, 10, 12, 13]


def test_a_head_that_moves_while_it_is_proved_is_looked_up_again() -> None:
    ledger = with_certificate()

    def publish() -> None:
        ledger.storage.before_heads = lambda: None
        ledger.publish()

    ledger.storage.before_heads = publish
    proved = ledger.proofs.head_proof(map_key("stream", str(LEARNER).encode()))
    assert isinstance(proved.proof, HeadProof)
    assert (proved.proof.count, proved.proof.last_index) == (4, 12)
    proved.proof.verify(commit_root(proved.commit, proved.commit_proof))


def test_another_process_makes_the_same_proofs() -> None:
    ledger = with_certificate()
    other = ProofService(ORIGIN, ledger.storage, ledger.storage)
    for _ in range(2):
        first, second = (
            proofs.certificate_history(CERTIFICATE.bytes) for proofs in (ledger.proofs, other)
        )
        assert first == second
        assert ledger.proofs.head_proof(COHORT_KEY) == other.head_proof(COHORT_KEY)
        ledger.log.fill(ledger.publish().size - 1)
        ledger.log.sign_in(2)


@pytest.mark.parametrize(
    ("change", "index"),
    [
        (lambda it: edit(it.storage, 9, entry=it.storage.rows_by_index[6].entry), None),
        (lambda it: edit(it.storage, 9, event=it.storage.rows_by_index[6].event), 9),
        (lambda it: edit(it.storage, 9, position=1), 9),
        (lambda it: edit(it.storage, 9, position=3), 9),
        (lambda it: edit(it.storage, 9, batch_name=bytes(32)), 9),
        (lambda it: it.storage.batches.clear(), 9),
        (lambda it: it.storage.remove(2, close_gap=False), 3),
        (lambda it: edit(it.storage, 9, event=b""), 9),
        (lambda it: edit(it.storage, 4, event=b""), 4),
    ],
    ids=[
        "entry",
        "event",
        "position",
        "no position",
        "root",
        "batch",
        "registration",
        "no event",
        "no key",
    ],
)
def test_no_history_is_made_of_rows_that_were_changed(
    change: Callable[[Ledger], None], index: int | None
) -> None:
    ledger = with_certificate()
    change(ledger)
    with pytest.raises(LogBreachError) as caught:
        ledger.proofs.certificate_history(CERTIFICATE.bytes)
    assert caught.value.index == index


def test_no_proof_is_made_of_an_entry_or_head_that_was_changed() -> None:
    ledger = with_certificate()
    edit(ledger.storage, 6, entry=ledger.storage.rows_by_index[5].entry)
    with pytest.raises(LogBreachError) as caught:
        ledger.proofs.inclusion(6)
    assert caught.value.index == 6
    head = ledger.storage.stored_heads[COHORT_KEY]
    ledger.storage.stored_heads[COHORT_KEY] = replace(head, count=head.count + 1)
    with pytest.raises(LogBreachError, match="stored head"):
        ledger.proofs.head_proof(COHORT_KEY)
    ledger.storage.tiles.clear()
    with pytest.raises(LogBreachError, match="incomplete"):
        ledger.proofs.consistency(3)
    ledger.storage.notes[12] = "nothing"
    with pytest.raises(LogBreachError, match="checkpoint is malformed"):
        ledger.proofs.inclusion(3)


def test_rows_in_another_order_make_no_history() -> None:
    ledger = with_certificate()
    ledger.storage.swap_rows(5, 7)
    with pytest.raises(LogBreachError, match="do not lead to the published heads"):
        ledger.proofs.history([LEARNER.bytes])
