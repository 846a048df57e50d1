"""Who may write what (DESIGN section 4): key state, key use, role, ownership, area.

The table of roles and key uses is `event_types`; what depends on cohort and area is here. Ownership
needs no opening event: the first entry under a cohort's key fixes the owner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.event_types import EVENT_TYPES, EventType, Role
from ledger.domain.holding import ATTENDANCE
from ledger.domain.party_states import PartyState, StaffState
from ledger.domain.recorded_event import Message, RecordedEvent
from ledger.domain.refusals import Refusal
from ledger.domain.states import (
    ENDING_COMPROMISED,
    ENDING_LOST_OR_RETIRED,
    ENDING_ROTATED,
    CohortState,
    KeyState,
)

_ENDINGS: Final = {
    ENDING_ROTATED: "rotated",
    ENDING_LOST_OR_RETIRED: "lost or retired",
    ENDING_COMPROMISED: "compromised",
}
TRANSCRIBED: Final = frozenset({3, 4})
"""`RecordOrigin` numbers of records taken over from paper or from another system."""

TRANSCRIBERS: Final[Mapping[str, Role]] = {
    "TheoryExamResultRecorded": Role.BUREAU,
    "PracticalExamResultRecorded": Role.BUREAU,
    "OnlineLessonCompleted": Role.INSTITUTION,
}
"""Who may transcribe what its usual writer, having no key, cannot send: marked, by two persons."""


GUEST_FACTS: Final = ATTENDANCE | {"RecordCorrected", "EventVoided"}
"""What a host institution may write of another institution's learner in its own sessions."""


@dataclass(frozen=True, slots=True)
class Author:
    """The key that signed and the party that it signs for."""

    key: KeyState
    party: PartyState


def key_refusal(key: KeyState, event_type: EventType, now_us: int) -> Refusal | None:
    """Return why the key may not sign this type now, by its own state."""
    ended = ending_refusal(key, event_type, now_us, "header.author_key")
    if ended is not None:
        return ended
    if key.use not in event_type.uses:
        values = {"use": key.use.value, "type": event_type.name}
        return Refusal("KEY_USE", "header.author_key", values)
    return None


def ending_refusal(key: KeyState, event_type: EventType, now_us: int, field: str) -> Refusal | None:
    """Return why a key, the author's or the approver's, no longer counts for this type.

    A lost or retired key's facts are held, not refused (`held_by_key`).
    """
    ending = key.ending
    backlog = ending == ENDING_ROTATED and now_us <= key.accepted_until_us
    held = ending == ENDING_LOST_OR_RETIRED and not event_type.decision
    if ending and not backlog and not held:
        return Refusal("KEY_ENDED", field, {"ending": _ENDINGS[ending]})
    return None


def loosened_refusal(key: KeyState, ending: int, accepted_until_us: int) -> Refusal | None:
    """Return why a key that has ended may not end in this way as well.

    An ending is only ever tightened: a rotated key would prolong itself, and a compromised one be
    believed again. Another compromise adds contested entries and takes none away.
    """
    sooner = ending == ENDING_ROTATED and accepted_until_us <= key.accepted_until_us
    if not key.ending or ending > key.ending or ending == ENDING_COMPROMISED:
        return None
    if key.ending == ENDING_ROTATED and sooner:
        return None
    return Refusal("KEY_ENDED", "ending", {"ending": _ENDINGS[key.ending]})


def held_by_key(key: KeyState) -> bool:
    """Tell whether the key's facts are held until its institution attests them."""
    return key.ending == ENDING_LOST_OR_RETIRED


def role_refusal(author: Author, event_type: EventType, header: Message) -> Refusal | None:
    """Return why a party of this role may not write the type."""
    role = author.party.role
    if role in event_type.writers:
        return None
    transcriber = TRANSCRIBERS.get(event_type.name) is role
    two_persons = header.entered_by and header.approved_by
    if (
        transcriber
        and header.record_origin in TRANSCRIBED
        and header.source_digest
        and two_persons
        and header.entered_by != header.approved_by
    ):
        return None
    return Refusal(
        "NOT_YOURS_TO_WRITE",
        "header.author_key",
        {"role": role.value, "type": event_type.name},
    )


def transcription_refusal(
    author: Author, event_type: EventType, cohort: CohortState | None
) -> Refusal | None:
    """Return why a party may not transcribe: the cohort names who writes this type itself."""
    if author.party.role in event_type.writers or cohort is None:
        return None
    named = cohort.platform if Role.PLATFORM in event_type.writers else cohort.exam_body
    if not named:
        return None
    values = {"role": author.party.role.value, "type": event_type.name}
    return Refusal("NOT_YOURS_TO_WRITE", "header.record_origin", values)


def cohort_refusal(
    author: Author, header: Message, cohort: CohortState | None, owner: PartyState | None
) -> Refusal | None:
    """Return why the author may not write into the home cohort.

    Args:
        author: Who wrote.
        header: The event's header.
        cohort: The home cohort, None before its first entry.
        owner: The institution that the header names, None when it is not registered.
    """
    holder, institution = author.key.holder, header.institution
    if owner is None:
        return Refusal("UNKNOWN_PARTY", "header.institution", {"party": institution.hex()})
    if cohort is not None and cohort.owner != institution:
        return Refusal("NOT_YOUR_COHORT", "header.institution")
    role = author.party.role
    if role is Role.INSTITUTION:
        allowed = holder == institution
    elif cohort is None:
        allowed = False  # The first entry fixes the owner: it is the owner's own.
    elif role is Role.BUREAU:
        return area_refusal(author.party, owner.area, "header.institution")
    else:
        allowed = holder == (cohort.platform if role is Role.PLATFORM else cohort.exam_body)
    return None if allowed else Refusal("NOT_YOUR_COHORT", "header.cohorts")


def is_host(author: Author, header: Message, others: Sequence[bytes]) -> bool:
    """Tell whether an institution writes of another one's learner, as the host of its sessions."""
    own = author.key.holder == header.institution
    return author.party.role is Role.INSTITUTION and not own and bool(others)


def host_refusal(
    author: Author,
    header: Message,
    home: CohortState | None,
    hosts: Sequence[CohortState | None],
) -> Refusal | None:
    """Return why a host may not write of a guest.

    Args:
        author: Who wrote.
        header: The event's header.
        home: The learner's home cohort.
        hosts: The other cohorts that the header names.
    """
    if home is None or home.owner != header.institution:
        return Refusal("NOT_YOUR_COHORT", "header.institution")
    if any(host is None or host.owner != author.key.holder for host in hosts):
        return Refusal("NOT_YOUR_COHORT", "header.cohorts")
    return None


def amendment_refusal(
    author: Author, target: RecordedEvent | None, writer: Role | None
) -> Refusal | None:
    """Return why the author may not amend an event: only its kind of writer corrects it.

    Where several roles write a type, that of the target's own author decides. A transcriber
    corrects what it transcribed, not what the usual writer sent or took over itself; the usual
    writer corrects that too.

    Args:
        author: Who wrote the amendment.
        target: The event that it names, None when that is not recorded.
        writer: Role of the party that wrote the target.
    """
    known = None if target is None else EVENT_TYPES.get(target.type)
    if target is None or known is None:
        return None
    role = author.party.role
    transcriber = TRANSCRIBERS.get(target.type)
    usual = role in known.writers and writer is not None and writer in (role, transcriber)
    transcribed = target.header.record_origin in TRANSCRIBED and transcriber is role
    if usual or (transcribed and writer is role):
        return None
    return Refusal("NOT_YOURS_TO_WRITE", "target", {"role": role.value, "type": target.type})


def institution_refusal(
    author: Author, event_type: EventType, header: Message, institution: PartyState | None
) -> Refusal | None:
    """Return why the author may not write into an institution's stream.

    Args:
        author: Who wrote.
        event_type: The event's type.
        header: The event's header.
        institution: The party that the header names, None when it is not registered.
    """
    if institution is None:
        values = {"party": header.institution.hex()}
        return Refusal("UNKNOWN_PARTY", "header.institution", values)
    if author.party.role is Role.BUREAU:
        return area_refusal(author.party, institution.area, "header.institution")
    return _own_refusal(author, event_type, header)


def staff_refusal(
    author: Author, event_type: EventType, header: Message, staff: StaffState | None
) -> Refusal | None:
    """Return why the author may not write into a staff file; its first entry fixes the owner."""
    if staff is not None and staff.owner != header.institution:
        values = {"role": author.party.role.value, "type": event_type.name}
        return Refusal("NOT_YOURS_TO_WRITE", "header.stream", values)
    return _own_refusal(author, event_type, header)


def _own_refusal(author: Author, event_type: EventType, header: Message) -> Refusal | None:
    if author.key.holder == header.institution:
        return None
    values = {"role": author.party.role.value, "type": event_type.name}
    return Refusal("NOT_YOURS_TO_WRITE", "header.institution", values)


def area_refusal(bureau: PartyState, area: str, field: str) -> Refusal | None:
    """Return why an area is not the bureau's; areas nest by their GB/T 2260 prefixes."""
    if area.startswith(bureau.area):
        return None
    return Refusal("NOT_YOUR_AREA", field, {"area": area, "own": bureau.area})
