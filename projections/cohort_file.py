"""The cohort file 一期一档: built from documents and the pinned policy (guidance 9.2).

Everything that counts, and what it rests on: sessions, each learner's hours with the log indices
that make them, exams, certificates, documents and the checklist with what is missing. Pure: the
same documents give the same file. What is held counts for nothing here: an unplanned cohort's
sessions and documents, an unopened enrolment's facts.
"""

from collections.abc import Mapping, Sequence

from ledger.domain.policies import Policy
from projections.answers import Cohort
from projections.cohort_file_records import CohortFile, CohortFileCheck, CohortFileItem
from projections.cohort_learners import learner_row
from projections.cohort_sessions import session_rows, taught_of
from projections.cohorts import UNPLANNED
from projections.documents import Document


def build_cohort_file(
    cohort: Cohort,
    document: Document,
    learners: Sequence[tuple[bytes, Document]],
    certificates: Mapping[bytes, Document],
    policy: Policy | None,
) -> CohortFile:
    """Build the file of one cohort.

    Args:
        cohort: The cohort in brief.
        document: Its document of the view `cohorts`.
        learners: Its documents of the view `enrolments`, by enrolment.
        certificates: Each enrolment's newest document of the view `certificates`.
        policy: The pinned policy, None while there is none.
    """
    planned = cohort.state != UNPLANNED
    sessions = document["sessions"] if planned else {}
    items = tuple(_item(item) for item in document["items"]) if planned else ()
    taught = taught_of(sessions)
    classes = {item.item_class for item in items}
    checklist = policy.checklist if policy else ()
    return CohortFile(
        cohort=cohort,
        sessions=session_rows(sessions, taught, [learner for _, learner in learners]),
        learners=tuple(
            learner_row(enrolment, learner, certificates.get(enrolment), taught, policy)
            for enrolment, learner in learners
        ),
        items=items,
        checklist=tuple(
            CohortFileCheck(
                line.item_class, line.label_zh, line.label_en, line.item_class in classes
            )
            for line in checklist
        ),
        events=document["events"],
    )


def _item(item: Document) -> CohortFileItem:
    return CohortFileItem(
        item_class=item["item_class"],
        media_type=item["media_type"],
        size=item["size"],
        salted_digest=bytes.fromhex(item["salted_digest"]),
        place=item["place"],
        custodian=bytes.fromhex(item["custodian"]),
        index=item["index"],
    )
