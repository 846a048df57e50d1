"""Makes tests/vectors/emitter: what an emitter writes, byte for byte, and what is refused.

Two runs write the same files; `--check` compares instead of writing. Events are serialised by the
generated classes. Hashes, entries and proofs are computed here from docs/formats.md, with nothing
of `ledger.log`.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from google.protobuf.json_format import MessageToDict

from ledger.api.v1 import events_pb2 as pb
from ledger.api.v1 import recording_service_pb2 as api
from tools.emitter_log import MiniLog, canonical, dsse, map_root, tree
from tools.emitter_refusals import ENDED, backwards, changed, refused_cases, with_more
from tools.emitter_story import (
    ACK,
    ALGORITHMS,
    BUREAU,
    BUREAU_ID,
    COHORT,
    DEVICE,
    ENROLMENTS,
    LOG,
    OFFICE,
    ORIGIN,
    SCHOOL,
    SESSION,
    SIGNED_IN,
    Case,
    Emitter,
    Key,
    leaf_of,
    random_uuid,
    registered_key,
    seed,
    type_cases,
)
from tools.emitter_whole_story import whole_cases

FOLDER: Final = Path(__file__).parent.parent / "tests" / "vectors" / "emitter"
BATCH_TYPE: Final = "application/vnd.tledger.batch.v1"
ACK_TYPE: Final = "application/vnd.tledger.ack.v1"
LONG_FIVE: Final = bytes.fromhex("1085808080808080808000")  # break_minutes, varint of 10 bytes


# --- Cases ---------------------------------------------------------------------------------------


def batch_cases(make: Emitter) -> list[Case]:
    """Return the cases about batches and about bytes that are admitted as they are."""
    first, second = ENROLMENTS

    def signed_in(count: int) -> tuple[pb.TrainingEvent, ...]:
        return tuple(make.captured(SIGNED_IN, (first, second)[i % 2]) for i in range(count))

    def ended(name: str, description: str, rewrite: Callable[[bytes], bytes]) -> Case:
        event = make.event(pb.SessionEnded(session=SESSION), COHORT)
        return Case(f"admitted-{name}", description, (event,), rewrite=rewrite)

    approver: dict[str, object] = {
        "approver_key": SCHOOL.id,
        "approved_by": random_uuid("head of office").bytes,
    }
    approved = make.event(pb.CourseTestRecorded(score_hundredths=9000), first, OFFICE, **approver)
    enrolled = pb.LearnerEnrolled(identity_commitment=seed("identity 2"), basis="LOCAL-WORK")
    return [
        Case("batch-of-three", "Three events under one signature.", signed_in(3), DEVICE),
        Case(
            "batch-resent",
            "The first answer accepts, does not know, and rejects; the second request sends the "
            "event that is not known, with all leaves and the old signature.",
            signed_in(3),
            DEVICE,
            resent=True,
        ),
        Case("batch-ecdsa-p256", "Signed with ECDSA.", (make.event(enrolled, second),)),
        Case("batch-approved", "Signed by author and approver.", (approved,), approver=SCHOOL),
        ended(
            "explicit-zero",
            "break_minutes stands there with its default 0.",
            lambda data: with_more(data, b"\x10\x00", ENDED),
        ),
        ended(
            "reordered",
            "The body stands before the header, the header's fields in falling order.",
            lambda data: backwards(changed(data, 1, backwards)),
        ),
        ended(
            "long-varint",
            "break_minutes is 5 in a varint of ten bytes, not the shortest.",
            lambda data: with_more(data, LONG_FIVE, ENDED),
        ),
    ]


# --- Files ---------------------------------------------------------------------------------------


def acknowledged(log: MiniLog, indices: Sequence[int]) -> tuple[dict[str, object], list[bytes]]:
    """Return what a file says about the acknowledgement of entries, and their joined paths."""
    root, paths = tree([log.datum(index) for index in indices])
    body = canonical({"origin": ORIGIN, "root": root.hex(), "v": 1})
    message = dsse(ACK_TYPE, body)
    described: dict[str, object] = {
        "body": body.decode(),
        "root_hex": root.hex(),
        "size": len(indices),
        "paths_hex": [[step.hex() for step in path] for path in paths],
        **ACK.described(ACK.sign(message), message),
    }
    return described, [b"".join(path) for path in paths]


def exchange(
    log: MiniLog, batch: api.Batch, events: Sequence[bytes], outcomes: Sequence[object]
) -> dict[str, object]:
    """Return one request and its answer.

    Args:
        log: The log.
        batch: The batch without events.
        events: Bytes of the events sent.
        outcomes: For each the index of its entry, or the outcome itself.
    """
    sent = api.Batch()
    sent.CopyFrom(batch)
    sent.events.extend(events)
    indices = [outcome for outcome in outcomes if isinstance(outcome, int)]
    described, paths = acknowledged(log, indices)
    response = api.AppendEventsResponse(
        acknowledgement=api.Acknowledgement(
            key_id=ACK.id,
            signature=bytes.fromhex(str(described["signature_hex"])),
            root=bytes.fromhex(str(described["root_hex"])),
            size=len(indices),
        )
    )
    for data, outcome in zip(events, outcomes, strict=True):
        result = response.results.add(event_id=pb.TrainingEvent.FromString(data).header.event_id)
        match outcome:
            case int():
                position = indices.index(outcome)
                accepted = result.accepted
                accepted.entry, accepted.index = log.entries[outcome], outcome
                accepted.position, accepted.path = position, paths[position]
            case api.Rejected():
                result.rejected.CopyFrom(outcome)
            case api.Unknown():
                result.unknown.CopyFrom(outcome)
    return {
        "request_hex": api.AppendEventsRequest(batches=[sent]).SerializeToString().hex(),
        "response_hex": response.SerializeToString().hex(),
        "acknowledgement": described,
    }


REJECTED: Final = api.Rejected(
    code="NOT_YOUR_COHORT",
    field="header.cohorts",
    reason_zh="该班次不属于作者的机构",
    reason_en="The cohort does not belong to the author's institution",
    fix_zh="检查班次标识与密钥",
    fix_en="Check the cohort id and the key",
)


def rendered(case: Case, log: MiniLog) -> dict[str, object]:
    """Return the file of a case, whose entries join the log."""
    events = [case.rewrite(event.SerializeToString()) for event in case.events]
    leaves = [leaf_of(data) for data in events]
    root, _ = tree(leaves)
    message = dsse(BATCH_TYPE, root)
    batch = api.Batch(
        key_id=case.author.id,
        algorithm=ALGORITHMS[case.author.algorithm],
        signature=case.author.sign(message),
        leaves=leaves,
    )
    signed: dict[str, object] = {
        "leaves_hex": [leaf.hex() for leaf in leaves],
        "root_hex": root.hex(),
        **case.author.described(batch.signature, message),
    }
    if case.approver is not None:
        batch.approver_signature = case.approver.sign(message)
        signed["approver"] = case.approver.described(batch.approver_signature, message)
    recorded = case.events[: 2 if case.resent else None]
    indices = [log.add(one, data) for one, data in zip(recorded, events, strict=False)]
    exchanges = (
        [exchange(log, batch, events, indices)]
        if not case.resent
        else [
            exchange(
                log, batch, events, (indices[0], api.Unknown(code="STORAGE_UNAVAILABLE"), REJECTED)
            ),
            exchange(log, batch, events[1:2], indices[1:]),
        ]
    )
    return {
        "description": case.description,
        "origin": ORIGIN,
        "events": [
            {
                "event": MessageToDict(event, preserving_proto_field_name=True),
                "event_hex": data.hex(),
                "leaf_hex": leaf.hex(),
            }
            for event, data, leaf in zip(case.events, events, leaves, strict=True)
        ],
        "batch": signed,
        "entries": [described_entry(log, index) for index in indices],
        "exchanges": exchanges,
    }


def described_entry(log: MiniLog, index: int) -> dict[str, object]:
    """Return what a file says about an entry."""
    text = log.entries[index]
    return {"index": index, "text": text.decode(), "hash_hex": leaf_of(text).hex()}


def new_log() -> MiniLog:
    """Return a log that holds its own keys."""
    log, checkpoint = MiniLog(), Key("checkpoint")
    lattice = MLDSA44PrivateKey.from_seed_bytes(seed("key ml-dsa-44")).public_key()
    log.add_own(role="checkpoint", algorithm="ed25519", key=checkpoint.raw.hex())
    log.add_own(role="checkpoint", algorithm="ml-dsa-44", key=lattice.public_bytes_raw().hex())
    log.add_own(role="acknowledgement", algorithm="ed25519", key=ACK.raw.hex())
    return log


def published(log: MiniLog) -> dict[str, object]:
    """Return the file of the whole log, its head map and its map-commit."""
    values = log.head_map()
    tree_root, _ = tree([leaf_of(entry) for entry in log.entries])
    head_root = map_root(sorted(values.items()))
    commit = {
        "covers": len(log.entries),
        "keys_total": len(values),
        "kind": "map-commit",
        "map": head_root.hex(),
        "recorded": json.loads(log.entries[-1])["recorded"],
        "tree": tree_root.hex(),
        "v": 1,
    }
    return {
        "description": "The log that the events of all other files make, in its order.",
        "origin": ORIGIN,
        "entries": [entry.decode() for entry in log.entries],
        "tree_root_hex": tree_root.hex(),
        "head_map": values,
        "head_map_root_hex": head_root.hex(),
        "map_commit": canonical(commit).decode(),
    }


def files() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield name and content of every file."""
    make, log = Emitter(), new_log()
    body = registered_key(BUREAU, BUREAU_ID, pb.KEY_USE_PARTY)
    stream = uuid.uuid5(LOG, f"key/{BUREAU.id.hex()}")
    root = make.event(body, stream, BUREAU, institution=BUREAU_ID.bytes)
    first = Case("first-event", "The bureau's own key, behind the log's keys.", (root,), BUREAU)
    admitted = [first, *type_cases(make), *batch_cases(make)]
    refused = list(refused_cases(make))
    for each in (*admitted, *whole_cases(make)):
        yield each.name, rendered(each, log)
    yield "log", published(log)
    for case in refused:
        yield (
            f"refused-{case.name}",
            {
                "description": case.description,
                "refused": case.reason,
                "event_hex": case.data.hex(),
            },
        )


def main() -> int:
    """Write the files, or compare them with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    wanted = {
        FOLDER / f"{name}.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in files()
    }
    if not check:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
    found = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = {path.name for path in wanted.keys() | found if wanted.get(path) != found.get(path)}
    for name in sorted(stale):
        print(f"not what the generator makes: tests/vectors/emitter/{name}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
