"""What counts of attendance that documents keep: read with the clocks and days of the cohorts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.domain.amendments import AMENDMENTS, Corrected, Counted, stream_record
from ledger.domain.enrolment_hours import attended_record
from ledger.domain.unlisted_presence import UNLISTED_FACTS, approved_record, unlisted_presence
from projections.cohort_briefs import record_rules
from projections.documents import Document
from projections.kept_facts import restored_all
from projections.session_presence import MARKS


@dataclass(frozen=True, slots=True)
class Presence:
    """What one learner's marks show of one session.

    Attributes:
        signed_in: There is a sign-in.
        checked_present: A spot check found the learner present.
        checked_absent: One found the learner absent.
    """

    signed_in: bool
    checked_present: bool
    checked_absent: bool


def counted_marks(
    facts: Iterable[Document],
    enrolment: bytes,
    briefs: Mapping[bytes, Document],
    home: bytes,
    *hosts: bytes,
) -> list[Counted]:
    """Return the sign-ins and spot checks that count.

    Args:
        facts: Facts of the enrolment, as `projections.kept_facts` keeps them.
        enrolment: The enrolment.
        briefs: Documents of the view `cohort_briefs` of home and hosts.
        home: The home cohort.
        hosts: Cohorts whose guest the learner was.
    """
    rules = record_rules(briefs, home, *hosts)
    events = restored_all(facts, enrolment, home)
    record = attended_record(events, rules.offsets, rules.free_days)
    return [each for each in record.counted if each.event.type in MARKS]


def attributed_marks(
    facts: Iterable[Document], enrolment: bytes, cohort: bytes, briefs: Mapping[bytes, Document]
) -> list[Counted]:
    """Return what was recorded of a learner while on no list, and is attributed since.

    Args:
        facts: Facts of the home cohort, as `projections.kept_facts` keeps them.
        enrolment: The enrolment.
        cohort: The home cohort.
        briefs: Documents of the view `cohort_briefs`, that of the home cohort among them.
    """
    types = UNLISTED_FACTS | AMENDMENTS
    events = restored_all((row for row in facts if row["type"] in types), cohort, cohort)
    rules = record_rules(briefs, cohort)
    record = approved_record(stream_record(events, rules.offsets, rules.free_days))
    return unlisted_presence(record.counted).of(enrolment)


def session_of(mark: Counted) -> bytes:
    """Return the session of a mark, as corrected."""
    return mark.id(Corrected.SESSION, mark.event.body.session)


def presence(
    row: Document, enrolment: bytes, cohort: bytes, session: bytes, briefs: Mapping[bytes, Document]
) -> Presence:
    """Return what a row of the view `session_presence` shows.

    Args:
        row: The row.
        enrolment: Its enrolment.
        cohort: The cohort that holds the session.
        session: The session.
        briefs: Documents of the view `cohort_briefs` of this cohort and the learner's own.
    """
    home = bytes.fromhex(row["cohort"])
    here = [
        mark
        for mark in counted_marks(row["facts"], enrolment, briefs, home, cohort)
        if session_of(mark) == session and cohort in mark.event.header.cohorts
    ]
    checks = {mark.event.body.present for mark in here if mark.event.type == "PresenceSpotChecked"}
    return Presence(
        any(mark.event.type == "LearnerSignedIn" for mark in here), True in checks, False in checks
    )
