"""The demo's classroom terminal: a process of its own that captures to disk and can be killed.

    python -m ledger.commands.demo_terminal class terminal/morning.json
    python -m ledger.commands.demo_terminal send terminal

Each event is signed at capture and is on disk before the next one is made. What is on disk is sent
as often as it takes; the ledger answers a repeated event with its original place.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from clients.sdk import (
    Accepted,
    CapturedEvent,
    ClockReading,
    DeviceChain,
    Emitter,
    Identity,
    Ledger,
    SignedBatch,
    sign_batch,
)
from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as recording_pb

DEVICE: Final = "TERM-0031"
CARD: Final = pb.PRESENCE_METHOD_ID_CARD
WAITING: Final = "waiting"
"""Begins the last line of a terminal that waits for its class to go on."""

_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00+00:00")
_SPOOL: Final = "spool"


@dataclass
class _ClassClock:
    """The terminal's clock: the time of the class, and how far it is ahead."""

    boot: UUID
    booted_us: int
    ahead_us: int
    now_us: int = 0

    def __call__(self) -> ClockReading:
        state = pb.ClockState(boot_id=self.boot.bytes, monotonic_us=self.now_us - self.booted_us)
        return ClockReading(self.now_us + self.ahead_us, state)


@click.group()
def terminal() -> None:
    """A classroom terminal."""


@terminal.command("class")
@click.argument("plan", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def hold_class(plan: Path) -> None:
    """Capture what a plan says, then wait if it says so."""
    document = json.loads(plan.read_text("utf-8"))
    identity = Identity.load(plan.parent)
    steps = document["steps"]
    clock = _ClassClock(
        UUID(document["boot"]), _micros(document["booted"]), document["ahead_minutes"] * 60_000_000
    )
    chain = _chain(plan.parent) or DeviceChain(
        document["sequence"], bytes.fromhex(document["leaf"])
    )
    emitter = Emitter(identity, device=DEVICE, chain=chain, clock=clock, synthetic=True)
    online = document["online_steps"]
    with Ledger.open(identity) as ledger:
        for number, step in enumerate(steps):
            clock.now_us = _micros(step["at"])
            batch = sign_batch(identity, [_capture(emitter, document, step)])
            _keep(plan.parent, batch)
            if number < online:
                ledger.accepted(batch)
    click.echo(
        f"   采集 {len(steps)} 个事件，当场送达 {min(online, len(steps))} 个 / captured, delivered"
    )
    if document["waits"]:
        click.echo(WAITING)
        signal.pause()


@terminal.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def send(folder: Path) -> None:
    """Send everything that is on disk, and count the answers."""
    batches = [
        SignedBatch.from_message(recording_pb.Batch.FromString(path.read_bytes()))
        for path in _kept(folder)
    ]
    with Ledger.open(Identity.load(folder)) as ledger:
        outcomes = [outcome for batch in batches for outcome in ledger.append(batch)]
    accepted = [each for each in outcomes if isinstance(each, Accepted)]
    repeated = sum(each.repeated for each in accepted)
    counts = (
        ("盘上事件 / on disk", len(outcomes)),
        ("账本中的条目 / entries in the ledger", len({each.index for each in accepted})),
        ("其中新入账 / recorded just now", len(accepted) - repeated),
        ("其中早已入账 / recorded before", repeated),
    )
    click.echo("\n".join(f"   {count:3}  {name}" for name, count in counts))
    held = Counter(each.held for each in accepted if each.held)
    for code, count in sorted(held.items()):
        click.echo(f"   {count:3}  入账时挂起 / held when recorded: {code}")


def _capture(emitter: Emitter, plan: Mapping[str, Any], step: Mapping[str, str]) -> CapturedEvent:
    """Capture one step of a plan.

    Raises:
        ValueError: when the plan says something else.
    """
    cohort, session = UUID(plan["cohort"]), UUID(plan["session"])
    match step["do"]:
        case "sign in":
            who = UUID(step["who"])
            return emitter.learner_signed_in(
                cohort=cohort, session=session, person_ref=who, method=CARD
            )
        case "sign out":
            who = UUID(step["who"])
            return emitter.learner_signed_out(
                cohort=cohort, session=session, person_ref=who, method=CARD
            )
        case "spot check":
            return emitter.presence_spot_checked(
                cohort=cohort,
                session=session,
                person_ref=UUID(step["who"]),
                present=True,
                method=pb.PRESENCE_METHOD_FACE,
            )
        case "teacher signs in":
            who = UUID(step["who"])
            return emitter.teacher_signed_in(
                cohort=cohort, session=session, teacher=who, method=CARD
            )
        case "start":
            return emitter.session_started(cohort=cohort, session=session, present=plan["present"])
        case "end":
            return emitter.session_ended(
                cohort=cohort, session=session, break_minutes=plan["break_minutes"]
            )
    raise ValueError(step["do"])


def _keep(folder: Path, batch: SignedBatch) -> None:
    """Put a batch on disk: whole under its name, or not there at all."""
    spool = folder / _SPOOL
    spool.mkdir(exist_ok=True)
    name = f"{batch.events[0].device_sequence:06}.batch"
    part = spool / f"{name}.part"
    with part.open("wb") as file:
        file.write(batch.to_message().SerializeToString())
        file.flush()
        os.fsync(file.fileno())
    part.rename(spool / name)


def _kept(folder: Path) -> list[Path]:
    return sorted((folder / _SPOOL).glob("*.batch"))


def _chain(folder: Path) -> DeviceChain | None:
    """Return where the device's chain stands on disk; None before the first event."""
    kept = _kept(folder)
    if not kept:
        return None
    batch = SignedBatch.from_message(recording_pb.Batch.FromString(kept[-1].read_bytes()))
    last = batch.events[-1]
    return DeviceChain(last.device_sequence, last.leaf)


def _micros(moment: str) -> int:
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


if __name__ == "__main__":
    terminal()
