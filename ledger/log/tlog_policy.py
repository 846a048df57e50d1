"""C2SP tlog-policy: which logs are known, and which cosignatures make a checkpoint good enough.

A policy file has these lines, besides empty ones and comments (`#`)::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>...
    quorum <name>|none

Names are opaque octets. They are kept as text, where octets that are not UTF-8 become lone
surrogates (PEP 383), so that any two different names stay different.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ledger.log.checkpoints import LOG_KEY_TYPES, OpenedCheckpoint, TrustedKeys
from ledger.log.errors import FormatError, ProofError
from ledger.log.notes import SignatureType, VerifierKey

MAX_POLICY_SIZE = 512 * 1024
MAX_DEFINITIONS = 64
NONE = "none"

_WORD = re.compile(r"[^\x00-\x20\x7f]+")
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}")
_WITNESS_TYPES = {SignatureType.ED25519_COSIGNATURE, SignatureType.ML_DSA_44_COSIGNATURE}


@dataclass(frozen=True, slots=True)
class Log:
    """A known log: its key, whose name is the log's origin, and where it is, if stated."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A known cosigner under its name in this policy."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group counts as witnessing when at least `threshold` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy; groups stand in the order of their definition.

    Attributes:
        logs: the known logs.
        witnesses: the known cosigners.
        groups: each refers to witnesses and to groups before it.
        quorum: name of the witness or group that must have cosigned; None for `quorum none`.

    Raises:
        FormatError: when names, members, thresholds or keys break the rules of the specification.
    """

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str | None = None

    def __post_init__(self) -> None:
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_DEFINITIONS:
            raise FormatError(f"more than {MAX_DEFINITIONS} logs, witnesses or groups")
        self._check_keys()
        self._check_names()

    def _check_keys(self) -> None:
        if any(log.key.type not in LOG_KEY_TYPES for log in self.logs):
            raise FormatError("the key of a log has a cosigner's signature type")
        if any(witness.key.type not in _WITNESS_TYPES for witness in self.witnesses):
            raise FormatError("the key of a witness has a log's signature type")
        # "duplicate if they wrap the same underlying public key, even if they differ by key name
        # and key id": a log that is its own witness is refused as well.
        keys = [log.key.public_key for log in self.logs]
        keys += [witness.key.public_key for witness in self.witnesses]
        if len(set(keys)) != len(keys):
            raise FormatError("a public key stands twice in the policy")

    def _check_names(self) -> None:
        defined: set[str] = set()
        used: set[str] = set()
        for witness in self.witnesses:
            _define(witness.name, defined)
        for group in self.groups:
            if not 1 <= group.threshold <= len(group.members):
                raise FormatError(f"the threshold of group {group.name!r} is out of range")
            for member in group.members:
                # "Each defined name can be listed as a group member at most once."
                if member not in defined or member in used:
                    raise FormatError(f"{member!r} is undefined or already in a group")
                used.add(member)
            _define(group.name, defined)
        if self.quorum is not None and self.quorum not in defined:
            raise FormatError(f"the quorum {self.quorum!r} is not defined")

    def trusted_keys(self, origin: str) -> TrustedKeys:
        """Return the keys of one log and of all witnesses.

        Stricter than the specification, which is content with any one of a log's keys: of two
        keys listed for one origin, both must have signed.

        Raises:
            ProofError: when no log of this origin is known.
        """
        log = tuple(known.key for known in self.logs if known.key.name == origin)
        if not log:
            raise ProofError(f"the policy knows no log {origin!r}")
        return TrustedKeys(log, tuple(witness.key for witness in self.witnesses))

    def witness_names(self, opened: OpenedCheckpoint) -> frozenset[str]:
        """Return the names in this policy of the witnesses that cosigned a checkpoint."""
        keys = {cosignature.key for cosignature in opened.cosignatures}
        return frozenset(witness.name for witness in self.witnesses if witness.key in keys)


def satisfied(policy: Policy, verified_names: AbstractSet[str]) -> bool:
    """Say whether these witnesses, whose cosignatures verified, make the quorum."""
    if policy.quorum is None:
        return True
    witnessing = {witness.name for witness in policy.witnesses if witness.name in verified_names}
    for group in policy.groups:
        if sum(member in witnessing for member in group.members) >= group.threshold:
            witnessing.add(group.name)
    return policy.quorum in witnessing


def _define(name: str, defined: set[str]) -> None:
    if not _WORD.fullmatch(name) or name == NONE or name in defined:
        raise FormatError(f"{name!r} cannot be defined, or is defined twice")
    defined.add(name)


def format_policy(policy: Policy) -> bytes:
    """Return the policy as a file: logs, witnesses, groups, quorum.

    Raises:
        FormatError: when a URL has a space or control character.
    """
    lines = [
        *(_words("log", log.key.vkey(), log.url) for log in policy.logs),
        *(_words("witness", each.name, each.key.vkey(), each.url) for each in policy.witnesses),
        *(_words("group", each.name, _rule(each), *each.members) for each in policy.groups),
        _words("quorum", policy.quorum or NONE),
    ]
    return "".join(lines).encode("utf-8", "surrogateescape")


def _words(*words: str | None) -> str:
    present = [word for word in words if word is not None]
    if not all(_WORD.fullmatch(word) for word in present):
        raise FormatError("a word of the policy is empty, or has a space or control character")
    return " ".join(present) + "\n"


def _rule(group: Group) -> str:
    if group.threshold == len(group.members):
        return "all"
    return "any" if group.threshold == 1 else str(group.threshold)


def parse_policy(data: bytes) -> Policy:
    """Parse a policy file.

    Raises:
        FormatError: when it is over 512 KiB, malformed, or breaks a rule of the specification.
    """
    if len(data) > MAX_POLICY_SIZE or _FORBIDDEN.search(data):
        raise FormatError("a policy is at most 512 KiB without control characters")
    logs: list[Log] = []
    witnesses: list[Witness] = []
    groups: list[Group] = []
    quorums: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        # Only space and tab separate words: other Unicode spaces belong to a name.
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        # "A line [...] can only reference names of groups and witnesses defined on preceding
        # lines." This includes the quorum line.
        defined = {witness.name for witness in witnesses} | {group.name for group in groups}
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                logs.append(Log(VerifierKey.from_vkey(vkey), *url))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                witnesses.append(Witness(name, VerifierKey.from_vkey(vkey), *url))
            case ["group", name, rule, *members] if defined.issuperset(members):
                groups.append(Group(name, _threshold(rule, members), tuple(members)))
            case ["quorum", name] if name == NONE or name in defined:
                quorums.append(name)
            case _:
                raise FormatError(
                    f"{words[0]!r} does not start a line of a policy that is in order"
                )
    if len(quorums) != 1:
        raise FormatError(f"a policy has exactly one quorum line, not {len(quorums)}")
    quorum = None if quorums[0] == NONE else quorums[0]
    return Policy(tuple(logs), tuple(witnesses), tuple(groups), quorum)


def _threshold(rule: str, members: Sequence[str]) -> int:
    if rule == "all":
        return len(members)
    if rule == "any":
        return 1
    if not _THRESHOLD.fullmatch(rule):
        raise FormatError(f"{rule!r} is not all, any or a number")
    return int(rule)
