"""tlog-policy: the grammar of the specification, quorums, and what is refused."""

from itertools import product

import pytest

from ledger.log import tlog_policy
from ledger.log.checkpoints import open_checkpoint, sign_checkpoint, sign_line
from ledger.log.errors import FormatError, ProofError
from ledger.log.notes import SignatureType, SigningKey, VerifierKey
from ledger.log.tlog_policy import Group, Log, Policy, Witness, satisfied
from tests.unit.log.signed_trees import (
    AUDITOR,
    COSIGNER_KEYS,
    ED25519,
    LOG_KEYS,
    ML_DSA,
    ORIGIN,
    TIME,
    TREE,
    WITNESS,
)


def witness_key(number: int) -> VerifierKey:
    seed = (1000 + number).to_bytes(32, "big")
    name = f"w{number}.example"
    return SigningKey(name, SignatureType.ED25519_COSIGNATURE, seed).verifier_key()


def log_key(number: int) -> VerifierKey:
    seed = (5000 + number).to_bytes(32, "big")
    return SigningKey(f"l{number}.example", SignatureType.ED25519, seed).verifier_key()


LOG, W1, W2, W3, AUD = (
    LOG_KEYS[0].vkey(),
    *(witness_key(number).vkey() for number in (1, 2, 3)),
    COSIGNER_KEYS[1].vkey(),
)
WITNESSES = f"witness w1 {W1}\nwitness w2 {W2}\nwitness w3 {W3}\nwitness auditor {AUD}\n"
STANDARD = f"""log {LOG}
{WITNESSES}group any-two 2 w1 w2 w3
group complete all any-two auditor
quorum complete
"""


def parse(text: str) -> Policy:
    return tlog_policy.parse_policy(text.encode("utf-8", "surrogateescape"))


def test_the_standard_policy_gives_its_text_back() -> None:
    policy = parse(STANDARD)
    assert [log.key for log in policy.logs] == [LOG_KEYS[0]]
    assert [witness.name for witness in policy.witnesses] == ["w1", "w2", "w3", "auditor"]
    assert policy.groups == (
        Group("any-two", 2, ("w1", "w2", "w3")),
        Group("complete", 2, ("any-two", "auditor")),
    )
    assert policy.quorum == "complete"
    assert tlog_policy.format_policy(policy) == STANDARD.encode()


def test_the_standard_policy_wants_two_witnesses_and_the_auditor() -> None:
    policy = parse(STANDARD)
    for present in product((False, True), repeat=4):
        names = {
            name
            for name, there in zip(("w1", "w2", "w3", "auditor"), present, strict=True)
            if there
        }
        assert satisfied(policy, names) == (sum(present[:3]) >= 2 and present[3])


def test_quorum_none_is_satisfied_by_nobody() -> None:
    policy = parse("quorum none\n")
    assert policy == Policy()
    assert satisfied(policy, frozenset())
    assert tlog_policy.format_policy(policy) == b"quorum none\n"


def test_a_quorum_may_be_one_witness() -> None:
    policy = parse(f"witness w1 {W1}\nquorum w1\n")
    assert satisfied(policy, {"w1"})
    assert not satisfied(policy, {"w2"})


def test_any_and_all_are_shorthands() -> None:
    policy = parse(WITNESSES + "group some any w1 w2\ngroup both all w3 auditor\nquorum some\n")
    assert [group.threshold for group in policy.groups] == [1, 2]
    assert satisfied(policy, {"w2"})
    assert not satisfied(policy, {"w3"})


def test_the_name_of_a_group_is_no_cosignature() -> None:
    assert not satisfied(parse(STANDARD), {"complete", "any-two", "auditor"})


def test_spaces_tabs_comments_and_urls_are_allowed() -> None:
    text = f"""
# a comment
\t # another, with 中文
  log\t{LOG}   https://ledger.example/
witness w1 {W1} https://w1.example/\t
quorum   w1"""
    policy = parse(text)
    assert policy.logs == (Log(LOG_KEYS[0], "https://ledger.example/"),)
    assert policy.witnesses == (Witness("w1", witness_key(1), "https://w1.example/"),)
    again = tlog_policy.parse_policy(tlog_policy.format_policy(policy))
    assert again == policy


def test_names_are_octets_and_stay_different() -> None:
    text = f"witness K {W1}\nwitness \u212a {W2}\nwitness \udcff {W3}\nquorum \udcff\n"
    policy = parse(text)
    assert satisfied(policy, {"\udcff"})
    assert not satisfied(policy, {"K", "\u212a"})
    assert tlog_policy.format_policy(policy) == text.encode("utf-8", "surrogateescape")


def test_a_unicode_space_belongs_to_a_name() -> None:
    assert parse(f"witness a\u2003b {W1}\nquorum a\u2003b\n").witnesses[0].name == "a\u2003b"


def test_32_of_each_are_supported() -> None:
    lines = [f"log {log_key(n).vkey()}" for n in range(32)]
    lines += [f"witness w{n} {witness_key(n).vkey()}" for n in range(32)]
    lines += [f"group g{n} all w{n}" for n in range(32)]
    policy = parse("\n".join([*lines, "quorum g31", ""]))
    assert satisfied(policy, {"w31"})


def test_more_than_64_witnesses_are_refused() -> None:
    lines = [f"witness w{n} {witness_key(n).vkey()}" for n in range(65)]
    with pytest.raises(FormatError, match="more than 64"):
        parse("\n".join([*lines, "quorum none", ""]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum\n",
        "quorum none none\n",
        "quorum none\nquorum none\n",
        "quorum w1\n",
        f"quorum w1\nwitness w1 {W1}\n",
        f"witness w1 {W1}\n",
        "log\nquorum none\n",
        f"log {LOG} url more\nquorum none\n",
        f"witness {W1}\nquorum none\n",
        f"witness none {W1}\nquorum none\n",
        f"witness w1 {W1} url more\nquorum none\n",
        f"witness w1 {W1}\nwitness w1 {W2}\nquorum none\n",
        f"witness w1 {W1}\nwitness w2 {W1}\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {W1}\nquorum none\n",
        f"witness w1 {LOG}\nquorum none\n",
        f"log {LOG[:-4]}\nquorum none\n",
        f"{WITNESSES}group g all\nquorum none\n",
        f"{WITNESSES}group g\nquorum none\n",
        f"{WITNESSES}group g 0 w1\nquorum g\n",
        f"{WITNESSES}group g 2 w1\nquorum g\n",
        f"{WITNESSES}group g 01 w1\nquorum g\n",
        f"{WITNESSES}group g -1 w1\nquorum g\n",
        f"{WITNESSES}group g most w1\nquorum g\n",
        f"{WITNESSES}group g any w1 w1\nquorum g\n",
        f"{WITNESSES}group g any w9\nquorum g\n",
        f"{WITNESSES}group g any none\nquorum g\n",
        f"{WITNESSES}group g any g\nquorum g\n",
        f"{WITNESSES}group w1 any w2\nquorum w1\n",
        f"{WITNESSES}group none any w2\nquorum none\n",
        f"{WITNESSES}group g any w1\ngroup h any w1\nquorum h\n",
        f"{WITNESSES}group g any h\ngroup h any w1\nquorum g\n",
        f"group g any w1\n{WITNESSES}quorum g\n",
        "witnes w1 key\nquorum none\n",
        "quorum none\r\n",
        "quorum none\x00\n",
        "quorum none\x7f\n",
        f"log {LOG} \udcff+\nwitness \udcff \udcff+00000000+AQ==\nquorum none\n",
        "# " + "a" * 600_000 + "\nquorum none\n",
    ],
    ids=range(40),
)
def test_a_policy_that_breaks_a_rule_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


def test_one_public_key_under_two_types_or_roles_is_refused() -> None:
    seed = b"\x09" * 32
    plain = SigningKey("a.example", SignatureType.ED25519, seed).verifier_key()
    cosigner = SigningKey("b.example", SignatureType.ED25519_COSIGNATURE, seed).verifier_key()
    with pytest.raises(FormatError, match="stands twice"):
        Policy((Log(plain),), (Witness("w", cosigner),))


@pytest.mark.parametrize("url", ["", "a b", "a\nb"])
def test_a_url_that_would_not_parse_is_not_written(url: str) -> None:
    with pytest.raises(FormatError):
        tlog_policy.format_policy(Policy((Log(LOG_KEYS[0], url),)))


def test_a_policy_judges_an_opened_checkpoint() -> None:
    policy = Policy(
        tuple(Log(key) for key in LOG_KEYS),
        (Witness("w1", WITNESS.verifier_key()), Witness("auditor", AUDITOR.verifier_key())),
        (Group("complete", 2, ("w1", "auditor")),),
        "complete",
    )
    trusted = policy.trusted_keys(ORIGIN)
    assert (trusted.log, trusted.cosigners) == (LOG_KEYS, COSIGNER_KEYS)
    note = sign_checkpoint(TREE, (ED25519, ML_DSA), TIME)
    verdicts = []
    for signer in (None, WITNESS, AUDITOR):
        note += sign_line(TREE, signer, TIME).line() if signer else ""
        names = policy.witness_names(open_checkpoint(note, trusted))
        verdicts.append((sorted(names), satisfied(policy, names)))
    assert verdicts == [([], False), (["w1"], False), (["auditor", "w1"], True)]


def test_a_policy_has_no_keys_for_a_log_that_it_does_not_know() -> None:
    with pytest.raises(ProofError):
        parse(STANDARD).trusted_keys("other.example")
