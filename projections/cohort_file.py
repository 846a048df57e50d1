"""The cohort file 一期一档: built from documents and the pinned policy (guidance 9.2).

Everything that counts, and what it rests on: sessions, each learner's hours with the log indices
that make them, make-ups and guests, exams, certificates, documents and the checklist with what is
missing. Pure: the same documents give the same file. What is held counts for nothing here: an
unplanned cohort's sessions and documents, an unopened enrolment's facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.enrolment_hours import CohortRecord, cohort_record
from ledger.domain.policies import Policy
from projections.answers import Cohort
from projections.cohort_file_records import (
    CohortFile,
    CohortFileCheck,
    CohortFileCourseware,
    CohortFileEvaluation,
    CohortFileItem,
    CohortFilePin,
    CohortFileSeal,
)
from projections.cohort_learners import guest_row, learner_row, read_learner
from projections.cohort_sessions import session_rows
from projections.cohorts import UNPLANNED
from projections.documents import Document
from projections.kept_facts import restored_all


@dataclass(frozen=True, slots=True)
class CohortDocuments:
    """The documents that a cohort file is built from.

    Attributes:
        cohort: The cohort's document of the view `cohorts`.
        learners: Its documents of the view `enrolments`, by enrolment.
        certificates: Each enrolment's newest document of the view `certificates`.
        hosts: Documents of the cohorts that make-up plans of its learners name.
        guests: Documents of other cohorts' enrolments that name it, by enrolment.
        policies: The policies that it was pinned to, by digest.
    """

    cohort: Document
    learners: Sequence[tuple[bytes, Document]]
    certificates: Mapping[bytes, Document]
    hosts: Mapping[bytes, Document]
    guests: Sequence[tuple[bytes, Document]]
    policies: Mapping[bytes, Policy]


def host_cohorts(learners: Sequence[tuple[bytes, Document]]) -> set[bytes]:
    """Return the cohorts, beside their own, that make-up plans of learners name."""
    return {
        bytes.fromhex(row["body"][2])
        for _, learner in learners
        for row in learner["facts"]
        if row["type"] == "MakeUpScheduled" and row["body"][2] != learner["cohort"]
    }


def build_cohort_file(cohort: Cohort, documents: CohortDocuments) -> CohortFile:
    """Build the file of one cohort, of which `cohort` is the brief."""
    document = documents.cohort
    policy = documents.policies.get(cohort.policy)
    own = read_cohort(cohort.cohort, document, policy)
    cohorts = [
        own,
        *(read_cohort(host, each, policy) for host, each in sorted(documents.hosts.items())),
    ]
    learners = [read_learner(key, each, cohorts, policy) for key, each in documents.learners]
    guests = [read_learner(key, each, [own], None) for key, each in documents.guests]
    several = repinned(document, documents.policies)
    items = tuple(_items(own))
    classes = {item.item_class for item in items}
    return CohortFile(
        cohort=cohort,
        filed_with=bytes.fromhex(document["filed"]),
        pins=tuple(
            CohortFilePin(bytes.fromhex(pin["policy"]), pin["index"], pin["at"])
            for pin in document["pins"]
        ),
        sessions=session_rows(own, learners, guests),
        learners=tuple(
            learner_row(each, documents.certificates.get(each.enrolment), cohorts, policy, several)
            for each in learners
        ),
        guests=tuple(guest_row(each, own.sessions) for each in guests),
        evaluations=tuple(
            CohortFileEvaluation(
                each.event.body.teacher,
                each.event.body.respondents,
                each.event.body.score_hundredths,
            )
            for each in own.record.counted
            if each.event.type == "TrainingEvaluationSubmitted"
        ),
        courseware=tuple(_courseware(own)),
        items=items,
        checklist=tuple(
            CohortFileCheck(
                line.item_class, line.label_zh, line.label_en, line.item_class in classes
            )
            for line in (policy.checklist if policy else ())
        ),
        seals=tuple(
            CohortFileSeal(
                seal["version"],
                seal["items"],
                seal["retain_until"],
                seal["index"],
                document["events"] - seal["events"],
            )
            for seal in document["seals"]
        ),
        held=document["lost"] + len(own.record.held if _planned(document) else document["facts"]),
        corrected=len(own.record.amended),
        events=document["events"],
    )


def read_cohort(cohort: bytes, document: Document, policy: Policy | None) -> CohortRecord:
    """Return what counts of a cohort's own stream; nothing does before its plan."""
    facts = restored_all(document["facts"], cohort, cohort) if _planned(document) else []
    return cohort_record(cohort, facts, policy)


def repinned(document: Document, policies: Mapping[bytes, Policy]) -> list[Policy]:
    """Return those that are known of a cohort's policies; none while it was pinned to one only."""
    pinned = [bytes.fromhex(pin["policy"]) for pin in document["pins"]]
    return [policies[each] for each in pinned if each in policies] if len(pinned) > 1 else []


def _planned(document: Document) -> bool:
    return bool(document["state"] != UNPLANNED)


def _items(cohort: CohortRecord) -> list[CohortFileItem]:
    return [
        CohortFileItem(
            item_class=each.event.body.item_class,
            media_type=each.event.body.media_type,
            size=each.event.body.size,
            salted_digest=each.event.body.salted_digest,
            place=each.event.body.place,
            custodian=each.event.body.custodian,
            index=each.event.index,
        )
        for each in cohort.record.counted
        if each.event.type == "ArchiveItemAdded"
    ]


def _courseware(cohort: CohortRecord) -> Iterator[CohortFileCourseware]:
    for each in cohort.record.counted:
        if each.event.type == "CoursewareReviewed":
            body = each.event.body
            yield CohortFileCourseware(
                courseware=body.courseware,
                version=body.version,
                document_digest=body.document_digest,
                reviewer=body.reviewer,
                index=each.event.index,
            )
