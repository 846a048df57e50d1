"""The trust file (docs/formats.md section 10): all that a verifier has to believe beforehand.

It pins the log's two checkpoint keys, the witnesses and their quorum, and the bureau's root key.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from ledger.log import canonical_json
from ledger.log.checkpoints import TrustedKeys, check_log_key, check_origin
from ledger.log.errors import FormatError
from ledger.log.identifiers import key_id
from ledger.log.notes import SignatureType, VerifierKey, decode_base64
from ledger.log.signatures import load_public_key
from ledger.log.tlog_policy import Policy, parse_policy

TRUST_FILE_LIMIT: Final = 1024 * 1024
MAX_AGE_HOURS: Final = 10 * 366 * 24
_MEMBERS: Final = frozenset(
    {"log_keys", "origin", "policy", "root_key", "status_max_age_hours", "v"}
)
_LOG_KEY_TYPES: Final = (SignatureType.ED25519, SignatureType.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True, slots=True)
class TrustFile:
    """What a verifier trusts for one log.

    Attributes:
        origin: Origin of the log.
        log_keys: The checkpoint keys of the log, Ed25519 and then ML-DSA-44; both must have signed.
        policy: C2SP tlog-policy text: witnesses and quorum. Logs that it lists must be these keys.
        root_key: SubjectPublicKeyInfo of the bureau's root key, in DER.
        status_max_age_hours: How old the status of a certificate may be, 1 to 87,840.

    Raises:
        FormatError: when a field is malformed or does not fit the others.
    """

    origin: str
    log_keys: tuple[VerifierKey, ...]
    policy: str
    root_key: bytes
    status_max_age_hours: int

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if tuple(key.type for key in self.log_keys) != _LOG_KEY_TYPES:
            raise FormatError("the log keys are not one Ed25519 and one ML-DSA-44 key")
        for key in self.log_keys:
            check_log_key(key, self.origin)
        listed = {log.key for log in self.parsed_policy().logs}
        if not listed.issubset(self.log_keys):
            raise FormatError("the policy lists a log key that is not in log_keys")
        load_public_key(self.root_key)
        hours = self.status_max_age_hours
        if type(hours) is not int or not 1 <= hours <= MAX_AGE_HOURS:
            raise FormatError(f"status_max_age_hours is 1 to {MAX_AGE_HOURS}")

    @property
    def root_key_id(self) -> bytes:
        """The id of the bureau's root key."""
        return key_id(self.root_key)

    def parsed_policy(self) -> Policy:
        """Return the witness policy.

        Raises:
            FormatError: when the text is not a policy.
        """
        try:
            text = self.policy.encode()
        except UnicodeEncodeError as error:
            raise FormatError("the policy is not UTF-8") from error
        return parse_policy(text)

    def verifiers(self) -> TrustedKeys:
        """Return the keys of the log, which must all have signed, and of the witnesses."""
        witnesses = tuple(witness.key for witness in self.parsed_policy().witnesses)
        return TrustedKeys(self.log_keys, witnesses)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        return canonical_json.encode(
            {
                "v": 1,
                "origin": self.origin,
                "log_keys": [key.vkey() for key in self.log_keys],
                "policy": self.policy,
                "root_key": b64encode(self.root_key).decode(),
                "status_max_age_hours": self.status_max_age_hours,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrustFile":
        """Read a trust file from its bytes.

        Raises:
            FormatError: when the bytes are not exactly one trust file in canonical form.
        """
        document = canonical_json.decode(data, TRUST_FILE_LIMIT)
        if document.keys() != _MEMBERS:
            raise FormatError(f"a trust file has the members {', '.join(sorted(_MEMBERS))}")
        try:
            trust = cls._from_members(document)
        except (AttributeError, TypeError, ValueError) as error:
            raise FormatError(f"not a trust file: {error!r}") from error
        if trust.to_bytes() != data:
            raise FormatError("not a trust file in canonical form")
        return trust

    @classmethod
    def _from_members(cls, document: dict[str, Any]) -> "TrustFile":
        return cls(
            document["origin"],
            tuple(VerifierKey.from_vkey(vkey) for vkey in document["log_keys"]),
            document["policy"],
            decode_base64(document["root_key"]),
            document["status_max_age_hours"],
        )
