"""Two implementations of docs/formats.md that share no code agree on entries, trees and ids."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import certificate_numbers, entries, event_reader, head_map, identifiers, merkle
from ledger.log.errors import FormatError, LogError
from tests.independent import entries as own_entries
from tests.independent import head_map as own_head_map
from tests.independent import identifiers as own_identifiers
from tests.independent import reader, trees
from tests.independent.vectors import ADMITTED, LOG, LOG_ENTRIES, VECTORS


def ledger_items(values: dict[bytes, bytes]) -> list[head_map.Item]:
    return [(key, head_map.map_leaf(key, value)) for key, value in sorted(values.items())]


@pytest.mark.parametrize("name", ADMITTED)
def test_both_build_the_entries_of_the_vectors(name: str) -> None:
    leaves = {
        event["leaf_hex"]: bytes.fromhex(event["event_hex"]) for event in VECTORS[name]["events"]
    }
    for stated in VECTORS[name]["entries"]:
        text = stated["text"].encode()
        theirs = entries.read_entry(text)
        assert isinstance(theirs, entries.EventEntry)
        event = leaves[theirs.payload.hex()]
        own_entries.check_entry(text, reader.read_event(event))
        keys = entries.recomputed_keys(theirs, event_reader.read_event(event), LOG["origin"])
        assert keys == theirs.keys
        assert text == entries.build_event_entry(
            event=theirs.event,
            keys=keys,
            kind=theirs.kind,
            payload=merkle.leaf_hash(event),
            prev=theirs.prev,
            recorded=theirs.recorded,
            seq=theirs.seq,
            stream=theirs.stream,
        )
        assert own_entries.entry_hash(text).hex() == entries.entry_hash(text).hex()
        assert own_entries.entry_hash(text).hex() == stated["hash_hex"]
        assert LOG_ENTRIES[stated["index"]] == text


def test_the_streams_of_the_log_are_chains_and_a_missing_entry_breaks_them() -> None:
    streams: dict[object, list[bytes]] = {}
    for text in LOG_ENTRIES[3:]:
        streams.setdefault(own_entries.read_entry(text)["stream"], []).append(text)
    for chain in streams.values():
        own_entries.check_chain(chain)
        if len(chain) > 1:
            with pytest.raises(own_entries.EntryError):
                own_entries.check_chain(chain[1:])


def test_tree_and_head_map_of_the_log_are_the_same_in_both() -> None:
    hashes = [own_entries.entry_hash(text) for text in LOG_ENTRIES]
    assert trees.root_of(hashes).hex() == merkle.root(hashes).hex() == LOG["tree_root_hex"]
    values = own_head_map.heads(LOG_ENTRIES)
    assert {key.hex(): value.hex() for key, value in values.items()} == LOG["head_map"]
    items = ledger_items(values)
    assert own_head_map.map_root(values) == head_map.map_root(items)
    assert own_head_map.map_root(values).hex() == LOG["head_map_root_hex"]
    commit = entries.read_entry(LOG["map_commit"].encode())
    own_entries.read_entry(LOG["map_commit"].encode())
    assert isinstance(commit, entries.MapCommitEntry)
    assert commit.covers == len(LOG_ENTRIES)
    assert LOG["map_commit"].encode() == entries.build_map_commit(
        covers=len(hashes),
        tree=merkle.root(hashes),
        head_map=head_map.map_root(items),
        keys_total=len(items),
        previous=None,
        recorded=commit.recorded,
    )


def test_the_ledgers_heads_have_the_values_of_the_log() -> None:
    heads: dict[str, head_map.Head] = {}
    for index, text in enumerate(LOG_ENTRIES):
        entry = entries.read_entry(text)
        if isinstance(entry, entries.EventEntry):
            stream = head_map.map_key("stream", entry.stream.encode()).hex()
            for key in (stream, *entry.keys):
                old, link = heads.get(key), entries.entry_hash(text)
                heads[key] = old.advance(index, link) if old else head_map.Head.first(index, link)
    assert {key: head.value().hex() for key, head in heads.items()} == LOG["head_map"]


ENTRY_FAULTS: list[dict[str, object]] = [
    {"v": True}, {"v": 2}, {"prev": None}, {"seq": 0}, {"seq": True}, {"seq": 2**53},
    {"recorded": -1}, {"recorded": 1.5}, {"recorded": "1"}, {"kind": "Cohort"}, {"kind": ""},
    {"kind": []}, {"keys": None}, {"keys": ["00" * 31]}, {"keys": ["FF" * 32]},
    {"keys": ["11" * 32, "00" * 32]}, {"keys": ["00" * 32, "00" * 32]}, {"payload": "00" * 33},
    {"payload": None}, {"event": "019cac18-4e40-7ebe-84ab-be425175f8c000"},
    {"event": "019cac18-4e40-7ebe-84ab-be425175f8"}, {"event": "019cac18-4e40-7ebe-84ab-"},
    {"event": "019CAC18-4e40-7ebe-84ab-be425175f8c0"}, {"stream": 5}, {"more": 1},
    {"more": [[[]]]},
]  # fmt: skip


@pytest.mark.parametrize("fault", ENTRY_FAULTS, ids=json.dumps)
def test_an_entry_with_a_fault_is_refused_by_both(fault: dict[str, object]) -> None:
    good = json.loads(VECTORS["first-event"]["entries"][0]["text"])
    assert own_entries.read_entry(own_entries.canonical_json(good)) == good
    assert isinstance(entries.read_entry(own_entries.canonical_json(good)), entries.EventEntry)
    data = own_entries.canonical_json(good | fault)
    with pytest.raises(own_entries.EntryError):
        own_entries.read_entry(data)
    with pytest.raises(FormatError):
        entries.read_entry(data)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"5", b"{", b'{"v":1,"v":1}', b"[" * 4096, b'{"a":' * 600 + b"1" + b"}" * 600,
        LOG_ENTRIES[3] + b"\n", LOG_ENTRIES[3].replace(b":", b": "), bytes(4097),
        LOG["map_commit"].encode().replace(b'"recorded"', b'"previous":null,"recorded"'),
        LOG_ENTRIES[0].replace(b'"ed25519"', b"5"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_entry_are_refused_by_both(data: bytes) -> None:
    with pytest.raises(own_entries.EntryError):
        own_entries.read_entry(data)
    with pytest.raises(FormatError):
        entries.read_entry(data)


# --- Trees, maps and identifiers at large --------------------------------------------------------


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_roots_and_paths_are_the_same_in_both(data: list[bytes]) -> None:
    leaves = [trees.leaf_hash(one) for one in data]
    root = trees.root_of(leaves)
    assert root == merkle.root(leaves)
    for position, leaf in enumerate(leaves):
        path = trees.path_of(position, leaves)
        assert path == merkle.inclusion_path(leaves, position)
        assert trees.root_from_path(leaf, position, len(leaves), path) == root
        assert trees.root_from_path(leaf, position, len(leaves), (*path, leaf)) is None


@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)))
def test_maps_have_the_same_root_and_each_proof_holds_in_the_other(
    values: dict[bytes, bytes],
) -> None:
    root = own_head_map.map_root(values)
    assert root == head_map.map_root(ledger_items(values))
    missing = head_map.map_key("stream", b"missing")
    for key, value in values.items():
        proof = own_head_map.prove(values, key)
        assert own_head_map.root_from_proof(key, value, proof) == root
        head_map.verify_presence(root, key, value, head_map.MapProof.from_bytes(proof))
        other = replace(head_map.MapProof.from_bytes(proof), other=(key, value))
        try:
            head_map.verify_absence(root, missing, other)
        except LogError:
            assert not own_head_map.absent(missing, key, value, proof, root)
        else:
            assert own_head_map.absent(missing, key, value, proof, root)


@given(st.uuids(), st.uuids(), st.integers(1, 100), st.text(max_size=20), st.binary(max_size=32))
def test_derived_identifiers_are_the_same_in_both(
    first: UUID, second: UUID, edition: int, origin: str, key: bytes
) -> None:
    own, theirs = own_identifiers, identifiers
    assert own.log_namespace(origin) == theirs.log_namespace(origin)
    assert own.party_id(origin, "X") == theirs.party_id(origin, "X")
    assert own.key_stream(origin, key) == theirs.key_stream(origin, key)
    assert own.policy_stream(origin) == theirs.policy_stream(origin)
    assert own.enrolment_stream(first, second) == theirs.enrolment_id(first, second)
    assert own.certificate_stream(first, second, edition) == theirs.certificate_id(
        first, second, edition
    )


@given(st.text(certificate_numbers.CROCKFORD, min_size=12, max_size=12), st.integers(0, 9999))
def test_certificate_numbers_are_judged_the_same_by_both(serial: str, year: int) -> None:
    check = own_identifiers.check_character(f"320599{year:04}{serial}")
    groups = "-".join((serial[:4], serial[4:8], serial[8:]))
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        number = f"PXZM-320599-{year:04}-{groups}-{character}"
        assert own_identifiers.is_certificate_number(number) == (character == check)
        try:
            certificate_numbers.check_number(number)
        except FormatError:
            assert character != check
        else:
            assert character == check
