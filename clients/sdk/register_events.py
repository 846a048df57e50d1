"""Events of the register: parties, keys and policies (docs/formats.md section 3)."""

from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from clients.sdk.capture import USUAL, Capture, Circumstances, Place
from clients.sdk.captured_events import CapturedEvent
from clients.sdk.errors import DraftError
from clients.sdk.field_values import chosen, count, digest, micros, text
from ledger.api.v1 import events_pb2 as pb
from ledger.log.errors import FormatError
from ledger.log.identifiers import key_stream, party_id, policy_stream
from ledger.log.signatures import load_public_key

ALGORITHMS: Final = {
    "ed25519": pb.ALGORITHM_ED25519,
    "ecdsa-p256": pb.ALGORITHM_ECDSA_P256,
}
_INDEX_LIMIT: Final = 2**53


class RegisterEvents(Capture):
    """What bureaus and parties write about themselves."""

    def institution_registered(
        self,
        *,
        kind: pb.PartyKind.ValueType,
        credit_code: str,
        name: str,
        area: str,
        directory_number: str = "",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A party enters the ledger 机构入册; written by a bureau.

        Args:
            kind: What the party is.
            credit_code: 统一社会信用代码; the party's id follows from it.
            name: Name of the organisation as registered.
            area: Area code (GB/T 2260), 2, 4 or 6 digits.
            directory_number: Number in the directory of institutions, empty where there is none.
            how: The circumstances.

        Raises:
            DraftError: when a value is empty or not stated.
        """
        body = pb.InstitutionRegistered(
            kind=chosen("kind", kind),
            credit_code=text("credit_code", credit_code),
            name=text("name", name),
            area=text("area", area),
            directory_number=directory_number,
        )
        party = party_id(self._identity.origin, credit_code)
        return self._capture(body, Place(party, party), how)

    def key_registered(
        self,
        *,
        public_key: bytes,
        holder: UUID,
        use: pb.KeyUse.ValueType,
        device: str = "",
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A key enters the key tree 密钥登记.

        Args:
            public_key: SubjectPublicKeyInfo in DER; the algorithm follows from it.
            holder: The party that the key signs for.
            use: What it may sign.
            device: Serial code of the device or system, empty for a party's own key.
            how: The circumstances.

        Raises:
            DraftError: when it is no public key of an admitted algorithm, or a value is not stated.
        """
        try:
            key = load_public_key(public_key)
        except FormatError as error:
            raise DraftError(f"public_key: {error}") from error
        body = pb.KeyRegistered(
            public_key=public_key,
            algorithm=ALGORITHMS[key.algorithm],
            holder=holder.bytes,
            use=chosen("use", use),
            device=device,
        )
        return self._capture(
            body, Place(key_stream(self._identity.origin, key.key_id), holder), how
        )

    def key_ended(
        self,
        *,
        key_id: bytes,
        holder: UUID,
        ending: pb.KeyEnding.ValueType,
        accepted_until: datetime | None = None,
        from_index: int = 0,
        how: Circumstances = USUAL,
    ) -> CapturedEvent:
        """A key ends 密钥终止.

        Args:
            key_id: SHA-256 of the key's SubjectPublicKeyInfo.
            holder: The party that it signs for.
            ending: How it ends.
            accepted_until: Rotated: until when what was captured before is accepted.
            from_index: Compromised: first contested log index.
            how: The circumstances.

        Raises:
            DraftError: when a value is not stated or does not belong to this ending.
        """
        if accepted_until is not None and ending != pb.KEY_ENDING_ROTATED:
            raise DraftError("accepted_until is for rotated keys alone")
        if from_index and ending != pb.KEY_ENDING_COMPROMISED:
            raise DraftError("from_index is for compromised keys alone")
        body = pb.KeyEnded(
            ending=chosen("ending", ending),
            accepted_until_us=(
                0 if accepted_until is None else micros("accepted_until", accepted_until)
            ),
            from_index=count("from_index", from_index, _INDEX_LIMIT),
        )
        stream = key_stream(self._identity.origin, digest("key_id", key_id))
        return self._capture(body, Place(stream, holder), how)

    def policy_adopted(self, *, document: bytes, how: Circumstances = USUAL) -> CapturedEvent:
        """A policy file binds this log 政策采用; signed by the city bureau.

        Args:
            document: Bytes of the policy file, UTF-8 TOML.
            how: The circumstances.

        Raises:
            DraftError: when the document is empty.
        """
        if not document:
            raise DraftError("document is empty")
        body = pb.PolicyAdopted(digest=sha256(document).digest(), document=document)
        stream = policy_stream(self._identity.origin)
        return self._capture(body, Place(stream, self._identity.party), how)
