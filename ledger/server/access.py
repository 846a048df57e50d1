"""Who may read what (DESIGN section 6, reliability-security F3): default deny.

| caller | personal records that it may read |
|---|---|
| institution | its own cohorts, their certificates and held events; its own staff files |
| platform, exam body | the cohorts that name it |
| bureau | those of institutions in its area (a prefix of GB/T 2260) |
| operator | none |

The log itself, the register of parties and the key tree name no person: they are for any caller.
What a caller may not see does not exist for it. Blocking: for worker threads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.application.errors import NotFoundError, RefusedError
from ledger.domain.event_types import Role
from ledger.domain.refusals import Refusal
from ledger.server.request_context import Caller


@dataclass(frozen=True, slots=True)
class PartyInfo:
    """A registered party: what it is, and its area code."""

    role: Role
    area: str


@dataclass(frozen=True, slots=True)
class CohortParties:
    """Whom a cohort concerns.

    Attributes:
        owner: Its institution.
        platform: The platform that it names, or empty.
        exam_body: The exam body that it names, or empty.
    """

    owner: bytes
    platform: bytes
    exam_body: bytes


PartyLookup = Callable[[bytes], PartyInfo | None]
"""Returns a registered party by its id, as the log has it now; blocking."""
CohortLookup = Callable[[bytes], CohortParties | None]
"""Returns whom a cohort concerns, as the log has it now; blocking."""


class View:
    """What one caller may read. Made for one call or one poll: what it looked up it remembers."""

    def __init__(self, caller: Caller, party: PartyLookup, cohort: CohortLookup) -> None:
        """Look up through `party` and `cohort` when asked."""
        self._caller = caller
        self._party_lookup = party
        self._cohort_lookup = cohort
        self._parties: dict[bytes, PartyInfo | None] = {}
        self._cohorts: dict[bytes, bool] = {}

    def role(self) -> Role | None:
        """Return what the caller is; None for the operator and who is not registered."""
        party = self._caller.party
        info = None if party is None else self._party(party)
        return None if info is None else info.role

    def institution(self, institution: bytes) -> bool:
        """Tell whether the caller may read an institution's certificates and staff files."""
        match self.role():
            case Role.INSTITUTION:
                return institution == self._caller.party
            case Role.BUREAU:
                return self._in_area(institution)
        return False

    def parties(self, cohort: CohortParties) -> bool:
        """Tell whether the caller may read a cohort that concerns these parties."""
        match self.role():
            case Role.PLATFORM:
                return cohort.platform == self._caller.party
            case Role.EXAM_BODY:
                return cohort.exam_body == self._caller.party
        return self.institution(cohort.owner)

    def cohort(self, cohort: bytes) -> bool:
        """Tell whether the caller may read a cohort; one that is not there it may not."""
        if cohort not in self._cohorts:
            found = self._cohort_lookup(cohort)
            self._cohorts[cohort] = found is not None and self.parties(found)
        return self._cohorts[cohort]

    def require_cohort(self, cohort: bytes) -> None:
        """Check that the caller may read a cohort.

        Raises:
            NotFoundError: when it may not, or there is none.
        """
        if not self.cohort(cohort):
            raise NotFoundError("cohort")

    def require_institution_role(self) -> bytes:
        """Return the calling institution.

        Raises:
            RefusedError: PERMISSION_DENIED when the caller is no registered institution.
        """
        party = self._caller.party
        if party is None or self.role() is not Role.INSTITUTION:
            raise RefusedError([Refusal("PERMISSION_DENIED")])
        return party

    def owner_filter(self, asked: bytes | None) -> bytes | None:
        """Return the institution to list records of: the one asked for; None for all.

        An institution that asks for none sees its own records alone: naming it finds them at once.
        """
        if asked is None and self.role() is Role.INSTITUTION:
            return self._caller.party
        return asked

    def _in_area(self, institution: bytes) -> bool:
        bureau = None if self._caller.party is None else self._party(self._caller.party)
        owner = self._party(institution)
        if bureau is None or owner is None or not bureau.area:
            return False
        return owner.area.startswith(bureau.area)

    def _party(self, party: bytes) -> PartyInfo | None:
        if party not in self._parties:
            self._parties[party] = self._party_lookup(party)
        return self._parties[party]


class Access:
    """Makes views."""

    def __init__(self, *, party: PartyLookup, cohort: CohortLookup) -> None:
        """Look parties and cohorts up through these."""
        self._party: Final = party
        self._cohort: Final = cohort

    def of(self, caller: Caller) -> View:
        """Return what a caller may read."""
        return View(caller, self._party, self._cohort)
