"""DSSE pre-authentication encoding (secure-systems-lab DSSE v1) and the ledger's payload types."""

BATCH_TYPE = "application/vnd.tledger.batch.v1"
ACKNOWLEDGEMENT_TYPE = "application/vnd.tledger.ack.v1"


def pre_authentication_encoding(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that are signed for a payload of a type."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def batch_message(root: bytes) -> bytes:
    """Return what an author key signs for a batch with this root."""
    return pre_authentication_encoding(BATCH_TYPE, root)
