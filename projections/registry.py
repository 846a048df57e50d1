"""The read models, all of them, and the follower that keeps them."""

from typing import Final

from projections import (
    certificates,
    cohorts,
    enrolments,
    held,
    institutions,
    keys,
    policies,
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
    held.PROJECTION,
)
