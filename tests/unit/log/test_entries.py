"""Entries of the log: built as RFC 8785 has it, read in that form alone."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import entries
from ledger.log.entries import EventEntry, LogClosedEntry, LogKeyEntry, MapCommitEntry, read_entry
from ledger.log.errors import FormatError
from ledger.log.event_reader import read_event
from tests.independent import entries as own_entries
from tests.independent.vectors import LOG, LOG_ENTRIES, VECTORS

COHORT = "a7a005a5-bd6c-4a5f-8142-8262cf018028"
PARTY = "bd336b3e-175b-54b1-bf4c-2fb0b6d9a6c1"
HASHES = st.binary(min_size=32, max_size=32)
COUNTS = st.integers(0, 2**53 - 1)
EVENT_ENTRIES = st.builds(
    EventEntry,
    event=st.uuids().map(str),
    keys=st.frozensets(HASHES, max_size=4).map(lambda keys: tuple(sorted(k.hex() for k in keys))),
    kind=st.sampled_from(sorted(entries.KINDS)),
    payload=HASHES,
    prev=HASHES,
    recorded=COUNTS,
    seq=st.integers(2, 2**53 - 1),
    stream=st.uuids().map(str),
)


def canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def members(entry: EventEntry) -> dict[str, Any]:
    document: dict[str, Any] = {
        "v": 1,
        "kind": entry.kind,
        "event": entry.event,
        "stream": entry.stream,
        "seq": entry.seq,
        "keys": list(entry.keys),
        "payload": entry.payload.hex(),
        "recorded": entry.recorded,
    }
    return document if entry.prev is None else document | {"prev": entry.prev.hex()}


def build(entry: EventEntry) -> bytes:
    return entries.build_event_entry(
        event=entry.event,
        keys=entry.keys,
        kind=entry.kind,
        payload=entry.payload,
        prev=entry.prev,
        recorded=entry.recorded,
        seq=entry.seq,
        stream=entry.stream,
    )


def map_key(namespace: str, identifier: str) -> str:
    return hashlib.sha256(f"{namespace}\x00{identifier}".encode()).hexdigest()


@given(EVENT_ENTRIES, st.booleans())
def test_an_event_entry_is_canonical_json_and_reads_back(entry: EventEntry, first: bool) -> None:
    given_entry = replace(entry, seq=1, prev=None) if first else entry
    data = build(given_entry)
    assert data == canonical(members(given_entry))
    assert read_entry(data) == given_entry


def test_an_entry_hash_is_the_leaf_hash_of_its_bytes() -> None:
    stated = VECTORS["first-event"]["entries"][0]
    data = stated["text"].encode()
    assert entries.entry_hash(data).hex() == stated["hash_hex"]
    assert entries.entry_hash(data) == hashlib.sha256(b"\x00" + data).digest()
    assert entries.entry_hash(data) != hashlib.sha256(data).digest()


# --- Keys ----------------------------------------------------------------------------------------


def test_the_keys_are_those_of_cohorts_institution_at_the_start_and_number() -> None:
    cohort, party = map_key("cohort", COHORT), map_key("institution", PARTY)
    masked = bytes(range(32))
    number = hashlib.sha256(b"certificate\x00" + masked).hexdigest()
    assert entries.event_keys("cohort", 1, [COHORT], PARTY, None) == tuple(sorted([cohort, party]))
    assert entries.event_keys("cohort", 2, [COHORT], PARTY, None) == (cohort,)
    assert entries.event_keys("key", 1, [], PARTY, None) == (party,)
    assert entries.event_keys("key", 2, [], PARTY, None) == ()
    assert entries.event_keys("institution", 1, [], PARTY, None) == ()
    assert entries.event_keys("policy", 1, [], PARTY, None) == ()
    assert entries.event_keys("enrolment", 1, [COHORT, COHORT], PARTY, None) == (cohort,)
    issued = entries.event_keys("certificate", 1, [COHORT], PARTY, masked)
    assert issued == tuple(sorted([cohort, number]))


def test_the_keys_of_an_issue_are_recomputed_from_the_event_for_its_origin_alone() -> None:
    vector = VECTORS["event-TrainingCertificateIssued"]
    entry = read_entry(vector["entries"][0]["text"].encode())
    event = read_event(bytes.fromhex(vector["events"][0]["event_hex"]))
    assert isinstance(entry, EventEntry)
    assert entries.recomputed_keys(entry, event, LOG["origin"]) == entry.keys
    assert entries.recomputed_keys(entry, event, "log.example/320598") != entry.keys


# --- Entries of the log itself -------------------------------------------------------------------


def test_the_logs_own_keys_are_named() -> None:
    data = entries.build_log_key(
        role="checkpoint", algorithm="ed25519", key=b"\xab" * 32, recorded=5
    )
    assert data == (
        b'{"algorithm":"ed25519","key":"' + b"ab" * 32 + b'","kind":"log-key","recorded":5,'
        b'"role":"checkpoint","v":1}'
    )
    assert read_entry(data) == LogKeyEntry("checkpoint", "ed25519", b"\xab" * 32, 5)


@pytest.mark.parametrize("previous", [None, 0, 4])
def test_a_map_commit_names_the_one_before_it_but_for_the_first(previous: int | None) -> None:
    data = entries.build_map_commit(
        covers=9, tree=b"\x01" * 32, head_map=b"\x02" * 32, keys_total=3, previous=previous,
        recorded=5,
    )  # fmt: skip
    chained = "" if previous is None else f'"previous":{previous},'
    assert data.decode() == (
        f'{{"covers":9,"keys_total":3,"kind":"map-commit","map":"{"02" * 32}",{chained}'
        f'"recorded":5,"tree":"{"01" * 32}","v":1}}'
    )
    commit = MapCommitEntry(9, b"\x01" * 32, b"\x02" * 32, 3, previous, 5)
    assert read_entry(data) == commit


def test_a_log_ends_with_an_entry_of_its_own() -> None:
    assert read_entry(b'{"kind":"log-closed","recorded":5,"v":1}') == LogClosedEntry(5)


@pytest.mark.parametrize("text", [*LOG["entries"], LOG["map_commit"]])
def test_each_entry_of_the_vectors_is_read_and_refused_with_a_byte_more(text: str) -> None:
    read = read_entry(text.encode())
    assert read.recorded == json.loads(text)["recorded"]
    for wrong in (text + "\n", " " + text, text.replace(":", ": "), text[:-1]):
        with pytest.raises(FormatError):
            read_entry(wrong.encode())


# --- What is refused -----------------------------------------------------------------------------

FIRST: dict[str, Any] = json.loads(VECTORS["first-event"]["entries"][0]["text"])
BASES: dict[str, dict[str, Any]] = {
    "first": FIRST,
    "later": FIRST | {"seq": 2, "prev": "00" * 32},
    "log-key": json.loads(LOG_ENTRIES[0]),
    "map-commit": json.loads(LOG["map_commit"]),
    "log-closed": {"kind": "log-closed", "recorded": 5, "v": 1},
}
ANY_FAULTS: list[dict[str, Any]] = [
    {"v": 2}, {"v": True}, {"v": "1"}, {"v": None}, {"kind": "map-commits"}, {"kind": None},
    {"kind": ["log-closed"]}, {"kind": {}}, {"recorded": -1}, {"recorded": 2**53},
    {"recorded": True}, {"recorded": None}, {"recorded": 1.5}, {"": 1}, {"more": None},
    {"学": 1}, {"stream": "学"},
]  # fmt: skip
OWN_FAULTS: dict[str, list[dict[str, Any]]] = {
    "first": [{"prev": None}, {"prev": "00" * 32}, {"kind": "staff_file"}],
    "later": [{"prev": None}, {"prev": "00"}, {"prev": 0}, {"seq": 1}, {"seq": 0}],
    "log-key": [
        {"role": "auditor"}, {"role": None}, {"role": []}, {"algorithm": 5},
        {"algorithm": "ecdsa-p256"}, {"role": "acknowledgement", "algorithm": "ml-dsa-44"},
        {"key": ""}, {"key": "0"}, {"key": "AB"}, {"key": None}, {"key": []},
    ],
    "map-commit": [
        {"previous": None}, {"previous": True}, {"previous": -1}, {"covers": "1"},
        {"keys_total": -1}, {"map": "00"}, {"tree": None}, {"prev": 1},
    ],
    "log-closed": [{"previous": 1}, {"prev": "00" * 32}],
}  # fmt: skip
FAULTS = [
    pytest.param(name, fault, id=f"{name} {json.dumps(fault)}")
    for name, own in OWN_FAULTS.items()
    for fault in ANY_FAULTS + own
]


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_an_entry_with_a_fault_is_refused(name: str, fault: dict[str, Any]) -> None:
    read_entry(canonical(BASES[name]))
    with pytest.raises(FormatError):
        read_entry(canonical(BASES[name] | fault))


@pytest.mark.parametrize("name", BASES)
def test_an_entry_without_one_of_its_members_is_refused(name: str) -> None:
    base = BASES[name]
    for missing in base:
        with pytest.raises(FormatError):
            read_entry(canonical({member: base[member] for member in base if member != missing}))


def test_an_entry_has_4096_bytes_at_most() -> None:
    # 90 bytes beside the hex of the key.
    key = bytes(2_003)
    largest = entries.build_log_key(role="checkpoint", algorithm="ml-dsa-44", key=key, recorded=1)
    assert len(largest) == 4_096
    assert read_entry(largest) == LogKeyEntry("checkpoint", "ml-dsa-44", key, 1)
    longer = largest.replace(b'"recorded":1,', b'"recorded":10,')
    assert len(longer) == 4_097
    with pytest.raises(FormatError, match="at most 4096"):
        read_entry(longer)


@given(st.data())
def test_a_changed_entry_is_judged_as_the_independent_reader_judges_it(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([*LOG_ENTRIES, LOG["map_commit"].encode()]))
    place = data.draw(st.integers(0, len(text) - 1))
    scrap = data.draw(st.binary(max_size=2) | st.sampled_from([b"0", b'"', b",", b"null", b"{}"]))
    changed = text[:place] + scrap + text[place + data.draw(st.integers(0, 2)) :]
    try:
        own_entries.read_entry(changed)
    except own_entries.EntryError:
        with pytest.raises(FormatError):
            read_entry(changed)
    else:
        assert read_entry(changed).recorded == json.loads(changed)["recorded"]
