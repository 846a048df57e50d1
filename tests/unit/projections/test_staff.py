"""Staff files 一人一档: what each fact adds, and to whom the file belongs."""

from uuid import UUID

from ledger.api.v1 import events_pb2 as pb
from ledger.domain.holding import CLOCK_AHEAD
from projections.follower import Follower
from projections.queries import Queries
from projections.staff_records import EducationYear, StaffAppointment, StaffFile, StaffQualification
from tests.unit.projections.memory import MemoryFeed, MemoryViews
from tests.unit.projections.story import INSTITUTION, TEACHER, Story, at

OTHER = UUID(int=0x0E).bytes
APPOINTED = pb.StaffAppointed(
    role=pb.STAFF_ROLE_FULL_TIME_TEACHER, subject="2010-1.2", from_day=20240901
)
QUALIFIED = pb.StaffQualificationRecorded(
    qualification="ELECTRICIAN-2", document_digest=b"d" * 32, valid_until=20270831
)


def queries(story: Story) -> Queries:
    store = MemoryViews()
    Follower(MemoryFeed(story.events), store).catch_up()
    return Queries(store)


def file_of(story: Story) -> StaffFile:
    found = queries(story).staff_file(TEACHER).value
    assert found is not None
    return found


def education(year: int, hours: int) -> pb.ContinuingEducationRecorded:
    return pb.ContinuingEducationRecorded(year=year, hours=hours, evidence_digest=bytes(32))


def test_a_file_holds_appointment_qualifications_and_education_by_year() -> None:
    story = Story()
    for body in (APPOINTED, QUALIFIED, education(2025, 16), education(2026, 8), education(2025, 8)):
        story.tell(TEACHER, body, held="")
    assert file_of(story) == StaffFile(
        staff=TEACHER,
        institution=INSTITUTION,
        state="appointed",
        appointments=(StaffAppointment(pb.STAFF_ROLE_FULL_TIME_TEACHER, "2010-1.2", 20240901, 0),),
        qualifications=(StaffQualification("ELECTRICIAN-2", 20270831, b"d" * 32, 1),),
        education=(EducationYear(2025, 24, (2, 4)), EducationYear(2026, 8, (3,))),
        exit_reason="",
        exited_us=0,
        events=5,
        held=0,
    )


def test_who_left_is_shown_so_until_appointed_again() -> None:
    story = Story()
    story.tell(TEACHER, APPOINTED, held="")
    story.tell(TEACHER, pb.StaffExited(reason="RETIRED"), held="", recorded_us=at(9))
    left = file_of(story)
    assert (left.state, left.exit_reason, left.exited_us) == ("exited", "RETIRED", at(9))
    story.tell(TEACHER, APPOINTED, held="")
    back = file_of(story)
    assert (back.state, back.exit_reason, back.exited_us) == ("appointed", "", 0)
    assert [each.index for each in back.appointments] == [0, 2]


def test_facts_before_the_appointment_stand_and_held_ones_do_not_count() -> None:
    story = Story()
    story.tell(TEACHER, QUALIFIED, held="")
    story.tell(TEACHER, APPOINTED, held=CLOCK_AHEAD)
    found = file_of(story)
    assert (found.state, found.appointments, len(found.qualifications)) == ("unappointed", (), 1)
    assert (found.events, found.held) == (2, 1)


def test_files_are_listed_by_institution() -> None:
    story = Story()
    files = [UUID(int=number).bytes for number in (3, 1, 2)]
    for file, institution in zip(files, (INSTITUTION, OTHER, INSTITUTION), strict=True):
        story.tell(file, APPOINTED, held="", institution=institution)
    found = queries(story)
    ours = found.staff_files(INSTITUTION, b"", 1)
    assert [row.staff for row in ours.rows] == [files[2]]
    assert [row.staff for row in found.staff_files(INSTITUTION, ours.after, 9).rows] == [files[0]]
    assert len(found.staff_files(None, b"", 9).rows) == 3
    assert queries(Story()).staff_file(TEACHER).value is None
