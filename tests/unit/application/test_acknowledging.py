"""Acknowledgements against the published exchanges, byte for byte."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.api.v1 import recording_service_pb2 as recording
from ledger.application.acknowledging import Acknowledger
from ledger.application.outcomes import Answer, NotKnown, Recorded, Refused
from ledger.domain.refusals import Refusal
from ledger.log.acknowledgements import verify_acknowledgement, verify_place
from ledger.log.errors import ProofError
from ledger.log.signatures import load_public_key
from tests.independent.vectors import ADMITTED, VECTORS

EXCHANGES = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name in ADMITTED
    for number in range(len(VECTORS[name]["exchanges"]))
]


def _answers(response: recording.AppendEventsResponse) -> list[Answer]:
    """What the sequencer must have answered, as the published response says."""
    answers: list[Answer] = []
    for result in response.results:
        match result.WhichOneof("outcome"):
            case "accepted":
                place = result.accepted
                digest = sha256(b"\x00" + place.entry).digest()
                answers.append(
                    Recorded(
                        result.event_id,
                        place.index,
                        place.entry,
                        digest,
                        place.held,
                        repeated=place.repeated,
                    )
                )
            case "rejected":
                answers.append(Refused(result.event_id, Refusal(result.rejected.code)))
            case _:
                answers.append(NotKnown(result.event_id, result.unknown.code))
    return answers


def _exchange(name: str, number: int) -> tuple[dict[str, Any], recording.AppendEventsResponse]:
    exchange = VECTORS[name]["exchanges"][number]
    data = bytes.fromhex(exchange["response_hex"])
    return exchange, recording.AppendEventsResponse.FromString(data)


@pytest.mark.parametrize(("name", "number"), EXCHANGES)
def test_a_published_response_is_signed_again_with_the_same_bytes(name: str, number: int) -> None:
    exchange, response = _exchange(name, number)
    published = exchange["acknowledgement"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(published["private_key_hex"]))
    signed = Acknowledger(VECTORS[name]["origin"], key).acknowledge(_answers(response))
    assert signed is not None
    assert signed.key_id.hex() == published["key_id_hex"]
    assert signed.signature.hex() == published["signature_hex"]
    assert signed.root.hex() == published["root_hex"]
    assert len(signed.paths) == published["size"] == response.acknowledgement.size
    assert [b"".join(path).hex() for path in signed.paths] == [
        b"".join(bytes.fromhex(step) for step in path).hex() for path in published["paths_hex"]
    ]
    accepted = [
        result.accepted for result in response.results if result.WhichOneof("outcome") == "accepted"
    ]
    assert [place.path for place in accepted] == [b"".join(path) for path in signed.paths]
    assert [place.position for place in accepted] == list(range(len(accepted)))


def _recorded(index: int) -> Recorded:
    entry = json.dumps({"index": index}).encode()
    digest = sha256(b"\x00" + entry).digest()
    return Recorded(UUID(int=index).bytes, index, entry, digest, "", repeated=False)


KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ACKNOWLEDGER = Acknowledger("log.example/320599", KEY)


@pytest.mark.parametrize("count", range(1, 10))
def test_every_recorded_event_has_its_path_and_the_others_have_none(count: int) -> None:
    recorded = [_recorded(3 * number) for number in range(count)]
    others: list[Answer] = [Refused(b"", Refusal("LOG_CLOSED")), NotKnown(b"", "X")]
    signed = ACKNOWLEDGER.acknowledge([others[0], *recorded, others[1]])
    assert signed is not None
    assert len(signed.paths) == count
    for position, (answer, path) in enumerate(zip(recorded, signed.paths, strict=True)):
        verify_place(answer.index, answer.hash, position, count, path, signed.root)
        with pytest.raises(ProofError):
            verify_place(answer.index + 1, answer.hash, position, count, path, signed.root)
    public = load_public_key(b"0*0\x05\x06\x03+ep\x03!\x00" + KEY.public_key().public_bytes_raw())
    verify_acknowledgement(public, "log.example/320599", signed.root, signed.signature)
    with pytest.raises(ProofError):
        verify_acknowledgement(public, "log.example/other", signed.root, signed.signature)


def test_nothing_recorded_is_nothing_to_sign() -> None:
    assert ACKNOWLEDGER.acknowledge([Refused(b"", Refusal("LOG_CLOSED"))]) is None
    assert ACKNOWLEDGER.acknowledge([]) is None


def test_a_retry_is_acknowledged_like_the_first_time() -> None:
    place = _recorded(5)
    again = Recorded(place.event_id, 5, place.entry, place.hash, "", repeated=True)
    assert ACKNOWLEDGER.acknowledge([place]) == ACKNOWLEDGER.acknowledge([again])
