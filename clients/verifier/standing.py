"""What became of a certificate, read from the entries behind its issue.

Only those count who may say so: the issuing institution revokes and replaces, a bureau revokes,
suspends, reinstates and links the official certificate, each with a good key. Anything else behind
the issue leaves the status open.
"""

from dataclasses import dataclass
from typing import Final

from clients.verifier.checks import Issue
from clients.verifier.times import local_time
from clients.verifier.verdict import SubState, Text
from ledger.log.history_proof import VerifiedEntry, VerifiedHistory
from ledger.log.key_tree import KEY_USE_PARTY

_REASONS: Final = {
    1: Text("出具有误", "issued in error"),
    2: Text("持证人申请", "at the holder's request"),
    3: Text("弄虚作假", "fraud"),
    4: Text("有权机关决定", "by order of an authority"),
}
_UNKNOWN_REASON: Final = Text("理由未列明", "reason not listed")
_OWN: Final = Text("签发机构", "the issuing institution")
_BUREAU: Final = Text("应急管理部门", "the emergency management bureau")
_BUREAU_TYPES: Final = frozenset(
    {
        "TrainingCertificateRevoked",
        "TrainingCertificateSuspended",
        "TrainingCertificateReinstated",
        "OperationCertificateLinked",
    }
)
_OWN_TYPES: Final = frozenset({"TrainingCertificateRevoked", "TrainingCertificateSuperseded"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a certificate.

    Attributes:
        reasons: Why it is not valid, in words, by sub-state; empty while it stands.
        unsettled: Log index of the first entry that settles nothing; None when there is none.
        successor: Number of the certificate that replaces it; None while none does.
    """

    reasons: dict[SubState, Text]
    unsettled: int | None
    successor: str | None = None

    @property
    def gravest(self) -> tuple[SubState, Text] | None:
        """The gravest reason, None while it stands."""
        return next(
            ((state, self.reasons[state]) for state in SubState if state in self.reasons), None
        )


def standing(history: VerifiedHistory, issue: Issue) -> Standing:
    """Read what became of a certificate out of a history of it."""
    stream = history.stream(issue.stream.stream)
    reasons: dict[SubState, Text] = {}
    unsettled: int | None = None
    successor: str | None = None
    for entry in () if stream is None else stream.entries[1:]:
        who = _who(history, issue, entry)
        event = entry.event
        if who is None or event is None:
            unsettled = entry.index if unsettled is None else unsettled
            continue
        when = local_time(entry.entry.recorded)
        match event.type:
            case "TrainingCertificateRevoked":
                reason = _REASONS.get(event.body.reason, _UNKNOWN_REASON)
                text = Text(
                    f"已撤销：{when.zh}由{who.zh}撤销，理由类别：{reason.zh}。",
                    f"Revoked by {who.en}, {when.en}; class of reason: {reason.en}.",
                )
                reasons.setdefault(SubState.REVOKED, text)
            case "TrainingCertificateSuspended":
                reasons[SubState.SUSPENDED] = Text(
                    f"已暂停：{when.zh}由{who.zh}暂停，理由代码：{event.body.reason}。",
                    f"Suspended by {who.en}, {when.en}; reason code: {event.body.reason}.",
                )
            case "TrainingCertificateReinstated":
                reasons.pop(SubState.SUSPENDED, None)
            case "TrainingCertificateSuperseded":
                number = event.body.number
                text = Text(
                    f"已换发：{when.zh}由{who.zh}换发为 {number}。",
                    f"Superseded by {who.en}, {when.en}; its successor is {number}.",
                )
                reasons.setdefault(SubState.SUPERSEDED, text)
                successor = successor or number
    return Standing(reasons, unsettled, successor)


def _who(history: VerifiedHistory, issue: Issue, entry: VerifiedEntry) -> Text | None:
    """Return who wrote an entry, in words; None when they may not, or their key is contested."""
    event, author = entry.event, entry.author
    if event is None or author is None or entry.contested:
        return None
    own = author.use == KEY_USE_PARTY and author.holder == issue.author.holder
    if own and event.type in _OWN_TYPES:
        return _OWN
    if history.tree.is_bureau(author) and event.type in _BUREAU_TYPES:
        return _BUREAU
    return None
