"""From documents of the views to the records that are answered; one function per record."""

from base64 import b64decode

from ledger.log.identifiers import key_id
from projections.answers import Certificate, Cohort, HeldEvent, Key, OfficialCertificate
from projections.documents import Document

_LATER = (
    "supersedes",
    "successor",
    "superseded_us",
    "superseding_reason",
    "suspended_us",
    "suspension_reason",
    "reinstated_us",
    "reinstatement_reason",
)
"""Members of a certificate that are there only from an event on."""


def cohort(cohort_id: bytes, document: Document) -> Cohort:
    """Return a cohort in brief."""
    return Cohort(
        cohort=cohort_id,
        institution=bytes.fromhex(document["institution"]),
        number=document["number"],
        trade=document["trade"],
        trade_name=document["trade_name"],
        policy=bytes.fromhex(document["policy"]),
        platform=bytes.fromhex(document["platform"]),
        exam_body=bytes.fromhex(document["exam_body"]),
        state=document["state"],
        enrolled=document["enrolled"],
        capacity=document["capacity"],
        first_day=document["first_day"],
        last_day=document["last_day"],
        certificates=document["certificates"],
    )


def key(document: Document) -> Key:
    """Return a key."""
    public_key = bytes.fromhex(document["public_key"])
    return Key(
        key_id=key_id(public_key),
        public_key=public_key,
        algorithm=document["algorithm"],
        holder=bytes.fromhex(document["holder"]),
        use=document["use"],
        device=document["device"],
        ending=document["ending"],
        accepted_until_us=document["accepted_until_us"],
        from_index=document["from_index"],
        registered_index=document["registered_index"],
    )


def certificate(
    stream: bytes,
    document: Document,
    issuer: Document | None,
    home: Document | None,
) -> Certificate:
    """Return a certificate.

    Args:
        stream: Its stream.
        document: Its document.
        issuer: Document of the issuing institution.
        home: Document of the home cohort.
    """
    return Certificate(
        number=document["number"],
        certificate=stream,
        edition=document["edition"],
        institution=bytes.fromhex(document["institution"]),
        institution_name=issuer["name"] if issuer else "",
        cohort=bytes.fromhex(document["cohort"]),
        trade_name=home["trade_name"] if home else "",
        state=document["state"],
        revocation_reason=document["reason"],
        issued_us=document["issued_us"],
        revoked_us=document["revoked_us"],
        issued_index=document["issued_index"],
        policy=bytes.fromhex(document["policy"]),
        evaluator_version=document["evaluator_version"],
        credited=tuple((component, hours) for component, hours in document["credited"]),
        **{name: document[name] for name in _LATER if name in document},
        official=OfficialCertificate(**document["official"]) if "official" in document else None,
    )


def held_event(place: bytes, document: Document) -> HeldEvent:
    """Return a held fact; its place is its index in the log."""
    return HeldEvent(
        index=int.from_bytes(place, "big"),
        event_id=bytes.fromhex(document["event_id"]),
        type=document["type"],
        stream=bytes.fromhex(document["stream"]),
        cohort=bytes.fromhex(document["cohort"]),
        institution=bytes.fromhex(document["institution"]),
        code=document["code"],
        recorded_us=document["recorded_us"],
    )


def policy(document: Document) -> bytes:
    """Return the bytes of a policy file."""
    return b64decode(document["document"])
