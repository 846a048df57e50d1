"""From batches to answers: the hot path behind AppendEvents, RecordEvents, Issue and Revoke.

Runs in the event loop from admission to the queue of the group commit without a pause, so requests
are decided in the order in which they came.
"""

from collections.abc import Sequence
from typing import Protocol

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from ledger.api.v1 import recording_service_pb2 as pb
from ledger.application.acknowledging import Acknowledger
from ledger.application.admission import admit, request_refusal
from ledger.application.errors import RefusedError
from ledger.application.outcomes import Answer, AppendRequest, NotKnown, Recorded, Refused
from ledger.domain.refusals import Refusal
from ledger.server.shown_text import shown

_UUID_SIZE = 16


class AnswersEvents(Protocol):
    """A response that answers events one by one."""

    @property
    def results(self) -> RepeatedCompositeFieldContainer[pb.EventResult]:
        """The answers."""

    @property
    def acknowledgement(self) -> pb.Acknowledgement:
        """Signature over the accepted events."""


class Appends(Protocol):
    """What appends requests to the log: `ledger.application.group_commit.GroupCommit`."""

    async def append(self, request: AppendRequest) -> Sequence[Answer]:
        """Record a request; return its answers once they are durable."""


class EventRecorder:
    """Records batches."""

    def __init__(self, *, origin: str, commits: Appends, acknowledger: Acknowledger) -> None:
        """Record into the log with this origin.

        Args:
            origin: Origin of the log.
            commits: Appends requests.
            acknowledger: Signs for what was recorded.
        """
        self._origin = origin
        self._commits = commits
        self._acknowledger = acknowledger

    async def record(
        self, batches: Sequence[pb.Batch], response: AnswersEvents, *, atomic: bool
    ) -> None:
        """Record the batches of one request and write the answers into `response`.

        Raises:
            ClockJumpError: nothing was written.
            OverloadedError: nothing was written.
            RefusedError: REQUEST_TOO_LARGE; nothing was written.
            StorageFullError: nothing was written.
        """
        refusal = request_refusal(batches)
        if refusal is not None:
            raise RefusedError([refusal])
        answers = await self._commits.append(AppendRequest(admit(batches, self._origin), atomic))
        self._answer(answers, response)

    def _answer(self, answers: Sequence[Answer], response: AnswersEvents) -> None:
        signed = self._acknowledger.acknowledge(answers)
        position = 0
        for answer in answers:
            result = response.results.add()
            # What is no id is not repeated: it may be anything.
            if len(answer.event_id) == _UUID_SIZE:
                result.event_id = answer.event_id
            match answer:
                case Recorded():
                    accepted = result.accepted
                    accepted.entry = answer.entry
                    accepted.index = answer.index
                    accepted.position = position
                    accepted.held = answer.held
                    accepted.repeated = answer.repeated
                    if signed is not None:
                        accepted.path = b"".join(signed.paths[position])
                    position += 1
                case Refused():
                    result.rejected.MergeFrom(_rejected(answer.refusal))
                case NotKnown():
                    result.unknown.code = answer.code
        if signed is not None:
            acknowledgement = response.acknowledgement
            acknowledgement.key_id = signed.key_id
            acknowledgement.signature = signed.signature
            acknowledgement.root = signed.root
            acknowledgement.size = position


def _rejected(refusal: Refusal) -> pb.Rejected:
    return pb.Rejected(
        code=refusal.code,
        field=shown(refusal.field),
        reason_zh=shown(refusal.reason("zh")),
        reason_en=shown(refusal.reason("en")),
        fix_zh=refusal.fix("zh"),
        fix_en=refusal.fix("en"),
        further=[
            pb.FurtherReason(
                code=each.code,
                field=shown(each.field),
                reason_zh=shown(each.reason("zh")),
                reason_en=shown(each.reason("en")),
                fix_zh=each.fix("zh"),
                fix_en=each.fix("en"),
            )
            for each in refusal.further
        ],
    )
