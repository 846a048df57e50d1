"""DSSE: the protocol's own test vector and the ledger's two types."""

from ledger.log import dsse
from tests.independent.vectors import VECTORS


def test_the_vector_of_the_protocol() -> None:
    # DSSE protocol, "Test Vectors": type http://example.com/HelloWorld, payload "hello world".
    assert dsse.pre_authentication_encoding("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_those_of_the_bytes_and_an_empty_body_has_one() -> None:
    assert dsse.pre_authentication_encoding("学", b"") == b"DSSEv1 3 \xe5\xad\xa6 0 "


def test_a_batch_message_is_the_types_encoding_of_the_root() -> None:
    batch = VECTORS["batch-of-three"]["batch"]
    root = bytes.fromhex(batch["root_hex"])
    message = dsse.batch_message(root)
    assert message == b"DSSEv1 32 application/vnd.tledger.batch.v1 32 " + root
    assert message.hex() == batch["dsse_hex"]
    assert message != dsse.pre_authentication_encoding(dsse.ACKNOWLEDGEMENT_TYPE, root)
