"""Corrections: a field with the one kind of value that it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from clients.sdk.errors import DraftError
from clients.sdk.field_values import chosen, count, digest, micros, score
from ledger.api.v1 import events_pb2 as pb

_NUMBER_LIMIT: Final = 2**53
_MOMENTS: Final = frozenset({pb.CORRECTED_FIELD_OCCURRED, pb.CORRECTED_FIELD_SIGNED_OUT})
_IDS: Final = frozenset({pb.CORRECTED_FIELD_SESSION, pb.CORRECTED_FIELD_TEACHER})


@dataclass(frozen=True, slots=True)
class Correction:
    """What is corrected, and its new value; made by one of the methods below.

        Correction.signed_out(datetime(2026, 3, 2, 11, 30, tzinfo=china))

    Attributes:
        field: What is corrected.
        number: New moment (microseconds since 1970 UTC), minutes, or score (hundredths).
        id: New session or teacher.
        commitment: New identity commitment.

    Raises:
        DraftError: when the value is not the one that the field has.
    """

    field: pb.CorrectedField.ValueType
    number: int = 0
    id: UUID | None = None
    commitment: bytes = b""

    def __post_init__(self) -> None:
        chosen("field", self.field)
        count("number", self.number, _NUMBER_LIMIT)
        name = pb.CorrectedField.Name(self.field).removeprefix("CORRECTED_FIELD_")
        has_id, is_identity = self.field in _IDS, self.field == pb.CORRECTED_FIELD_IDENTITY
        if (self.id is not None) != has_id:
            raise DraftError(f"id: {name} {'needs one' if has_id else 'has none'}")
        if bool(self.commitment) != is_identity:
            raise DraftError(f"commitment: {name} {'needs one' if is_identity else 'has none'}")
        if self.number and (has_id or is_identity):
            raise DraftError(f"number: {name} has no number")
        if self.field in _MOMENTS and not self.number:
            raise DraftError(f"number: {name} needs a moment")
        if self.field == pb.CORRECTED_FIELD_SCORE:
            score("number", self.number)
        if self.commitment:
            digest("commitment", self.commitment)

    @classmethod
    def occurred(cls, moment: datetime) -> "Correction":
        """When it happened, with a UTC offset."""
        return cls(pb.CORRECTED_FIELD_OCCURRED, micros("occurred", moment))

    @classmethod
    def signed_out(cls, moment: datetime) -> "Correction":
        """The sign-out that a sign-in misses, with a UTC offset."""
        return cls(pb.CORRECTED_FIELD_SIGNED_OUT, micros("signed_out", moment))

    @classmethod
    def session(cls, session: UUID) -> "Correction":
        """The session."""
        return cls(pb.CORRECTED_FIELD_SESSION, id=session)

    @classmethod
    def minutes(cls, minutes: int) -> "Correction":
        """Minutes watched, or minutes of breaks."""
        return cls(pb.CORRECTED_FIELD_MINUTES, minutes)

    @classmethod
    def score(cls, hundredths: int) -> "Correction":
        """A score in hundredths of a point."""
        return cls(pb.CORRECTED_FIELD_SCORE, hundredths)

    @classmethod
    def teacher(cls, teacher: UUID) -> "Correction":
        """The teacher, by the staff file."""
        return cls(pb.CORRECTED_FIELD_TEACHER, id=teacher)

    @classmethod
    def identity(cls, commitment: bytes) -> "Correction":
        """Who the learner is: the new identity commitment."""
        return cls(pb.CORRECTED_FIELD_IDENTITY, commitment=commitment)
