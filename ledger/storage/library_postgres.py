"""The event sourcing library's PostgreSQL recorders, without what importing them sets globally.

The library raises the level of psycopg's loggers for the whole process; here they keep theirs.
"""

import logging

_LEVELS = {name: logging.getLogger(name).level for name in ("psycopg", "psycopg.pool")}

from eventsourcing.postgres import (  # noqa: E402 - the levels are read before
    PostgresDatastore,
    PostgresTrackingRecorder,
)

for _name, _level in _LEVELS.items():
    logging.getLogger(_name).setLevel(_level)

__all__ = ["PostgresDatastore", "PostgresTrackingRecorder"]
