"""Errors of the application: what use cases and storage raise, by whose fault it is.

The tree, which `ledger.server.errors` maps to gRPC codes::

    ApplicationError          root
    ├── RefusedError          the request is refused, with every reason at once
    ├── NotFoundError         there is no such thing, or the caller may not see it
    ├── StorageError
    │   ├── StorageFullError          nothing was written: there is no room
    │   └── StorageUnavailableError   the database went away; what was under way is not known
    ├── OverloadedError       too much is waiting; nothing was done
    └── IntegrityBreachError  stored bytes are not what was signed: writing stops
"""

from collections.abc import Sequence

from ledger.domain.refusals import Refusal


class ApplicationError(Exception):
    """Root of the errors of the application and its storage."""


class RefusedError(ApplicationError):
    """A request that is refused.

    Attributes:
        refusals: Every reason, at least one.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        """Keep the reasons."""
        super().__init__("; ".join(refusal.reason("en") for refusal in refusals))
        self.refusals = tuple(refusals)


class NotFoundError(ApplicationError):
    """There is no such thing, or the caller may not see it; nobody can tell which."""


class StorageError(ApplicationError):
    """The database failed."""


class StorageFullError(StorageError):
    """Nothing was written, because there is no room."""


class StorageUnavailableError(StorageError):
    """The database does not answer or went away; the outcome of a write under way is not known."""


class OverloadedError(ApplicationError):
    """Too much is waiting; nothing was done."""


class IntegrityBreachError(ApplicationError):
    """Stored bytes are not what was hashed and signed: nothing is written until a person looked."""
