"""Python's collector of cyclic garbage, set for processes that serve and fold.

Entries, events and documents come and go by the thousand and hold no cycles: by its usual
thresholds the collector would take up to a quarter of the time.
"""

import gc
from typing import Final

_COLLECT_AFTER: Final = 100_000
"""New objects after which it looks for cycles; 700 by default."""


def settle_collector() -> None:
    """Leave what is loaded by now alone for good, and look for cycles less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
