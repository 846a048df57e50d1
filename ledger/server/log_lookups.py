"""What access rests on, read from the log itself: never older than what was acknowledged."""

from ledger.application.events import recorded_event
from ledger.application.ports import LogReader
from ledger.domain.party_states import PartyState, fold_party
from ledger.domain.states import CohortState, fold_cohort
from ledger.server.access import CohortParties, PartyInfo

_PLANNED = "CohortPlanned"


class LogLookups:
    """Looks up parties and cohorts. Blocking; safe to call from any thread."""

    def __init__(self, reader: LogReader) -> None:
        """Read through `reader`."""
        self._reader = reader

    def party(self, party: bytes) -> PartyInfo | None:
        """Return a registered party."""
        state: PartyState | None = None
        for row in self._reader.stream_rows(party):
            state = fold_party(state, recorded_event(row))
        return None if state is None else PartyInfo(state.role, state.area)

    def cohort(self, cohort: bytes) -> CohortParties | None:
        """Return whom a cohort concerns; its first entry fixes the owner."""
        first = self._reader.rows(0, 1, cohort)
        if not first:
            return None
        state = CohortState(recorded_event(first[0]).header.institution)
        for row in self._reader.stream_rows(cohort):
            if row.type == _PLANNED:
                state = fold_cohort(state, recorded_event(row))
        return CohortParties(state.owner, state.platform, state.exam_body)
