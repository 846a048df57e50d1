"""What the training certificate 培训证明 says, as an Open Badges 3.0 credential.

1EdTech Open Badges 3.0 on the W3C Verifiable Credentials Data Model 2.0, with the two standard
contexts and no other, so that every verifier with a fixed list of contexts reads it. This module
makes the *core*: the credential without `evidence` and `proof`, which `ledger.log.certificate_file`
adds.

There is no `credentialStatus`: whether a certificate is live, suspended, superseded or revoked is
what the log says as of a checkpoint. There are no scores either: results belong to who examined.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from uuid import UUID

from ledger.log.certificate_numbers import check_number
from ledger.log.contexts import CREDENTIALS_V2, OPEN_BADGES_3
from ledger.log.errors import FormatError
from ledger.log.masking import MASK

TITLE: Final = "安全生产培训证明"
SCHEMA: Final = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
# Absolute, and without the characters that end an IRI in N-Quads.
ABSOLUTE_URI: Final = re.compile(r'[a-z][a-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]+')

_MAX_TEXT: Final = 2000
_MAX_HOURS: Final = 100_000
_DECIMALS: Final = 2
_RANDOM_UUID: Final = 4
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "host": re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?"),
        "issuer_did": re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+"),
        "issuer_credit_code": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}"),
        # 1EdTech's IdentifierTypeEnum, as far as it identifies persons, or an extension of it.
        "id_type": re.compile(r"nationalIdentityNumber|ext:[A-Za-z0-9._-]+"),
        "achievement_id": ABSOLUTE_URI,
    }
)
_TEXTS: Final = (
    "issuer_name",
    "masked_name",
    "masked_id_number",
    "achievement_code",
    "achievement_name",
    "trade",
    "category",
    "criteria",
)


@dataclass(frozen=True, slots=True)
class CoreFields:
    """What a certificate says.

    Args:
        number: certificate number, `PXZM-320599-2026-K7Q2-M4XB-9T3H-T`.
        subject_id: random version 4 UUID. Its 122 random bits keep the core's digest from being
            guessed; it stands nowhere else.
        host: host of the certificate's address, `cert.example.org`. Nothing rests on it.
        issuer_did: DID of the institution, `did:web:…`.
        issuer_name: name of the institution.
        issuer_credit_code: its 统一社会信用代码, 18 characters.
        masked_name: the learner's name by `ledger.log.masking.mask_name`.
        masked_id_number: the learner's ID number by `ledger.log.masking.mask_id_number`.
        id_type: `nationalIdentityNumber`, or `ext:` and a code, `ext:passport`.
        achievement_id: URI of the policy or programme that was fulfilled.
        achievement_code: its code in the policy file, `AQ-FZR-2024`.
        achievement_name: its name.
        trade: trade or field, `危险化学品`.
        category: category of person, `主要负责人`.
        criteria: the requirement in words.
        required_hours: hours that the policy asks for, at most two decimals.
        credited_hours: hours that were credited, at most two decimals.
        period_from: first day of training, Asia/Shanghai.
        period_to: last day of training, Asia/Shanghai.
        issued_at: moment from which the certificate is valid, with a UTC offset; whole seconds
            count.
        valid_until: moment at which it stops counting, or None.
    """

    number: str
    subject_id: str
    host: str
    issuer_did: str
    issuer_name: str
    issuer_credit_code: str
    masked_name: str
    masked_id_number: str
    id_type: str
    achievement_id: str
    achievement_code: str
    achievement_name: str
    trade: str
    category: str
    criteria: str
    required_hours: Decimal
    credited_hours: Decimal
    period_from: date
    period_to: date
    issued_at: datetime
    valid_until: datetime | None = None


def build_core(fields: CoreFields) -> dict[str, object]:
    """The credential without `proof` and `evidence`.

    Raises:
        FormatError: a field is malformed, or name or ID number are not masked.
    """
    _check_fields(fields)
    core: dict[str, object] = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_3],
        "id": f"https://{fields.host}/c/{fields.number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": TITLE,
        "issuer": {
            "id": fields.issuer_did,
            "type": ["Profile"],
            "name": fields.issuer_name,
            "otherIdentifier": [
                {
                    "type": "IdentifierEntry",
                    "identifier": fields.issuer_credit_code,
                    "identifierType": "ext:USCC",
                }
            ],
        },
        "validFrom": _moment(fields.issued_at),
        "credentialSubject": _subject(fields),
        "credentialSchema": [{"id": SCHEMA, "type": "JsonSchema"}],
    }
    if fields.valid_until is not None:
        core["validUntil"] = _moment(fields.valid_until)
    return core


def _subject(fields: CoreFields) -> dict[str, object]:
    return {
        "id": f"urn:uuid:{fields.subject_id}",
        "type": ["AchievementSubject"],
        "identifier": [
            _identity("name", fields.masked_name),
            _identity(fields.id_type, fields.masked_id_number),
        ],
        "licenseNumber": fields.number,
        "activityStartDate": f"{fields.period_from.isoformat()}T00:00:00+08:00",
        "activityEndDate": f"{fields.period_to.isoformat()}T00:00:00+08:00",
        "creditsEarned": _hours(fields.credited_hours),
        "achievement": {
            "id": fields.achievement_id,
            "type": ["Achievement"],
            "achievementType": "Certificate",
            "name": fields.achievement_name,
            "description": f"{fields.trade}{fields.category}安全生产培训。",
            "criteria": {"narrative": fields.criteria},
            "humanCode": fields.achievement_code,
            "fieldOfStudy": fields.trade,
            "specialization": fields.category,
            "creditsAvailable": _hours(fields.required_hours),
            "inLanguage": "zh-CN",
        },
    }


def _identity(kind: str, masked: str) -> dict[str, object]:
    # Not hashed: ID numbers have so little entropy that any published hash gives them away.
    return {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": masked,
        "identityType": kind,
    }


def _check_fields(fields: CoreFields) -> None:
    check_number(fields.number)
    _check_random_uuid(fields.subject_id)
    for name, pattern in _PATTERNS.items():
        if not pattern.fullmatch(getattr(fields, name)):
            raise FormatError(f"{name} is malformed")
    for name in _TEXTS:
        text = getattr(fields, name)
        if not text.strip() or len(text) > _MAX_TEXT or not text.isprintable():
            raise FormatError(f"{name} must be 1 to {_MAX_TEXT} printable characters")
    for name in ("masked_name", "masked_id_number"):
        if MASK not in getattr(fields, name):
            raise FormatError(f"{name} must be masked")
    if fields.period_from > fields.period_to:
        raise FormatError("period_from must not be after period_to")
    if fields.valid_until is not None and _moment(fields.valid_until) <= _moment(fields.issued_at):
        raise FormatError("valid_until must be after issued_at")


def _check_random_uuid(text: str) -> None:
    try:
        value = UUID(text)
    except ValueError as error:
        raise FormatError("subject_id must be a UUID") from error
    if str(value) != text or value.version != _RANDOM_UUID:
        raise FormatError("subject_id must be a random (version 4) UUID in lower case")


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise FormatError("a moment needs a UTC offset")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hours(value: Decimal) -> int | float:
    """Hours as a JSON number: an integer if they have no fraction, as JSON-LD needs it."""
    if not value.is_finite() or not 0 <= value <= _MAX_HOURS or value != round(value, _DECIMALS):
        raise FormatError(f"hours must be 0 to {_MAX_HOURS} with at most {_DECIMALS} decimals")
    return int(value) if value == int(value) else float(value)
