"""Events out of blocks: captured in the order in which things happened, signed block by block.

Who was offline captured then all the same, so a device's chain follows the captures; the order of
delivery is another matter (`events.steps_of`, `events.shuffled`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from clients.sdk import CapturedEvent, SignedBatch, sign_batch
from clients.simulator.cast import Author, circumstances
from clients.simulator.events import Step
from clients.simulator.ids import Ids
from clients.simulator.records import Block, Entry, Ref
from clients.simulator.town import Town

BATCH_SIZE: Final = 500


class Emission:
    """Captures blocks.

    Args:
        town: The town that they are of.
        cast: Who writes, by author code.
        ids: Resolves codes; ids of labelled events are kept there.
    """

    def __init__(self, town: Town, cast: Mapping[str, Author], ids: Ids) -> None:
        self._institutions = {cohort.code: cohort.institution for cohort in town.cohorts}
        self._cast = cast
        self._ids = ids

    def capture_all(self, steps: Sequence[Step]) -> dict[int, list[SignedBatch]]:
        """Return the signed batches of all blocks, by the step's position."""
        places = [
            (step.captured, place) for place, step in enumerate(steps) if isinstance(step, Block)
        ]
        batches = {}
        for _, place in sorted(places):
            step = steps[place]
            if isinstance(step, Block):
                batches[place] = self.capture(step)
        return batches

    def capture(self, block: Block) -> list[SignedBatch]:
        """Return the signed batches of a block."""
        events = [self._capture(block, entry) for entry in block.entries]
        identity = self._cast[block.author].emitter.identity
        return [
            sign_batch(identity, events[start : start + BATCH_SIZE])
            for start in range(0, len(events), BATCH_SIZE)
        ]

    def _capture(self, block: Block, entry: Entry) -> CapturedEvent:
        author = self._cast[block.author]
        # A guest's record is the home cohort's, whoever's terminal writes it.
        home = entry.args["cohort"]
        institution = self._institutions[home.code if isinstance(home, Ref) else block.cohort]
        party = block.author.partition("/")[0]
        how, claimed, booted = circumstances(entry, block, institution, party, self._ids)
        author.clock.set(claimed, booted)
        arguments = {
            name: self._ids.resolve(value, institution) for name, value in entry.args.items()
        }
        event: CapturedEvent = getattr(author.emitter, entry.method)(**arguments, how=how)
        if entry.label:
            self._ids.events[entry.label] = event.event_id
        return event
