"""Hours of single learners in a state that moves: by the functions that make the cohort file.

What a cohort's facts amount to, and what each learner's do, is kept for as long as the documents
behind it are the same objects: folds replace a document and never change one in place.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.enrolment_hours import CohortRecord
from ledger.domain.policies import HourComponent, Policy
from projections import cohorts, enrolments
from projections.cohort_file import host_cohorts, read_cohort
from projections.cohort_file_reader import read_brief, read_policies
from projections.cohort_file_records import CohortFileLearner
from projections.cohort_learners import learner_row, read_learner
from projections.documents import Document
from projections.ports import ViewReader

Hours = Mapping[HourComponent, tuple[int, int]]
"""(minutes, hours) by component; a component that is not there has none."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A result and the objects that it was made of."""

    made_of: Sequence[object]
    result: Any

    def holds(self, made_of: Sequence[object]) -> bool:
        return len(self.made_of) == len(made_of) and all(
            mine is other for mine, other in zip(self.made_of, made_of, strict=True)
        )


class LearnerFigures:
    """Computes hours of learners of one cohort."""

    def __init__(self, reader: ViewReader, cohort: bytes) -> None:
        """Read the documents of the moment through `reader` whenever hours are asked for."""
        self._reader = reader
        self._cohort = cohort
        self._policies: dict[bytes, Policy] = {}
        self._records: dict[bytes, _Kept] = {}
        self._hours: dict[bytes, _Kept] = {}

    def hours(self, learners: Collection[bytes]) -> dict[bytes, Hours]:
        """Return the hours of learners, by enrolment; none of one that there is not."""
        brief = read_brief(self._reader, self._cohort) if learners else None
        if brief is None:
            return {learner: {} for learner in learners}
        policy = self._policy(brief.policy)
        documents = self._reader.get(enrolments.VIEW, learners)
        return {
            learner: self._of(learner, documents[learner], policy) if learner in documents else {}
            for learner in learners
        }

    def _of(self, learner: bytes, document: Document, policy: Policy | None) -> Hours:
        # The home cohort first, then the hosts that there are: as the file has them.
        wanted = [self._cohort, *sorted(host_cohorts([(learner, document)]))]
        found = self._reader.get(cohorts.VIEW, wanted)
        records = [
            self._record(cohort, found[cohort], policy) for cohort in wanted if cohort in found
        ]
        made_of = (document, policy, *records)
        kept = self._hours.get(learner)
        if kept is None or not kept.holds(made_of):
            read = read_learner(learner, document, records, policy)
            kept = _Kept(made_of, hours_of(learner_row(read, None, records, policy, ())))
            self._hours[learner] = kept
        hours: Hours = kept.result
        return hours

    def _record(self, cohort: bytes, document: Document, policy: Policy | None) -> CohortRecord:
        # Of a cohort's document its facts and its state are read.
        made_of = (document["facts"], document["state"], policy)
        kept = self._records.get(cohort)
        if kept is None or not kept.holds(made_of):
            kept = _Kept(made_of, read_cohort(cohort, document, policy))
            self._records[cohort] = kept
        record: CohortRecord = kept.result
        return record

    def _policy(self, digest: bytes) -> Policy | None:
        if digest not in self._policies:
            self._policies |= read_policies(self._reader, [digest])
        return self._policies.get(digest)


def hours_of(learner: CohortFileLearner) -> Hours:
    """Return (minutes, hours) by component of a learner of a cohort file."""
    return {row.component: (row.minutes, row.credited) for row in learner.hours}
