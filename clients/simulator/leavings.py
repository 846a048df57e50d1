"""Who leaves: for good, or for the parallel class with the hours carried over."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from clients.simulator.reality import Leaving, Reality
from clients.simulator.town import Cohort, Learner

WITHDRAWN: Final = 0.025
CARRIED_SESSIONS: Final = 6
"""Sessions that the transferred learner attends in the first cohort, of those numbered first."""

_STAY: Final = 3
"""The first so many stay, whatever chance says: a small cohort must not run empty."""

Goers = Sequence[tuple[Learner, set[str]]]


def goers_of(reality: Reality, cohort: Cohort, random: Random) -> Goers:
    """Return the cohort's learners with the sessions that concern each; some leave.

    The second-last of a cohort withdraws by plan in the first of two parallel classes, and its
    first one goes to the second: there the sessions with the same numbers are behind them.
    """
    held = [row for row in cohort.sessions if row.code in reality.held]
    everything = {row.code for row in held}
    numbered = sorted(held, key=lambda row: reality.held[row.code].start)
    leads = cohort.sibling > cohort.code
    together = leads and reality.town.cohort(cohort.sibling).institution == cohort.institution
    rows: list[tuple[Learner, set[str]]] = []
    for number, learner in enumerate(cohort.learners):
        if together and not number and len(numbered) > CARRIED_SESSIONS:
            first = {row.code for row in numbered[:CARRIED_SESSIONS]}
            rows.append((learner, first))
            _transfer(reality, cohort, learner, first)
            continue
        planted = leads and number == len(cohort.learners) - 2
        may = _STAY <= number < len(cohort.learners) - 1
        if planted or (may and random.random() < WITHDRAWN):
            third = len(numbered) // 3
            stays = random.randrange(third, max(third + 1, len(numbered) - 4))
            rows.append((learner, {row.code for row in numbered[:stays]}))
            at = reality.held[numbered[stays - 1].code].end + timedelta(hours=20)
            reality.leavings.append(Leaving(learner.code, at, "PERSONAL"))
        else:
            rows.append((learner, everything))
    for leaving in reality.leavings:
        joined = reality.learners.get(leaving.joined)
        if joined and joined.cohort == cohort.code:
            # First in the list: the last one's bad luck is planted.
            after = {row.code for row in numbered if reality.held[row.code].start > leaving.at}
            behind = {row.code for row in numbered[:CARRIED_SESSIONS]}
            rows.insert(0, (joined, after - behind))
    return rows


def _transfer(reality: Reality, cohort: Cohort, learner: Learner, attended: set[str]) -> None:
    joined = Learner(f"{cohort.sibling}-L90", cohort.sibling, learner.person)
    reality.learners[joined.code] = joined
    # Two days on, whatever a terminal had in store has come.
    at = max(reality.held[code].end for code in attended) + timedelta(days=2)
    reality.leavings.append(Leaving(learner.code, at, "SHIFT-CHANGE", joined.code))
