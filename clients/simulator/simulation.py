"""The whole of it: a town lived through, its events written to files or into a ledger.

A folder of files holds

| file | what |
|---|---|
| `truth.json` | the ground truth (`clients.simulator.truth_file`) |
| `batches/NNNNNN.batch` | signed batches (`ledger.api.v1.Batch`) in the order of delivery |
| `wanted.json` | decisions that can only be made in a ledger: certificates, credits carried over |
| `parties.csv` | parties with their public keys, for `tledger institution import` |
| `terminals.json` | terminals' keys, for their institutions to register |
| `policies/*.toml` | the policy files that cohorts are pinned to |

The same seed and figures for the same log give the same bytes. What is appended has ids of its own,
so that the same town fits a log twice; of the files, truth.json alone is written then.
"""

import csv
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from secrets import token_bytes
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk import Identity, Ledger, PersonRef, new_author_key
from clients.simulator.appending import Appending, connections
from clients.simulator.cast import Author, make_cast, terminals_of
from clients.simulator.days import live
from clients.simulator.decisions import Outcome
from clients.simulator.emission import Emission
from clients.simulator.events import Step, shuffled, steps_of
from clients.simulator.ids import Ids
from clients.simulator.numbers import REGION
from clients.simulator.plan import make_town
from clients.simulator.programmes import policy_document
from clients.simulator.reality import Reality
from clients.simulator.records import Block, Wanted
from clients.simulator.registration import (
    load_parties,
    register_belongings,
    register_parties,
    register_persons,
)
from clients.simulator.town import Size, Town
from clients.simulator.truth_file import truth_document
from ledger.log.identifiers import party_id

BUREAU: Final = "bureau"
TRUTH: Final = "truth.json"
_SEED_SIZE: Final = 32


def write_files(size: Size, identity: Identity, out: Path, *, mixed: bool) -> int:
    """Write a town to files, for the log that an identity belongs to; return the events' number.

    Args:
        size: The town's figures.
        identity: Says which log, and is the bureau that cohorts are filed with.
        out: Folder, made where it is not there.
        mixed: In the order of terminals that were offline, instead of that of recording.
    """
    reality = live(make_town(size))
    town, chance = reality.town, Random(f"{size.seed}/keys")
    ids = Ids(sha256(f"town/{size}".encode()).digest(), _party_ids(town, identity))
    _imagine_persons(town, ids)
    identities = {
        party.code: replace(identity, party=ids.parties[party.code], key=_seeded_key(chance))
        for party in town.parties
    }
    cast = make_cast(town, identities, lambda: _seeded_key(chance), chance.randbytes)
    steps = _ordered(reality, mixed=mixed)
    out.mkdir(parents=True, exist_ok=True)
    _write_register(town, cast, out)
    write_truth(reality, ids, steps, out)
    return _write_batches(Emission(town, cast, ids), steps, out)


def append_town(
    size: Size,
    bureau: Identity,
    parties: Path,
    out: Path,
    *,
    mixed: bool,
    progress: Callable[[int, int], None],
) -> Outcome:
    """Write a town into the ledger of a bureau, and its truth to a folder.

    Args:
        size: The town's figures.
        bureau: The bureau: it registers parties and adopts policies.
        parties: Has an identity folder for each party, named by its credit code.
        out: Folder for truth.json.
        mixed: In the order of terminals that were offline, instead of that of recording.
        progress: Is told how many steps are done, and how many there are.

    Raises:
        IdentityError: when an identity is missing or wrong.
        LedgerClientError: when the ledger refuses or does not answer.
    """
    reality = live(make_town(size))
    town = reality.town
    identities = load_parties(town, parties, bureau.origin)
    ids = Ids(token_bytes(_SEED_SIZE), _party_ids(town, bureau))
    cast = make_cast(town, {**identities, BUREAU: bureau}, new_author_key, token_bytes)
    institutions = {party.code: identities[party.code] for party in town.institutions}
    with Ledger.open(bureau) as courier, connections(institutions) as ledgers:
        register_parties(courier, cast[BUREAU], town, cast)
        for party in town.institutions:
            register_belongings(ledgers[party.code], party, town, cast, ids)
        ids.persons.update(register_persons(ledgers, town))
        steps = _ordered(reality, mixed=mixed)
        out.mkdir(parents=True, exist_ok=True)
        write_truth(reality, ids, steps, out)
        appending = Appending(reality, courier, ledgers, cast, ids)
        for done in appending.run(steps):
            progress(done, len(steps))
        return appending.outcome


def write_truth(reality: Reality, ids: Ids, steps: list[Step], out: Path) -> None:
    """Write truth.json."""
    wanted = [step for step in steps if isinstance(step, Wanted)]
    _write_json(out / TRUTH, truth_document(reality, ids, wanted))


def _ordered(reality: Reality, *, mixed: bool) -> list[Step]:
    steps = steps_of(reality)
    return shuffled(steps, reality.town.size.seed) if mixed else steps


def _party_ids(town: Town, bureau: Identity) -> dict[str, UUID]:
    ids = {party.code: party_id(bureau.origin, party.credit_code) for party in town.parties}
    return {**ids, BUREAU: bureau.party}


def _imagine_persons(town: Town, ids: Ids) -> None:
    """Give each learner a reference, since no vault gives one."""
    for cohort in town.cohorts:
        for learner in cohort.learners:
            key = cohort.institution, learner.person
            digest = sha256(ids.namespace + "/".join(key).encode()).digest()
            reference = UUID(bytes=digest[:16], version=4)
            ids.persons[key] = PersonRef(reference, sha256(digest).digest())


def _seeded_key(chance: Random) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(chance.randbytes(_SEED_SIZE))


def _write_register(town: Town, cast: Mapping[str, Author], out: Path) -> None:
    with (out / "parties.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("kind", "credit_code", "name", "area", "directory_number", "public_key"))
        for party in town.parties:
            key = _spki(cast[party.code])
            rows.writerow((party.kind, party.credit_code, party.name, REGION, "", key))
    codes = {party.code: party.credit_code for party in town.parties}
    terminals = [
        {"credit_code": codes[party], "device": device, "public_key": _spki(cast[code])}
        for code, party, device in terminals_of(town)
    ]
    _write_json(out / "terminals.json", terminals)
    (out / "policies").mkdir(exist_ok=True)
    for programme in {cohort.programme for cohort in town.cohorts}:
        path = out / "policies" / f"{programme.id}.toml"
        path.write_bytes(policy_document(programme))


def _spki(author: Author) -> str:
    return b64encode(author.emitter.identity.public_key.spki).decode()


def _write_batches(emission: Emission, steps: list[Step], out: Path) -> int:
    folder = out / "batches"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.batch"):
        old.unlink()
    batches = emission.capture_all(steps)
    events = number = 0
    wanted = []
    for place, step in enumerate(steps):
        if not isinstance(step, Block):
            wanted.append({"after_batch": number, "decision": step.kind, "subject": step.subject})
            continue
        for batch in batches[place]:
            number += 1
            message = batch.to_message().SerializeToString()
            (folder / f"{number:06}.batch").write_bytes(message)
            events += len(batch.events)
    _write_json(out / "wanted.json", wanted)
    return events


def _write_json(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
