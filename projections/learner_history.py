"""A learner's history: every enrolment of an institution's reference, each by its own figures.

Each row is what the file of that cohort says of that learner, by the functions that make the file
and from the documents of that one learner: neither file nor classmates are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from projections import certificates, cohorts, enrolments, from_documents
from projections.answers import Certificate, Cohort
from projections.cohort_file import host_cohorts, read_cohort, repinned
from projections.cohort_file_reader import read_policies, walk
from projections.cohort_file_records import CohortFileLearner
from projections.cohort_learners import learner_row, read_learner
from projections.documents import Document
from projections.ports import ViewReader
from projections.trace import certificates_of


@dataclass(frozen=True, slots=True)
class HistoryEnrolment:
    """One enrolment of a learner.

    Attributes:
        place: Where it stands: in the order in which enrolments began.
        cohort: Its cohort in brief.
        learner: What the cohort's file says of the learner.
        transferred_from: The cohort that the learner was transferred from; empty otherwise.
        certificates: Every edition, oldest first.
    """

    place: bytes
    cohort: Cohort
    learner: CohortFileLearner
    transferred_from: bytes
    certificates: tuple[Certificate, ...]


def read_history(
    reader: ViewReader, person_ref: bytes, after: bytes, limit: int
) -> tuple[tuple[HistoryEnrolment, ...], bytes]:
    """Return a page of a learner's enrolments, and the place of its last where a next one begins.

    Args:
        reader: The documents of one state.
        person_ref: The institution's reference for the learner.
        after: Place to begin behind; empty for the beginning.
        limit: Most rows.
    """
    # All of them, a person has few: an enrolment that was transferred names where it went.
    links = list(walk(reader, enrolments.BY_PERSON, person_ref, b""))
    keys = [bytes.fromhex(link["enrolment"]) for _, link in links]
    known = reader.get(enrolments.VIEW, keys)
    sources = {
        each["transferred_to"]: bytes.fromhex(each["cohort"])
        for each in known.values()
        if each["transferred_to"]
    }
    behind = [(place, key) for (place, _), key in zip(links, keys, strict=True) if place > after]
    shown = behind[:limit]
    rows = tuple(_row(reader, place, key, known[key], sources) for place, key in shown)
    return rows, shown[-1][0] if len(behind) > limit else b""


def _row(
    reader: ViewReader,
    place: bytes,
    enrolment: bytes,
    document: Document,
    sources: Mapping[str, bytes],
) -> HistoryEnrolment:
    home = bytes.fromhex(document["cohort"])
    # The home cohort first, then the hosts that there are: as the file has them.
    wanted = [home, *sorted(host_cohorts([(enrolment, document)]))]
    found = reader.get(cohorts.VIEW, wanted)
    own = found[home]
    policies = read_policies(reader, {bytes.fromhex(pin["policy"]) for pin in own["pins"]})
    policy = policies.get(bytes.fromhex(own["policy"]))
    records = [read_cohort(cohort, found[cohort], policy) for cohort in wanted if cohort in found]
    learner = read_learner(enrolment, document, records, policy)
    person_ref = bytes.fromhex(document["person_ref"])
    newest = certificates.latest_editions(
        {enrolment: person_ref}, lambda streams: reader.get(certificates.VIEW, streams)
    )
    return HistoryEnrolment(
        place=place,
        cohort=from_documents.cohort(home, own),
        learner=learner_row(
            learner, newest.get(enrolment), records, policy, repinned(own, policies)
        ),
        transferred_from=sources.get(document["cohort"], b""),
        certificates=certificates_of(reader, person_ref, enrolment),
    )
