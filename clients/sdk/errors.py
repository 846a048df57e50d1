"""Errors of the SDK: what a caller can do about each tells which one it is.

The tree::

    LedgerClientError             root
    ├── IdentityError             a file of the identity's folder is missing or wrong
    ├── DraftError                an event or batch cannot be made; nothing was signed or sent
    ├── CallError                 the ledger gave no answer
    │   ├── RefusedError          it refused the call as a whole: nothing was recorded
    │   └── UnreachableError      it could not be reached within the time given (reads only)
    ├── StillUnknownError         what became of some events is not known: send the same bytes again
    ├── RejectedError             events were refused, and the caller wanted them all accepted
    ├── QuorumMissingError        it verifies, but the witnesses of the trust file have not cosigned
    ├── CertificateError          a certificate cannot be issued with this identity or preparation
    └── EvidenceError             what the ledger showed does not verify: an alarm, never retried
        ├── AcknowledgementError  an acknowledgement (docs/emitter.md section 7)
        └── CheckpointError       a checkpoint, or a proof against one
"""

from pathlib import Path

from clients.sdk.failures import Failure
from clients.sdk.outcomes import Outcome, Rejected


class LedgerClientError(Exception):
    """Root of the errors of the SDK."""


class IdentityError(LedgerClientError):
    """A file of the identity's folder is missing or wrong.

    Attributes:
        path: The file at fault.
    """

    def __init__(self, path: Path, problem: str) -> None:
        """Name file and problem."""
        super().__init__(f"{path}: {problem}")
        self.path = path


class DraftError(LedgerClientError):
    """An event or a batch cannot be made from what was given. Nothing was signed or sent."""


class CallError(LedgerClientError):
    """A call ended without an answer.

    Attributes:
        failure: Status, stable code, fields and texts as the ledger sent them.
    """

    def __init__(self, failure: Failure) -> None:
        """Keep the failure."""
        super().__init__(str(failure))
        self.failure = failure


class RefusedError(CallError):
    """The ledger refused the call as a whole; nothing of it was recorded."""


class UnreachableError(CallError):
    """The ledger could not be reached, or did not answer, within the time given."""


class StillUnknownError(LedgerClientError):
    """The deadline passed and what became of some events is not known.

    Sending the same bytes again is always right and never records anything twice.

    Attributes:
        outcomes: What is known, one for each event in its order; None where nothing is.
        failure: The last failed call; None when the ledger itself answered "unknown".
    """

    def __init__(self, outcomes: tuple[Outcome | None, ...], failure: Failure | None) -> None:
        """Keep what is known."""
        unknown = sum(outcome is None for outcome in outcomes)
        last = "" if failure is None else f"; last: {failure}"
        super().__init__(f"{unknown} of {len(outcomes)} events still unknown{last}")
        self.outcomes = outcomes
        self.failure = failure


class RejectedError(LedgerClientError):
    """Events were refused where all had to be accepted.

    Attributes:
        rejected: The refusals, at least one.
        outcomes: All outcomes, in the order of the events.
    """

    def __init__(self, rejected: tuple[Rejected, ...], outcomes: tuple[Outcome, ...]) -> None:
        """Keep the outcomes."""
        super().__init__("; ".join(str(each) for each in rejected))
        self.rejected = rejected
        self.outcomes = outcomes


class QuorumMissingError(LedgerClientError):
    """A checkpoint verifies, but the witnesses that the trust file asks for have not cosigned."""


class CertificateError(LedgerClientError):
    """A certificate cannot be issued with this identity, or from what was prepared."""


class EvidenceError(LedgerClientError):
    """What the ledger showed does not verify. Keep it and tell a person; do not retry."""


class AcknowledgementError(EvidenceError):
    """An acknowledgement does not verify.

    Attributes:
        request: The request as sent, serialised; evidence.
        response: The answer as received, serialised; evidence.
        outcomes: What earlier answers had shown for the events of the call, None where nothing.
    """

    def __init__(
        self,
        problem: str,
        *,
        request: bytes = b"",
        response: bytes = b"",
        outcomes: tuple[Outcome | None, ...] = (),
    ) -> None:
        """Keep the evidence."""
        super().__init__(problem)
        self.request = request
        self.response = response
        self.outcomes = outcomes


class CheckpointError(EvidenceError):
    """A checkpoint does not verify, is smaller than one seen before, or is of another history."""
