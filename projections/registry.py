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
    session_days.PROJECTION,
    session_presence.PROJECTION,
    # Irregular records behind whom they ask who owns a cohort, and before the held facts, whose
    # state they see as an event finds it.
    cohort_briefs.PROJECTION,
    irregular.PROJECTION,
    held.PROJECTION,
)
