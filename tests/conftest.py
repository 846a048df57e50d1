"""What every test has: the fixtures of the plugin modules and the hypothesis profiles."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres_server"]

# No deadline and no health check on speed: a slow machine is not a wrong program.
_SLOW_MACHINE = (HealthCheck.too_slow,)

# The gate: the same examples on every machine, so a red build is red for everyone.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=_SLOW_MACHINE,
)
# The search: HYPOTHESIS_PROFILE=search make test. It prints how to repeat what it finds.
settings.register_profile(
    "search",
    deadline=None,
    derandomize=False,
    max_examples=2_000,
    print_blob=True,
    suppress_health_check=_SLOW_MACHINE,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
