"""The register of certificates behind their issue: replaced, suspended, reinstated, linked."""

from typing import Any

import pytest
from google.protobuf.message import Message

from ledger.api.v1 import events_pb2 as pb
from projections import certificates, cohorts
from projections.answers import Certificate, OfficialCertificate
from projections.fold import fold_events, wanted
from projections.from_documents import certificate as from_document
from tests.unit.projections.story import ANNA, COHORT, Story, at, certificate

NUMBER, NEXT = "PXZM-320599-2026-K7Q2-M4XB-9T3H-T", "PXZM-320599-2026-0000-0000-0001-B"
PROJECTIONS = (cohorts.PROJECTION, certificates.PROJECTION)


def told(story: Story, body: Message, day: int) -> int:
    """Tell what became of the first edition; return when it was recorded."""
    recorded = at(9, day=day)
    story.decide(certificate(ANNA), body, cohorts=(COHORT,), recorded_us=recorded)
    return recorded


def issued(story: Story) -> Story:
    story.issue(ANNA, NUMBER)
    return story


def documents(story: Story) -> dict[tuple[str, bytes], Any]:
    changes = fold_events(PROJECTIONS, {}, story.events)
    return {(change.view, change.key): change.document for change in changes}


def found(story: Story) -> Certificate:
    stream = certificate(ANNA)
    return from_document(stream, documents(story)[certificates.VIEW, stream], None, None)


def live(story: Story) -> int:
    """Certificates that count in the cohort."""
    count: int = documents(story)[cohorts.VIEW, COHORT]["certificates"]
    return count


SUSPENDED = pb.TrainingCertificateSuspended(reason="COMPLAINT")
REINSTATED = pb.TrainingCertificateReinstated(reason="CLEARED")
SUPERSEDED = pb.TrainingCertificateSuperseded(number=NEXT, reason="NAME-CORRECTED")
REVOKED = pb.TrainingCertificateRevoked(reason=pb.REVOCATION_REASON_FRAUD)


def test_a_certificate_to_which_nothing_happened_says_nothing_of_it() -> None:
    standing = found(issued(Story()))
    assert standing.state == "valid"
    assert (standing.supersedes, standing.successor, standing.official) == ("", "", None)
    assert (standing.superseded_us, standing.suspended_us, standing.reinstated_us) == (0, 0, 0)


def test_a_suspension_holds_until_it_is_lifted_and_stays_in_view() -> None:
    story = issued(Story())
    first = told(story, SUSPENDED, 2)
    standing = found(story)
    assert (standing.state, standing.suspended_us, standing.suspension_reason) == (
        "suspended",
        first,
        "COMPLAINT",
    )
    assert (standing.reinstated_us, standing.reinstatement_reason) == (0, "")
    lifted = told(story, REINSTATED, 3)
    standing = found(story)
    assert (standing.state, standing.suspended_us, standing.reinstated_us) == (
        "valid",
        first,
        lifted,
    )
    assert standing.reinstatement_reason == "CLEARED"
    again = told(story, pb.TrainingCertificateSuspended(reason="SECOND"), 4)
    standing = found(story)
    assert (standing.state, standing.suspended_us, standing.suspension_reason) == (
        "suspended",
        again,
        "SECOND",
    )
    assert (standing.reinstated_us, standing.reinstatement_reason) == (0, "")


def test_a_replaced_certificate_names_its_successor() -> None:
    story = issued(Story())
    when = told(story, SUPERSEDED, 2)
    standing = found(story)
    assert (standing.state, standing.successor) == ("superseded", NEXT)
    assert (standing.superseded_us, standing.superseding_reason) == (when, "NAME-CORRECTED")
    assert standing.revoked_us == 0


def test_the_successor_names_what_it_replaces() -> None:
    story = issued(Story())
    told(story, SUPERSEDED, 2)
    body = pb.TrainingCertificateIssued(number=NEXT, edition=2, supersedes=NUMBER)
    stream = certificate(ANNA, 2)
    story.decide(stream, body, cohorts=(COHORT,))
    known = documents(story)
    second = from_document(stream, known[certificates.VIEW, stream], None, None)
    assert (second.state, second.edition, second.supersedes) == ("valid", 2, NUMBER)
    assert known[certificates.NUMBERS, NEXT.encode()] == {"certificate": stream.hex()}
    assert live(story) == 1


@pytest.mark.parametrize(
    ("bodies", "state"),
    [
        ([SUSPENDED, REVOKED], "revoked"),
        ([SUPERSEDED, REVOKED], "revoked"),
        ([SUSPENDED, REVOKED, REINSTATED], "revoked"),
        ([SUPERSEDED, SUSPENDED], "suspended"),
        ([SUSPENDED, SUPERSEDED], "suspended"),
        ([SUSPENDED, SUPERSEDED, REINSTATED], "superseded"),
        ([SUSPENDED, REINSTATED], "valid"),
    ],
)
def test_the_gravest_state_is_shown(bodies: list[Message], state: str) -> None:
    story = issued(Story())
    for day, body in enumerate(bodies):
        told(story, body, day)
    assert found(story).state == state


def linked(first: int) -> pb.OperationCertificateLinked:
    return pb.OperationCertificateLinked(
        number_commitment=b"\x07" * 32, first_issued=first, review_due=20290531, valid_to=20320531
    )


def test_a_link_shows_days_and_no_commitment_and_the_newest_counts() -> None:
    story = issued(Story())
    told(story, linked(20260601), 2)
    when = told(story, linked(20260701), 3)
    assert found(story).official == OfficialCertificate(20260701, 20290531, 20320531, when)
    assert found(story).state == "valid"
    assert "07" * 32 not in repr(documents(story)[certificates.VIEW, certificate(ANNA)])


def test_a_certificate_counts_off_its_cohort_once() -> None:
    story = issued(Story())
    assert live(story) == 1
    told(story, SUSPENDED, 1)
    assert live(story) == 1
    told(story, REINSTATED, 2)
    told(story, SUPERSEDED, 3)
    assert live(story) == 0
    told(story, REVOKED, 4)
    assert live(story) == 0


def test_the_fold_in_parts_is_the_fold_as_a_whole() -> None:
    """The documents that an event reads are named, so that folding can stop anywhere."""
    story = issued(Story())
    for day, body in enumerate((SUSPENDED, REINSTATED, SUPERSEDED, REVOKED)):
        told(story, body, day)
    stored: dict[tuple[str, bytes], Any] = {}
    for fed in story.events:
        names = wanted(PROJECTIONS, [fed])
        read = {
            (view, key): stored[view, key]
            for view, keys in names.items()
            for key in keys
            if (view, key) in stored
        }
        for change in fold_events(PROJECTIONS, read, [fed]):
            stored[change.view, change.key] = change.document
    assert stored == documents(story)


def test_what_follows_no_issue_registers_nothing() -> None:
    story = Story()
    for day, body in enumerate((SUSPENDED, SUPERSEDED)):
        told(story, body, day)
    assert (certificates.VIEW, certificate(ANNA)) not in documents(story)
