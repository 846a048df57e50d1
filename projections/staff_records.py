"""What the read side answers about staff files 一人一档, and how it is read from documents."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from projections.documents import Document

APPOINTED: Final = "appointed"
EXITED: Final = "exited"
UNAPPOINTED: Final = "unappointed"


@dataclass(frozen=True, slots=True)
class StaffAppointment:
    """An appointment: StaffRole, trade or subject code, first day (YYYYMMDD), log index."""

    role: int
    subject: str
    from_day: int
    index: int


@dataclass(frozen=True, slots=True)
class StaffQualification:
    """A qualification.

    Attributes:
        qualification: Its kind, a code.
        valid_until: Last day of validity, YYYYMMDD.
        document_digest: SHA-256 of the document as filed.
        index: Log index.
    """

    qualification: str
    valid_until: int
    document_digest: bytes
    index: int


@dataclass(frozen=True, slots=True)
class EducationYear:
    """Continuing education of one year: hours, and the log indices of the events they rest on."""

    year: int
    hours: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A staff file 一人一档.

    Attributes:
        staff: The staff file.
        institution: Whose it is.
        state: appointed, exited, or unappointed when other facts came first.
        appointments: Appointments in log order; the last one holds.
        qualifications: Qualifications in log order.
        education: Continuing education by year.
        exit_reason: Reason code of the exit; empty while the person has not left.
        exited_us: When the exit was recorded; 0 while the person has not left.
        events: Events of the file.
        held: Those of them that count for nothing.
    """

    staff: bytes
    institution: bytes
    state: str
    appointments: tuple[StaffAppointment, ...]
    qualifications: tuple[StaffQualification, ...]
    education: tuple[EducationYear, ...]
    exit_reason: str
    exited_us: int
    events: int
    held: int


def staff_file(staff: bytes, document: Document) -> StaffFile:
    """Return a staff file; its place is its id."""
    appointments, left = document["appointments"], document["exit"]
    return StaffFile(
        staff=staff,
        institution=bytes.fromhex(document["institution"]),
        state=EXITED if left else APPOINTED if appointments else UNAPPOINTED,
        appointments=tuple(StaffAppointment(**each) for each in appointments),
        qualifications=tuple(_qualification(each) for each in document["qualifications"]),
        education=_by_year(document["education"]),
        exit_reason=left["reason"] if left else "",
        exited_us=left["recorded_us"] if left else 0,
        events=document["events"],
        held=document["held"],
    )


def _qualification(document: Document) -> StaffQualification:
    digest = bytes.fromhex(document["document_digest"])
    return StaffQualification(**{**document, "document_digest": digest})


def _by_year(entries: list[Document]) -> tuple[EducationYear, ...]:
    hours: Counter[int] = Counter()
    for entry in entries:
        hours[entry["year"]] += entry["hours"]
    return tuple(
        EducationYear(
            year, hours[year], tuple(each["index"] for each in entries if each["year"] == year)
        )
        for year in sorted(hours)
    )
