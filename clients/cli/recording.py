"""Recording one event where it has to be accepted: kept on disk until that is known."""

from typing import TYPE_CHECKING

from clients.cli.keeping import kept_until_known
from clients.cli.session import Session
from clients.sdk import Accepted, CapturedEvent, sign_batch

if TYPE_CHECKING:
    from clients.sdk import Ledger


def record_one(session: Session, ledger: "Ledger", event: CapturedEvent) -> Accepted:
    """Record an event.

    Raises:
        RejectedError: when the ledger refuses it.
        LedgerClientError: as `Ledger.append` does.
    """
    batch = sign_batch(ledger.identity, [event])
    with kept_until_known(session.identity_folder(), batch):
        (accepted,) = ledger.accepted(batch, timeout=session.timeout)
    return accepted
