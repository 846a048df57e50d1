"""Batches: root and signature are those of the vectors; what fits no request is refused."""

from typing import Any

import pytest

from clients.sdk import CapturedEvent, Circumstances, DraftError, Emitter, SignedBatch, sign_batch
from clients.sdk.batches import check_request
from ledger.api.v1 import recording_service_pb2 as pb
from ledger.log import dsse
from ledger.log.identifiers import key_id
from ledger.log.signatures import load_public_key
from tests.independent.vectors import VECTORS
from tests.unit.clients.sdk.identities import identity_of, private_key, sessions_started
from tests.unit.clients.verifier.small_log import COHORT, ISSUER, STRANGER, spki

BATCHES = ["batch-of-three", "batch-resent", "event-LearnerSignedIn", "event-KeyEnded"]


def signed(vector: dict[str, Any]) -> SignedBatch:
    batch = vector["batch"]
    events = [CapturedEvent.from_bytes(bytes.fromhex(e["event_hex"])) for e in vector["events"]]
    approver = batch.get("approver")
    return sign_batch(
        identity_of(private_key(batch["algorithm"], batch["private_key_hex"])),
        events,
        approver and private_key(approver["algorithm"], approver["private_key_hex"]),
    )


@pytest.mark.parametrize("name", BATCHES)
def test_root_signature_and_request_are_those_of_the_vectors(name: str) -> None:
    vector = VECTORS[name]
    batch = signed(vector)
    assert batch.root.hex() == vector["batch"]["root_hex"]
    assert batch.signature.hex() == vector["batch"]["signature_hex"]
    assert batch.key_id.hex() == vector["batch"]["key_id_hex"]
    request = pb.AppendEventsRequest(batches=[batch.to_message()])
    assert request.SerializeToString().hex() == vector["exchanges"][0]["request_hex"]


def test_a_partly_answered_batch_is_sent_again_with_all_leaves_and_the_unknown_event() -> None:
    vector = VECTORS["batch-resent"]
    request = pb.AppendEventsRequest(batches=[signed(vector).resend([1])])
    assert request.SerializeToString().hex() == vector["exchanges"][1]["request_hex"]


def test_the_approver_signs_the_same_bytes() -> None:
    vector = VECTORS["batch-approved"]["batch"]
    batch = signed(VECTORS["batch-approved"])
    assert batch.approver_signature.hex() == vector["approver"]["signature_hex"]
    author = load_public_key(bytes.fromhex(vector["public_key_hex"]))
    author.verify(batch.signature, bytes.fromhex(vector["dsse_hex"]))


def test_an_ecdsa_batch_verifies_under_its_registered_key() -> None:
    vector = VECTORS["batch-ecdsa-p256"]
    batch = signed(vector)
    key = load_public_key(bytes.fromhex(vector["batch"]["public_key_hex"]))
    key.verify(batch.signature, dsse.batch_message(batch.root))
    assert batch.to_message().algorithm == 2
    assert batch.to_message().leaves[0].hex() == vector["batch"]["leaves_hex"][0]


def test_a_batch_that_was_kept_is_the_same_batch() -> None:
    batch = signed(VECTORS["batch-approved"])
    kept = pb.Batch.FromString(batch.to_message().SerializeToString())
    assert SignedBatch.from_message(kept) == batch


def test_a_kept_batch_without_one_of_its_events_is_refused() -> None:
    batch = signed(VECTORS["batch-of-three"])
    with pytest.raises(DraftError, match="exactly the events"):
        SignedBatch.from_message(batch.resend([0, 2]))
    with pytest.raises(DraftError, match="exactly the events"):
        SignedBatch.from_message(pb.Batch())


@pytest.mark.parametrize("indices", [[], [3], [-1], [0, 7]])
def test_positions_outside_the_batch_are_refused(indices: list[int]) -> None:
    with pytest.raises(DraftError, match="positions"):
        signed(VECTORS["batch-of-three"]).resend(indices)


def test_a_batch_has_one_to_a_thousand_events() -> None:
    identity = identity_of(ISSUER)
    events = sessions_started(identity, 1001)
    assert len(sign_batch(identity, events[:1000]).events) == 1000
    for wrong in ([], events):
        with pytest.raises(DraftError, match="a batch has 1 to 1000"):
            sign_batch(identity, wrong)


def test_a_batch_fits_two_mebibytes() -> None:
    identity = identity_of(ISSUER)
    emitter = Emitter(identity)
    events = [emitter.policy_adopted(document=bytes(130_000)) for _ in range(17)]
    assert len(sign_batch(identity, events[:16]).events) == 16  # 2,084,000 bytes
    with pytest.raises(DraftError, match="at most 2097152"):
        sign_batch(identity, events)


def test_batches_of_one_request_are_bounded_together() -> None:
    identity = identity_of(ISSUER)
    events = sessions_started(identity, 1001)
    batches = [sign_batch(identity, events[:600]), sign_batch(identity, events[600:])]
    check_request(batches[:1])
    with pytest.raises(DraftError, match="1001 events"):
        check_request(batches)


def test_only_the_author_signs_and_only_the_named_approver_approves() -> None:
    identity = identity_of(ISSUER)
    plain = sessions_started(identity, 1)
    approved = Emitter(identity).cohort_opened(
        cohort=COHORT, enrolled=1, how=Circumstances(approver_key=key_id(spki(STRANGER)))
    )
    assert sign_batch(identity, [approved], STRANGER).approver_signature
    with pytest.raises(DraftError, match="another author"):
        sign_batch(identity_of(STRANGER), plain)
    with pytest.raises(DraftError, match="another approver"):
        sign_batch(identity, plain, STRANGER)
    with pytest.raises(DraftError, match="another approver"):
        sign_batch(identity, [approved])
    with pytest.raises(DraftError, match="stands twice"):
        sign_batch(identity, plain * 2)
