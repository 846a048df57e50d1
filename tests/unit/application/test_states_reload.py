"""A state that ran along with the log is the one that is loaded from its rows, whatever happened.

Rows are picked as the storages pick them: of a stream those of the types that decisions rest on, of
a cohort these and the first under its key.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.api.v1 import events_pb2 as pb
from ledger.application.decision_state import DecisionState
from ledger.application.ports import Loaded, LogRow, StreamTail
from ledger.domain.event_types import DECISION_RELEVANT, EVENT_TYPES
from ledger.domain.recorded_event import RecordedEvent
from ledger.log.entries import entry_hash
from tests.unit.application.rows import row
from tests.unit.domain.learner_days import ELECTRICIAN

ORIGIN = "log.example/320599"
SCHOOLS = (b"s" * 16, b"t" * 16)
COHORTS = (b"c" * 16, b"d" * 16)
REPORTS = (1, 2, 3)
STREAMS: dict[str, tuple[bytes, ...]] = {
    "enrolment": (b"e" * 16, b"f" * 16),
    "certificate": (b"x" * 16, b"y" * 16),
    "institution": SCHOOLS,
    "staff": (b"m" * 16, b"n" * 16),
    "key": (b"k" * 16,),
    "policy": (DecisionState(ORIGIN).ids.policies,),
}
FILLED: dict[str, dict[str, Any]] = {
    "InstitutionRegistered": {"kind": pb.PARTY_KIND_INSTITUTION, "area": "320599"},
    "InstitutionImported": {"trades": ["2010-1.2"]},
    "InitialReportSubmitted": {"trades": ["2010-1.2", "2020-1.1"]},
    "ScopeExtensionReported": {"trades": ["2030-1.1"]},
    "KeyRegistered": {"public_key": b"der", "holder": SCHOOLS[0], "use": pb.KEY_USE_SYSTEM},
    "PolicyAdopted": {"document": ELECTRICIAN},
    "CohortPlanned": {"policy": b"p" * 32, "trade": "2010-1.2", "capacity": 3},
    "CohortPolicyRepinned": {"policy": b"q" * 32},
    "LearnerTransferred": {"to_cohort": COHORTS[1]},
    "MakeUpScheduled": {"session": b"1" * 16, "cohort": COHORTS[1]},
    "ClockOffsetStated": {"device": "TERM-0001", "offset_us": -5, "first_us": 1, "last_us": 9},
    "TrainingCertificateIssued": {"number": "PXZM-1", "edition": 1},
    "TrainingCertificateSuperseded": {"number": "PXZM-2"},
}
TYPES = sorted(DECISION_RELEVANT | {"LearnerSignedIn", "SessionStarted", "StandingReportSubmitted"})


def _body(name: str, variant: int) -> Any:  # noqa: ANN401 - any message
    body = getattr(pb, name)(**FILLED.get(name, {}))
    if name == "ReportReviewed":
        body.report = REPORTS[variant % 3].to_bytes(16, "big")
        body.stage, body.approved = 1 + variant % 2, variant % 5 != 0
    elif name == "CohortArchiveSealed":
        body.version = 1 + variant
    elif name == "KeyEnded":
        body.ending, body.from_index = 1 + variant % 3, variant
    return body


@st.composite
def _told(draw: st.DrawFn) -> tuple[str, int, int, str]:
    """Type, a number that picks stream, cohorts and body, an id of few, and a hold."""
    name = draw(st.sampled_from(TYPES))
    held = "" if EVENT_TYPES[name].decision else draw(st.sampled_from(["", "CLOCK_AHEAD"]))
    return name, draw(st.integers(0, 11)), draw(st.sampled_from(REPORTS)), held


def _row(index: int, told: tuple[str, int, int, str]) -> tuple[RecordedEvent, LogRow]:
    name, variant, event_id, held = told
    kind = EVENT_TYPES[name].kind
    home = COHORTS[variant % 2]
    of_cohort = kind in ("cohort", "enrolment", "certificate")
    stream = home if kind == "cohort" else STREAMS[kind][variant % len(STREAMS[kind])]
    guest = (COHORTS[1 - variant % 2],) if variant % 3 == 0 else ()
    header = pb.EventHeader(
        event_id=event_id.to_bytes(16, "big"),
        type=name,
        institution=SCHOOLS[variant // 6],
        stream=stream,
        cohorts=(home, *guest) if of_cohort else (),
    )
    # Generated messages obey the protocol of RecordedEvent, but their stubs do not declare it.
    fields: tuple[Any, Any] = header, _body(name, variant)
    event = RecordedEvent(index, index + 1, name, stream, 1_000 + index, *fields)
    return event, replace(row(event, held=held), entry=index.to_bytes(4, "big"))


def _load(state: DecisionState, rows: Sequence[LogRow], streams: Sequence[bytes]) -> None:
    """Load what is missing, as the storages answer."""
    wanted = state.missing(streams, COHORTS)
    mine = {stream: [each for each in rows if each.stream == stream] for stream in wanted.streams}
    under = {cohort: [each for each in rows if each.cohort == cohort] for cohort in wanted.cohorts}
    loaded = Loaded(
        {key: StreamTail(each[-1].seq, each[-1].entry) for key, each in mine.items() if each},
        {
            key: [each for each in found if each.type in DECISION_RELEVANT]
            for key, found in mine.items()
        },
        {
            key: [each for each in found if each.type in DECISION_RELEVANT or each is found[0]]
            for key, found in under.items()
        },
    )
    state.absorb(loaded, wanted)


@settings(max_examples=300)
@given(st.lists(st.tuples(_told(), st.booleans(), st.booleans()), max_size=25))
def test_a_state_is_the_same_run_along_with_loaded_or_both(
    told: list[tuple[tuple[str, int, int, str], bool, bool]],
) -> None:
    streams = [*COHORTS, *(each for known in STREAMS.values() for each in known)]
    live, patched, rows = DecisionState(ORIGIN), DecisionState(ORIGIN), list[LogRow]()
    _load(live, rows, streams)
    for index, (what, elsewhere, undone) in enumerate(told):
        event, written = _row(index, what)
        decides = written.type in DECISION_RELEVANT
        given_: dict[str, Any] = {"held": written.held, "decides": decides}
        _load(patched, rows, streams)
        patched.begin()
        if undone:
            patched.append(event, b"another attempt", **given_)
            patched.undo()
        rows.append(written)
        live.append(event, entry_hash(written.entry), **given_)
        if elsewhere:
            # Another process wrote it.
            patched.forget_moved([written])
        else:
            patched.append(event, entry_hash(written.entry), **given_)
    loaded = DecisionState(ORIGIN)
    for state in (patched, loaded):
        _load(state, rows, streams)
        for stream in streams:
            assert state.stream(stream) == live.stream(stream)
        for cohort in COHORTS:
            assert state.cohorts.get(cohort) == live.cohorts.get(cohort)
