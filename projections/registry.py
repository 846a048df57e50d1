"""The read models, all of them, and the follower that keeps them."""

from typing import Final

from projections import (
    certificates,
    cohort_briefs,
    cohorts,
    enrolments,
    held,
    institutions,
    irregular,
    keys,
    policies,
    session_days,
    session_presence,
    staff,
    voidings,
)
from projections.fold import Projection

READ_MODELS: Final = "read-models"
"""Name of the follower that keeps them."""

PROJECTIONS: Final[tuple[Projection, ...]] = (
    cohorts.PROJECTION,
    enrolments.PROJECTION,
    certificates.PROJECTION,
    institutions.PROJECTION,
    keys.PROJECTION,
    policies.PROJECTION,
    staff.PROJECTION,
    # What reads the documents of cohorts and enrolments stands behind them, and behind the briefs.
    cohort_briefs.PROJECTION,
    session_days.PROJECTION,
    session_presence.PROJECTION,
    voidings.PROJECTION,
    # Before the held facts, whose state they see as an event finds it.
    irregular.PROJECTION,
    held.PROJECTION,
)

COHORT_PROJECTIONS: Final[tuple[Projection, ...]] = (
    cohorts.PROJECTION,
    enrolments.PROJECTION,
    certificates.PROJECTION,
    policies.PROJECTION,
    held.PROJECTION,
)
"""Those that the file of a cohort and its difference are read from; a replay keeps no others."""
