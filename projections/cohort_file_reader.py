"""Reads the documents of a cohort file out of one committed state."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from ledger.domain.policies import Policy, parse_policy
from projections import certificates, cohorts, enrolments, from_documents, policies
from projections.answers import Cohort
from projections.cohort_file import CohortDocuments, build_cohort_file, host_cohorts
from projections.cohort_file_records import CohortFile
from projections.documents import Document
from projections.ports import ViewReader

_REMEMBERED: Final = 64
"""Policies whose reading is remembered; they never change."""

_CHUNK: Final = 500
"""Rows that are read at once where many are walked."""


def read_one(reader: ViewReader, view: str, key: bytes) -> Document | None:
    """Return a document, None when there is none."""
    return reader.get(view, (key,)).get(key)


def walk(
    reader: ViewReader, view: str, owner: bytes | None, after: bytes
) -> Iterator[tuple[bytes, Document]]:
    """Yield (place, document) behind a place, for as long as there are some."""
    while rows := reader.page(view, owner, after, _CHUNK):
        yield from rows
        after = rows[-1][0]


def read_brief(reader: ViewReader, cohort: bytes) -> Cohort | None:
    """Return a cohort in brief, None when there is none."""
    document = read_one(reader, cohorts.VIEW, cohort)
    # A cohort that only guests' events name has no record of its own yet.
    if document is None or not document["institution"]:
        return None
    return from_documents.cohort(cohort, document)


def read_cohort_file(reader: ViewReader, cohort: bytes) -> CohortFile | None:
    """Return the file of a cohort, None when there is none.

    Args:
        reader: The documents of one state: tables, or a replay.
        cohort: The cohort.
    """
    brief = read_brief(reader, cohort)
    if brief is None:
        return None
    document = reader.get(cohorts.VIEW, (cohort,))[cohort]
    learners = list(walk(reader, enrolments.VIEW, cohort, b""))
    people = {enrolment: bytes.fromhex(learner["person_ref"]) for enrolment, learner in learners}
    guests = [bytes.fromhex(enrolment) for enrolment in sorted(document["guests"])]
    documents = CohortDocuments(
        cohort=document,
        learners=learners,
        certificates=certificates.latest_editions(
            people, lambda streams: reader.get(certificates.VIEW, streams)
        ),
        hosts=reader.get(cohorts.VIEW, host_cohorts(learners)),
        guests=sorted(reader.get(enrolments.VIEW, guests).items()),
        policies=read_policies(reader, {bytes.fromhex(pin["policy"]) for pin in document["pins"]}),
    )
    return build_cohort_file(brief, documents)


def read_policies(reader: ViewReader, digests: Iterable[bytes]) -> dict[bytes, Policy]:
    """Return those of some policies that were adopted, by digest."""
    found = reader.get(policies.VIEW, digests)
    return {digest: _parsed(from_documents.policy(document)) for digest, document in found.items()}


_parsed = lru_cache(maxsize=_REMEMBERED)(parse_policy)
