"""Two implementations of docs/formats.md that share no code agree on events, batches and answers.

`tests.independent` is written from the specification alone; `ledger.log` is what the ledger runs.
The vectors come from a third hand, the generated protobuf classes (`tools.make_emitter_vectors`).
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import ParseDict

from ledger.api.v1 import events_pb2
from ledger.log import acknowledgements, dsse, entries, event_reader, merkle, signatures
from ledger.log.errors import FormatError, ProofError
from tests.independent import calls, emitter, reader, signing, trees
from tests.independent import entries as own_entries
from tests.independent.comparison import same_fields
from tests.independent.fields import BODIES
from tests.independent.vectors import ADMITTED, LOG, LOG_ENTRIES, REFUSED, VECTORS
from tests.independent.writer import encode_event
from tools.make_emitter_vectors import files

EVENTS = [
    pytest.param(bytes.fromhex(event["event_hex"]), event, id=f"{name}-{position}")
    for name in ADMITTED
    for position, event in enumerate(VECTORS[name]["events"])
]
ACKNOWLEDGEMENT_KEYS = signing.acknowledgement_keys(map(own_entries.read_entry, LOG_ENTRIES[:3]))
EMITTER_GUIDE = Path(__file__).parents[2] / "docs" / "emitter.md"


def decoded(values: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def test_the_vectors_are_what_their_generator_makes() -> None:
    assert dict(files()) == VECTORS


def test_every_event_type_has_a_vector() -> None:
    fields = events_pb2.TrainingEvent.DESCRIPTOR.oneofs_by_name["body"].fields
    names = [field.message_type.name for field in fields if field.message_type is not None]
    assert list(BODIES) == names
    assert {f"event-{name}" for name in names} <= set(VECTORS)


# --- Events --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "vector"), EVENTS)
def test_an_admitted_event_reads_the_same_in_both_readers(
    data: bytes, vector: dict[str, Any]
) -> None:
    own, theirs = reader.read_event(data), event_reader.read_event(data)
    described = ParseDict(vector["event"], events_pb2.TrainingEvent())
    assert described == events_pb2.TrainingEvent.FromString(data) or b"\x10\x85\x80" in data
    assert own.type == theirs.type == described.header.type
    assert same_fields(own.header, theirs.header)
    assert same_fields(own.body, theirs.body)
    assert same_fields(own.header, described.header)
    assert own.leaf.hex() == vector["leaf_hex"]


@pytest.mark.parametrize(
    ("data", "vector"), [param for param in EVENTS if not str(param.id).startswith("admitted-")]
)
def test_an_event_written_by_hand_has_the_bytes_of_the_generated_code(
    data: bytes, vector: dict[str, Any]
) -> None:
    event = reader.read_event(data)
    assert encode_event(event.header, event.body) == data


@pytest.mark.parametrize("name", REFUSED)
def test_bytes_outside_the_format_are_refused_by_both_readers_for_their_fault(name: str) -> None:
    data = bytes.fromhex(VECTORS[name]["event_hex"])
    with pytest.raises(reader.RefusedError) as refused:
        reader.read_event(data)
    assert refused.value.reason == VECTORS[name]["refused"]
    with pytest.raises(FormatError):
        event_reader.read_event(data)


@pytest.mark.parametrize("cut", [b"", b"\x00", b"\x80"])
def test_no_event_and_scraps_of_one_are_refused_by_both_readers(cut: bytes) -> None:
    with pytest.raises(reader.RefusedError):
        reader.read_event(cut)
    with pytest.raises(FormatError):
        event_reader.read_event(cut)


def test_the_size_limit_is_the_same_in_both_readers() -> None:
    event = ParseDict(
        VECTORS["event-PolicyAdopted"]["events"][0]["event"], events_pb2.TrainingEvent()
    )
    event.policy_adopted.document = bytes(130_000)
    event.policy_adopted.document += bytes(131_072 - event.ByteSize())
    data = event.SerializeToString()
    assert len(data) == 131_072
    assert reader.read_event(data).type == event_reader.read_event(data).type
    event.policy_adopted.document += b"\x00"
    with pytest.raises(reader.RefusedError, match="size"):
        reader.read_event(event.SerializeToString())
    with pytest.raises(FormatError):
        event_reader.read_event(event.SerializeToString())


# --- Batches and answers -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ADMITTED)
def test_a_batch_signature_holds_for_both_and_for_no_other_root(name: str) -> None:
    batch = VECTORS[name]["batch"]
    leaves, root = decoded(batch["leaves_hex"]), bytes.fromhex(batch["root_hex"])
    assert leaves == [
        merkle.leaf_hash(bytes.fromhex(e["event_hex"])) for e in VECTORS[name]["events"]
    ]
    assert trees.root_of(leaves) == merkle.root(leaves) == root
    message = signing.pre_authentication_encoding(signing.BATCH_TYPE, root)
    assert message == dsse.batch_message(root) == bytes.fromhex(batch["dsse_hex"])
    for signed in (batch, *([batch["approver"]] if "approver" in batch else [])):
        public, signature = decoded([signed["public_key_hex"], signed["signature_hex"]])
        key = signatures.load_public_key(public)
        assert key.algorithm == signed["algorithm"]
        assert key.key_id == signing.key_id_of(public) == bytes.fromhex(signed["key_id_hex"])
        key.verify(signature, message)
        assert signing.verifies(signed["algorithm"], public, signature, message)
        assert not signing.verifies(signed["algorithm"], public, signature, message + b"\x00")
        with pytest.raises(ProofError):
            key.verify(signature, message + b"\x00")


@pytest.mark.parametrize(
    "name", [name for name in ADMITTED if VECTORS[name]["batch"]["algorithm"] == "ed25519"]
)
def test_the_independent_emitter_writes_the_requests_and_reads_the_answers(name: str) -> None:
    vector = VECTORS[name]
    batch = emitter.sign_batch(
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["batch"]["private_key_hex"])),
        decoded([event["event_hex"] for event in vector["events"]]),
    )
    remaining: emitter.Batch | None = batch
    for exchange in vector["exchanges"]:
        assert remaining is not None
        assert emitter.encode_request([remaining]).hex() == exchange["request_hex"]
        response = emitter.read_response(bytes.fromhex(exchange["response_hex"]))
        emitter.check_response(vector["origin"], ACKNOWLEDGEMENT_KEYS, remaining.events, response)
        remaining = emitter.unanswered(remaining, response.results)
    assert remaining is None


@pytest.mark.parametrize("name", ADMITTED)
def test_an_acknowledgement_holds_for_both(name: str) -> None:
    for exchange in VECTORS[name]["exchanges"]:
        stated = exchange["acknowledgement"]
        response = emitter.read_response(bytes.fromhex(exchange["response_hex"]))
        acknowledgement = response.acknowledgement
        assert acknowledgement is not None
        assert (
            signing.acknowledgement_body(LOG["origin"], acknowledgement.root).decode()
            == (stated["body"])
        )
        key = signatures.load_public_key(bytes.fromhex(stated["public_key_hex"]))
        root, signature = acknowledgement.root, acknowledgement.signature
        acknowledgements.verify_acknowledgement(key, LOG["origin"], root, signature)
        accepted = [r for r in response.results if isinstance(r, emitter.Accepted)]
        assert len(accepted) == acknowledgement.size == stated["size"]
        for one, path in zip(accepted, stated["paths_hex"], strict=True):
            place, entry_hash = one.place, entries.entry_hash(one.place.entry)
            assert place.path.hex() == "".join(path)
            acknowledgements.verify_place(
                place.index, entry_hash, place.position, stated["size"], decoded(path), root
            )


def test_an_acknowledgement_of_other_places_keys_or_origins_is_refused() -> None:
    vector = VECTORS["batch-of-three"]
    response = emitter.read_response(bytes.fromhex(vector["exchanges"][0]["response_hex"]))
    acknowledgement = response.acknowledgement
    assert acknowledgement is not None
    places = [r.place for r in response.results if isinstance(r, emitter.Accepted)]
    origin, keys = LOG["origin"], ACKNOWLEDGEMENT_KEYS
    signing.check_acknowledgement(origin, keys, acknowledgement, places)
    moved = [replace(places[0], index=places[0].index + 1)]
    swapped = [replace(places[0], position=1)]
    for wrong in (
        (origin + "x", keys, acknowledgement, places),
        (origin, {}, acknowledgement, places),
        (origin, keys, replace(acknowledgement, root=bytes(32)), places),
        (origin, keys, acknowledgement, moved),
        (origin, keys, acknowledgement, swapped),
        (origin, keys, acknowledgement, [places[0], places[0]]),
    ):
        with pytest.raises(signing.AcknowledgementError):
            signing.check_acknowledgement(*wrong)


def test_an_answer_with_another_events_entry_is_refused() -> None:
    vector = VECTORS["batch-of-three"]
    response = emitter.read_response(bytes.fromhex(vector["exchanges"][0]["response_hex"]))
    sent = decoded([event["event_hex"] for event in vector["events"]])
    with pytest.raises(own_entries.EntryError):
        emitter.check_response(LOG["origin"], ACKNOWLEDGEMENT_KEYS, sent[::-1], response)


def test_the_emitter_puts_the_request_on_the_wire_and_reads_the_answer() -> None:
    exchange = VECTORS["batch-of-three"]["exchanges"][0]
    received = []

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        received.append(request.hex())
        return bytes.fromhex(exchange["response_hex"])

    service, _, method = emitter.METHOD[1:].partition("/")
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = bytes.fromhex(exchange["request_hex"])
        response = emitter.append_events(channel, request, timeout=30)
    server.stop(None).wait()
    assert received == [exchange["request_hex"]]
    assert response == emitter.read_response(bytes.fromhex(exchange["response_hex"]))


@pytest.mark.parametrize("cut", [1, 2, 100, -1])
def test_an_answer_that_cannot_be_read_is_refused(cut: int) -> None:
    data = bytes.fromhex(VECTORS["batch-of-three"]["exchanges"][0]["response_hex"])
    with pytest.raises(calls.ResponseError):
        emitter.read_response(data[:cut])


def blocks_of_the_guide(language: str) -> list[str]:
    blocks = EMITTER_GUIDE.read_text("utf-8").split("```")[1::2]
    return [block.removeprefix(language) for block in blocks if block.startswith(f"{language}\n")]


def test_the_worked_example_of_the_emitter_guide_has_the_bytes_of_its_vector() -> None:
    vector = json.dumps(VECTORS["event-LearnerSignedIn"])
    shown = blocks_of_the_guide("hex")
    assert len(shown) == 10
    for block in shown:
        digits = "".join(line.partition("#")[0] for line in block.splitlines())
        assert "".join(digits.split()) in vector


def test_the_worked_example_of_the_emitter_guide_has_the_texts_of_its_vector() -> None:
    vector = VECTORS["event-LearnerSignedIn"]
    body = vector["exchanges"][0]["acknowledgement"]["body"]
    texts = [vector["entries"][0]["text"], body, LOG_ENTRIES[2].decode()]
    assert [block.strip() for block in blocks_of_the_guide("json")] == texts
