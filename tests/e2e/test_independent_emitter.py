"""docs/emitter.md put to the proof: a client that knows no line of ours writes to a real server.

`tests.independent` is that client: bytes by hand, grpc as a carrier of bytes, cryptography. The
server is `tledger serve` in a process of its own, reached over mutual TLS.
"""

import ast
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.independent import emitter, log_client, notes, reader, signing
from tests.independent.author import USE_DEVICE, USE_PARTY, Author
from tests.independent.calls import call, connect
from tests.independent.emitter import Accepted, Batch, Rejected, Response
from tests.independent.entries import check_chain, read_entry
from tests.independent.fields import MESSAGES
from tests.independent.identifiers import party_id
from tests.independent.trees import leaf_hash
from tests.independent.writer import delimited

ORIGIN: Final = "log.example/320599"
BUREAU: Final = "11320599000000001J"
SCHOOL: Final = "91320599000000017X"
TERMINAL: Final = "TERM-0031"
SECONDS: Final = 60.0
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A running ledger as the independent client sees it: an address, a folder, a trust file."""

    address: str
    identity: Path
    channel: grpc.Channel
    trust: log_client.Trust
    keys: dict[bytes, bytes]
    authors: dict[str, Author]

    def send(self, *batches: Batch) -> Response:
        """Send batches and check the answer."""
        request = emitter.encode_request(batches)
        response = emitter.append_events(self.channel, request, SECONDS)
        sent = [event for batch in batches for event in batch.events]
        emitter.check_response(ORIGIN, self.keys, sent, response)
        return response

    def accepted(self, *batches: Batch) -> list[Accepted]:
        """Send batches of which every event is to be recorded."""
        results = self.send(*batches).results
        assert all(isinstance(result, Accepted) for result in results), results
        return [result for result in results if isinstance(result, Accepted)]


def tledger(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ledger.main", *arguments]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("independent")
    home, identity = folder / "home", folder / "school"
    named = ("--bureau-name", "示例市应急管理局", "--bureau-code", BUREAU, "--area", "3205")
    init = tledger("init", "--home", str(home), "--origin", ORIGIN, *named, "--synthetic")
    client = tledger("client", "--home", str(home), str(identity), "--credit-code", SCHOOL)
    for command in (init, client):
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    serve = tledger("serve", "--home", str(home), "--address", "127.0.0.1:0")
    said = folder / "server.log"
    with said.open("wb") as log:
        server = subprocess.Popen(
            [*serve, "--publish-every", "0.05"], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        address = f"127.0.0.1:{_port(server, said)}"
        trust = log_client.Trust.load(home / "trust.json")
        with connect(address, identity) as channel:
            _wait_for_a_checkpoint(channel, trust)
            keys = log_client.proven_keys(channel, trust, SECONDS)
            bureau = load_pem_private_key((home / "bureau" / "key.pem").read_bytes(), None)
            assert isinstance(bureau, Ed25519PrivateKey)
            running = Ledger(address, identity, channel, trust, keys, _authors(bureau))
            _register(running)
            yield running
    finally:
        server.terminate()
        code = server.wait(SECONDS)
    assert code == 0, said.read_text("utf-8")


def _port(server: "subprocess.Popen[bytes]", said: Path) -> int:
    """Wait until the server says on which port it serves."""
    deadline = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        found = re.search(r'"port": (\d+),', said.read_text("utf-8"))
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(said.read_text("utf-8"))


def _wait_for_a_checkpoint(channel: grpc.Channel, trust: log_client.Trust) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            log_client.checkpoint(channel, trust, SECONDS)
        except grpc.RpcError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def _authors(bureau: Ed25519PrivateKey) -> dict[str, Author]:
    school = party_id(ORIGIN, SCHOOL)
    return {
        "bureau": Author(ORIGIN, party_id(ORIGIN, BUREAU), bureau),
        "ed25519": Author(ORIGIN, school, Ed25519PrivateKey.generate()),
        "ecdsa-p256": Author(ORIGIN, school, generate_private_key(SECP256R1())),
    }


def _register(ledger: Ledger) -> None:
    """Register the school and its key by the bureau's, its terminal's by its own."""
    bureau, school, terminal = ledger.authors.values()
    ledger.accepted(
        bureau.sign(
            bureau.institution_registered(SCHOOL, "示例安全生产培训中心", "320505"),
            bureau.key_registered(school, USE_PARTY),
        ),
        school.sign(school.key_registered(terminal, USE_DEVICE, TERMINAL)),
    )


def sign_ins(author: Author, count: int) -> list[bytes]:
    """Return sign-ins of as many learners in a cohort that the office has not sent yet."""
    cohort, session = uuid4(), uuid4()
    return [author.presence("LearnerSignedIn", cohort, uuid4(), session) for _ in range(count)]


def header_of(event: bytes) -> dict[str, Any]:
    header: dict[str, Any] = reader.read_event(event).header
    return header


# --- The client is a stranger --------------------------------------------------------------------


def foreign_imports(source: str) -> set[str]:
    """Return the modules outside the standard library that a module imports."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named.add("." * node.level + (node.module or ""))
    return {name for name in named if name.partition(".")[0] not in sys.stdlib_module_names}


def is_strange(module: str) -> bool:
    own = module == "tests.independent" or module.startswith("tests.independent.")
    return own or module.partition(".")[0] in {"grpc", "cryptography", "pytest"}


def test_the_client_imports_nothing_of_the_ledger_and_no_generated_code() -> None:
    files = [Path(__file__), *sorted((ROOT / "tests" / "independent").glob("*.py"))]
    assert len(files) > 10
    for file in files:
        strangers = foreign_imports(file.read_text("utf-8"))
        assert all(map(is_strange, strangers)), (file.name, strangers)


@pytest.mark.parametrize(
    "line",
    [
        "from clients.sdk import Ledger",
        "def f():\n    import ledger.log.merkle",
        "from google.protobuf import message",
        "from . import served",
        "from tests.unit.application import town",
    ],
)
def test_an_import_of_ours_would_be_seen(line: str) -> None:
    assert not all(map(is_strange, foreign_imports(line)))


# --- Writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_sign_ins_written_by_hand_are_recorded_and_acknowledged(
    ledger: Ledger, algorithm: str
) -> None:
    author = ledger.authors[algorithm]
    events = sign_ins(author, 3)
    accepted = ledger.accepted(author.sign(*events))
    assert [one.place.position for one in accepted] == [0, 1, 2]
    # The enrolments have not come yet: recorded all the same, and held until they have.
    assert {(one.held, one.repeated) for one in accepted} == {("ENROLMENT_NOT_OPEN", False)}
    entries = [read_entry(one.place.entry) for one in accepted]
    assert [entry["payload"] for entry in entries] == [leaf_hash(event).hex() for event in events]
    assert [entry["seq"] for entry in entries] == [1, 1, 1]


def test_a_terminals_chain_of_sign_in_and_sign_out_is_one_chain_in_the_log(ledger: Ledger) -> None:
    terminal = ledger.authors["ecdsa-p256"]
    cohort, learner, session = uuid4(), uuid4(), uuid4()
    boot = {"last_sync_us": 1, "boot_id": uuid4().bytes, "monotonic_us": 5_000_000}
    signed_in = terminal.presence(
        "LearnerSignedIn", cohort, learner, session,
        record_origin=1, device=TERMINAL, device_sequence=1, clock=boot,
    )  # fmt: skip
    signed_out = terminal.presence(
        "LearnerSignedOut", cohort, learner, session,
        record_origin=1, device=TERMINAL, device_sequence=2, clock=boot,
        previous_leaf=leaf_hash(signed_in),
    )  # fmt: skip
    # Two batches in one request: each keeps the signature that it was given at capture.
    accepted = ledger.accepted(terminal.sign(signed_in), terminal.sign(signed_out))
    check_chain([one.place.entry for one in accepted])


def test_a_receipt_shows_the_place_that_was_acknowledged(ledger: Ledger) -> None:
    author = ledger.authors["ed25519"]
    (event,) = sign_ins(author, 1)
    (accepted,) = ledger.accepted(author.sign(event))
    event_id = header_of(event)["event_id"]
    place = log_client.receipt(ledger.channel, ledger.trust, event_id, SECONDS)
    assert place == (accepted.place.entry, accepted.place.index)
    proven = log_client.proven_entry(ledger.channel, ledger.trust, place[1], SECONDS)
    assert proven == accepted.place.entry


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_the_rest_of_a_partly_answered_batch_is_sent_again_and_nothing_is_recorded_twice(
    ledger: Ledger, algorithm: str
) -> None:
    author = ledger.authors[algorithm]
    batch = author.sign(*sign_ins(author, 3))
    (first,) = ledger.accepted(replace(batch, events=batch.events[:1]))
    # The same signature, all leaves, and the events that nobody has answered for.
    rest = ledger.accepted(replace(batch, events=batch.events[1:]))
    assert [one.repeated for one in rest] == [False, False]
    again = ledger.accepted(batch)
    assert [one.repeated for one in again] == [True, True, True]
    for old, new in zip([first, *rest], again, strict=True):
        assert (old.place.entry, old.place.index) == (new.place.entry, new.place.index)


def test_a_refused_event_leaves_its_neighbours_recorded_and_is_judged_again(ledger: Ledger) -> None:
    author = ledger.authors["ed25519"]
    first, last = sign_ins(author, 2)
    misplaced = author.event(
        "LearnerSignedIn", uuid4(), {"session": uuid4().bytes, "method": 2},
        cohorts=[uuid4().bytes], person_ref=uuid4().bytes,
    )  # fmt: skip
    batch = author.sign(first, misplaced, last)
    for repeated in (False, True):
        response = ledger.send(batch)
        one, refused, other = response.results
        assert isinstance(one, Accepted)
        assert isinstance(refused, Rejected)
        assert isinstance(other, Accepted)
        assert (refused.code, refused.field) == ("WRONG_STREAM", "header.stream")
        assert (one.repeated, other.repeated) == (repeated, repeated)
        assert response.acknowledgement is not None
        assert response.acknowledgement.size == 2
        assert emitter.unanswered(batch, response.results) is None


# --- What is refused, and what is not believed ---------------------------------------------------


def test_other_content_under_the_same_id_is_refused_in_both_languages(ledger: Ledger) -> None:
    author = ledger.authors["ecdsa-p256"]
    (event,) = sign_ins(author, 1)
    (accepted,) = ledger.accepted(author.sign(event))
    header = header_of(event)
    cohort, learner = UUID(bytes=header["cohorts"][0]), UUID(bytes=header["person_ref"])
    other = author.presence(
        "LearnerSignedIn", cohort, learner, uuid4(), event_id=header["event_id"]
    )
    response = ledger.send(author.sign(other))
    (refused,) = response.results
    assert isinstance(refused, Rejected)
    assert refused.event_id == header["event_id"]
    assert refused.code == "EVENT_ID_REUSED"
    assert "编号" in refused.reason_zh
    assert refused.fix_zh
    assert "id was used" in refused.reason_en
    assert refused.fix_en
    assert response.acknowledgement is None
    (still,) = ledger.accepted(author.sign(event))
    assert (still.repeated, still.place.index) == (True, accepted.place.index)


def with_unknown_field(author: Author) -> Batch:
    return author.sign(sign_ins(author, 1)[0] + delimited(99, b"new"))


def with_foreign_signature(author: Author) -> Batch:
    good, other = (author.sign(*sign_ins(author, 1)) for _ in range(2))
    return replace(good, signature=other.signature)


def by_unregistered_key(author: Author) -> Batch:
    stranger = replace(author, key=Ed25519PrivateKey.generate())
    return stranger.sign(*sign_ins(stranger, 1))


def without_its_leaf(author: Author) -> Batch:
    good = author.sign(*sign_ins(author, 2))
    return replace(good, leaves=good.leaves[:1], events=good.events[1:])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (with_unknown_field, "EVENT_MALFORMED"),
        (with_foreign_signature, "BAD_SIGNATURE"),
        (by_unregistered_key, "UNKNOWN_KEY"),
        (without_its_leaf, "BAD_BATCH"),
    ],
)
@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_what_breaks_a_rule_is_refused_with_its_code(
    ledger: Ledger, algorithm: str, make: Callable[[Author], Batch], code: str
) -> None:
    response = ledger.send(make(ledger.authors[algorithm]))
    assert [getattr(one, "code", "") for one in response.results] == [code]
    assert response.acknowledgement is None


def test_a_request_without_batches_is_refused_as_a_whole(ledger: Ledger) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        emitter.append_events(ledger.channel, b"", SECONDS)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_who_shows_no_certificate_is_not_heard(ledger: Ledger) -> None:
    credentials = grpc.ssl_channel_credentials((ledger.identity / "ca.pem").read_bytes())
    with (
        grpc.secure_channel(ledger.address, credentials) as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        emitter.append_events(channel, b"", SECONDS)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


def test_an_acknowledgement_counts_only_by_the_key_that_the_log_names(ledger: Ledger) -> None:
    author = ledger.authors["ed25519"]
    batch = author.sign(*sign_ins(author, 2))
    request = emitter.encode_request([batch])
    response = emitter.append_events(ledger.channel, request, SECONDS)
    sent = list(batch.events)
    emitter.check_response(ORIGIN, ledger.keys, sent, response)
    first, second = response.results
    assert isinstance(first, Accepted)
    moved = replace(first, place=replace(first.place, index=first.place.index + 1))
    for origin, keys, answer in (
        (ORIGIN, {}, response),
        ("log.example/other", ledger.keys, response),
        (ORIGIN, ledger.keys, replace(response, results=(moved, second))),
        (ORIGIN, ledger.keys, replace(response, acknowledgement=None)),
    ):
        with pytest.raises(signing.AcknowledgementError):
            emitter.check_response(origin, keys, sent, answer)


def test_a_proof_counts_only_for_its_entry_under_the_keys_of_the_trust_file(
    ledger: Ledger,
) -> None:
    method = "/ledger.api.v1.LogService/GetInclusionProof"
    data = call(ledger.channel, method, b"", SECONDS)
    answer = reader.read_message(data, MESSAGES["GetInclusionProofResponse"])
    entry, proof = answer["entry"], answer["proof"]
    origin, vkeys = ledger.trust.origin, ledger.trust.log_keys
    assert notes.check_proof(proof, entry, origin, vkeys)[0] == 0
    ed25519, ml_dsa = vkeys
    lines = proof.splitlines(keepends=True)
    larger = proof.replace(f"\n{origin}\n", f"\n{origin}\n1", 1)
    for wrong in (
        (proof, entry + b" ", origin, vkeys),
        (proof, entry, "log.example/other", vkeys),
        (proof, entry, origin, ()),
        (proof.replace("index 0", "index 1"), entry, origin, vkeys),
        (larger, entry, origin, vkeys),
        ("".join(lines[:-1]), entry, origin, vkeys),
        ("".join(lines[:-2] + lines[-1:]), entry, origin, vkeys),
        (proof, entry, origin, (ed25519, ed25519.replace("+", "x+", 1))),
        (proof, entry, origin, (ml_dsa, ed25519[:-8] + "AAAAAAA=")),
    ):
        with pytest.raises(notes.NoteError):
            notes.check_proof(*wrong)
