"""Policy files: the packaged ones by hand, and each way in which a file is refused."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.policies import (
    POLICY_LIMIT,
    Figure,
    HourComponent,
    Pairing,
    Policy,
    PolicyError,
    Programme,
    packaged_policies,
    parse_policy,
)

FILES = packaged_policies()
TEXT = FILES["low-voltage-electrician"].decode()
PLAN = 'class = "01-plan"'
MARK = "2013-10-01\nunverified = true"
TITLE = 'zh = "低压电工作业安全技术培训（初次取证）"'


def changed(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode()


# What each packaged file is for: programme, trade, and whether its hours may refuse.
PROGRAMMES = {
    "hazchem-operations": ("first", "2010-9", False),
    "high-voltage-electrician": ("first", "2010-1.1", True),
    "high-voltage-electrician-review": ("review", "2010-1.1", True),
    "leaders-hazchem": ("first", "LEADER-HAZCHEM", True),
    "leaders-hazchem-yearly": ("yearly", "LEADER-HAZCHEM", True),
    "low-voltage-electrician": ("first", "2010-1.2", True),
    "low-voltage-electrician-review": ("review", "2010-1.2", True),
    "safety-managers-hazchem": ("first", "MANAGER-HAZCHEM", True),
    "safety-managers-hazchem-yearly": ("yearly", "MANAGER-HAZCHEM", True),
    "welding": ("first", "2010-2.1", True),
    "welding-review": ("review", "2010-2.1", True),
    "work-at-height": ("first", "2010-3.2", False),
}
SPECIAL = "特种作业人员"


def test_the_packaged_files_are_these_programmes() -> None:
    # Sorted by file name, where the suffix comes after the hyphen.
    assert sorted(FILES) == list(PROGRAMMES)
    assert len({parse_policy(data).title_zh for data in FILES.values()}) == len(FILES)


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_packaged_file_says_what_it_is_for(name: str) -> None:
    policy = parse_policy(FILES[name])
    programme, trade, refuses = PROGRAMMES[name]
    assert (policy.id, policy.version, policy.effective_from) == (name, 1, 20240701)
    assert policy.digest == sha256(FILES[name]).digest()
    assert (policy.programme, policy.trade) == (programme, trade)
    assert policy.hours.theory.refuses is refuses
    assert policy.hours.pairing is Pairing.SESSION
    assert policy.title_zh
    assert policy.title_en
    assert [item.item_class[:2] for item in policy.checklist] == [f"{n:02}" for n in range(1, 19)]
    # The first certificate, the review and the yearly course of a trade are told apart.
    assert {"first": "初次", "review": "复审", "yearly": "年度"}[programme] in policy.title_zh


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_figure_has_its_source_and_what_is_not_verified_says_why(name: str) -> None:
    for path, figure in parse_policy(FILES[name]).figures().items():
        assert figure.source, path
        # Who proposes a figure is no legal source.
        assert figure.unverified or not figure.source.startswith(("建议", "参照")), path
        assert figure.note or not figure.unverified, path
        assert figure.unverified or not figure.binding, path


@pytest.mark.parametrize(
    ("name", "theory", "offline", "practical", "total"),
    [
        # 88 * 0.3 = 26.4, so 27 in a classroom; 88 + 60 = 148.
        ("low-voltage-electrician", 88, 27, 60, 148),
        # 82 * 0.3 = 24.6, so 25; 82 + 72 = 154.
        ("high-voltage-electrician", 82, 25, 72, 154),
        # 68 * 0.3 = 20.4, so 21; 68 + 40 = 108.
        ("welding", 68, 21, 40, 108),
        # 46 common + 2 revision + 2 exam = 50, 54 elective; 50 * 0.3 = 15; 50 + 54 = 104.
        ("work-at-height", 50, 15, 54, 104),
        # 72 * 0.3 = 21.6, so 22; how much of it is practical is not known.
        ("hazchem-operations", 72, 22, 0, 72),
        # 48 * 0.3 = 14.4, so 15 in a classroom; no practical work.
        ("leaders-hazchem", 48, 15, 0, 48),
        # 56 * 0.3 = 16.8, so 17.
        ("safety-managers-hazchem", 56, 17, 0, 56),
        # 16 * 0.3 = 4.8, so 5.
        ("leaders-hazchem-yearly", 16, 5, 0, 16),
        ("safety-managers-hazchem-yearly", 16, 5, 0, 16),
        # 8 * 0.3 = 2.4, so 3.
        ("low-voltage-electrician-review", 8, 3, 0, 8),
        ("high-voltage-electrician-review", 8, 3, 0, 8),
        ("welding-review", 8, 3, 0, 8),
    ],
)
def test_the_hours_of_a_programme_are_those_computed_by_hand(
    name: str, theory: int, offline: int, practical: int, total: int
) -> None:
    hours = parse_policy(FILES[name]).hours
    assert hours.theory.value == theory
    assert hours.theory_offline == offline
    assert hours.practical.value == practical
    assert hours.total == total
    assert hours.minutes(HourComponent.THEORY_OFFLINE) == 45
    assert hours.minutes(HourComponent.PRACTICAL) == 45
    assert hours.minutes(HourComponent.THEORY_ONLINE) == 30


def verified(figure: Figure) -> tuple[int, bool]:
    return figure.value, not figure.unverified


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_exam_is_that_of_the_category_and_only_what_is_published_counts_as_verified(
    name: str,
) -> None:
    policy = parse_policy(FILES[name])
    exam = policy.exam
    first = policy.programme is Programme.FIRST
    special = policy.category_zh == SPECIAL
    # Pass 80 in theory and practice, one retake, twelve months: published for special operations;
    # leaders and managers sit one knowledge exam.
    assert verified(exam.theory_mark) == (80, first)
    assert verified(exam.practical_mark) == (80 if first and special else 0, first)
    assert verified(exam.retakes) == (1, first and special)
    assert verified(exam.valid_months) == (12, first and special)
    assert exam.theory_mark.refuses is first


@pytest.mark.parametrize("name", PROGRAMMES)
def test_records_are_kept_six_years_for_special_operations_and_three_for_leaders(name: str) -> None:
    policy = parse_policy(FILES[name])
    special = policy.category_zh == SPECIAL
    # 6 * 12 = 72; 3 * 12 = 36.
    assert verified(policy.retention_months) == ((72, False) if special else (36, True))
    assert policy.retention_months.refuses


@pytest.mark.parametrize("name", PROGRAMMES)
def test_where_the_law_gives_no_number_the_figure_is_a_proposal_and_warns(name: str) -> None:
    policy = parse_policy(FILES[name])
    proposals = {
        policy.make_up.deadline_days: 30,
        policy.make_up.absence_share: 100,
        policy.sign_in.early_minutes: 30,
        policy.sign_in.late_minutes: 20,
        policy.hours.daily_cap: 8,
    }
    for figure, value in proposals.items():
        assert (figure.value, figure.source) == (value, "建议值")
        assert not figure.refuses
    # When a correction needs a second key is a rule of this log, not of the law: it binds.
    assert verified(policy.correction_days) == (7, False)
    assert policy.correction_days.refuses


@given(st.integers(1, 1_000), st.integers(0, 1_000))
def test_the_classroom_share_is_the_least_whole_hours_that_reach_it(
    theory: int, share: int
) -> None:
    shared = TEXT.replace("value = 300", f"value = {share}", 1)
    # Theory stands first in the file.
    text = shared.replace("value = 88", f"value = {theory}", 1)
    least = parse_policy(text.encode()).hours.theory_offline
    assert least * 1_000 >= theory * share
    assert (least - 1) * 1_000 < theory * share


def test_the_trade_the_checklist_and_their_order_are_read() -> None:
    policy = parse_policy(TEXT.encode())
    assert (policy.trade, policy.trade_zh) == ("2010-1.2", "低压电工作业")
    assert policy.trade_en == "Low-voltage electrician"
    classes = [item.item_class for item in policy.checklist]
    assert [item[:2] for item in classes] == [f"{number:02}" for number in range(1, 19)]
    assert (classes[0], classes[-1]) == ("01-plan", "18-catalogue")
    assert policy.checklist[3].label_zh == "学员名册"
    assert policy.checklist[3].label_en == "Roster"


def test_a_course_test_passes_at_the_mark_and_not_below() -> None:
    policy = parse_policy(TEXT.encode())
    assert policy.pass_mark.value == 80
    assert policy.passes(8_000)
    assert policy.passes(10_000)
    assert not policy.passes(7_999)


def test_what_is_unverified_and_not_binding_only_warns() -> None:
    figures = parse_policy(TEXT.encode()).figures()
    assert {path: figure.refuses for path, figure in figures.items()} == {
        "hours.theory": True,
        "hours.theory_offline_share": True,
        "hours.practical": True,
        "hours.minutes_offline": True,
        "hours.minutes_online": True,
        "hours.daily_cap": False,
        "make_up.deadline_days": False,
        "make_up.absence_share": False,
        "course_test.pass_mark": True,
        "exam.theory_mark": True,
        "exam.practical_mark": True,
        "exam.retakes": True,
        "exam.valid_months": True,
        "sign_in.early_minutes": False,
        "sign_in.late_minutes": False,
        "cohort.capacity": False,
        "correction.free_days": True,
        "retention.months": True,
    }
    assert all(figure.source for figure in figures.values())
    assert figures["hours.daily_cap"].note
    assert figures["hours.minutes_offline"].note == ""
    assert figures["course_test.pass_mark"].effective_from == 20131001


def test_a_figure_becomes_binding_by_the_file_alone() -> None:
    policy = parse_policy(changed("binding = false", "binding = true"))
    assert policy.hours.daily_cap.refuses
    assert policy.digest != parse_policy(TEXT.encode()).digest


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("make_up.deadline_days", 30, 366),
        ("make_up.deadline_days", 30, 0),
        ("make_up.absence_share", 100, 1_000),
        ("make_up.absence_share", 100, 0),
        ("exam.theory_mark", 80, 100),
        ("exam.practical_mark", 80, 0),
        ("exam.retakes", 1, 10),
        ("exam.retakes", 1, 0),
        ("exam.valid_months", 12, 120),
        ("exam.valid_months", 12, 1),
        ("sign_in.early_minutes", 30, 1_440),
        ("sign_in.late_minutes", 20, 0),
        ("correction.free_days", 7, 3_660),
        ("correction.free_days", 7, 0),
        ("retention.months", 72, 1_200),
        ("retention.months", 72, 1),
    ],
)
def test_each_figure_is_read_from_its_own_table_up_to_its_bounds(
    path: str, old: int, new: int
) -> None:
    before = parse_policy(TEXT.encode()).figures()
    after = parse_policy(
        changed(f"[{path}]\nvalue = {old}\n", f"[{path}]\nvalue = {new}\n")
    ).figures()
    assert after[path].value == new
    assert {name for name in after if after[name] != before[name]} == {path}


@pytest.mark.parametrize("word", ["first", "review", "yearly"])
def test_a_programme_is_one_of_three(word: str) -> None:
    policy = parse_policy(changed('programme = "first"', f'programme = "{word}"'))
    assert policy.programme == word


@pytest.mark.parametrize("word", ["session", "day"])
def test_marks_are_paired_by_session_or_by_day(word: str) -> None:
    policy = parse_policy(changed('pairing = "session"', f'pairing = "{word}"'))
    assert policy.hours.pairing == word


def test_a_member_that_may_be_absent_has_its_default() -> None:
    policy = parse_policy(changed("unverified = true\nbinding = true", "unverified = true"))
    assert not policy.hours.theory.binding
    assert not policy.hours.theory.refuses


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode() + b"#" * (POLICY_LIMIT + 1), id="too large"),
        pytest.param(TEXT.encode("gb18030"), id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + TEXT.encode(), id="byte order mark"),
        pytest.param(b"format = ", id="not TOML"),
        pytest.param(b"format = 1\nformat = 1", id="a member twice"),
        pytest.param(b"format = " + b"[" * 60_000, id="too deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(data)
    assert refused.value.field == ""
    assert str(refused.value) == refused.value.reason != ""


def test_a_file_of_exactly_the_limit_is_read() -> None:
    padding = b"#" * (POLICY_LIMIT - len(TEXT.encode()))
    assert isinstance(parse_policy(TEXT.encode() + padding), Policy)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("format = 1\n", "", "format"),
        ("format = 1\n", "format = 2\n", "format"),
        ("format = 1\n", "format = true\n", "format"),
        ('id = "low-voltage-electrician"', 'id = ""', "id"),
        ('id = "low-voltage-electrician"', 'id = "low voltage"', "id"),
        ('id = "low-voltage-electrician"', f'id = "{"x" * 33}"', "id"),
        ("version = 1\n", "version = 0\n", "version"),
        ("version = 1\n", "version = 1.0\n", "version"),
        ("effective_from = 2024-07-01", 'effective_from = "2024-07-01"', "effective_from"),
        ("effective_from = 2024-07-01", "effective_from = 2024-07-01T00:00:00", "effective_from"),
        ("effective_from = 2024-07-01", "effective_from = 20240701", "effective_from"),
        (f"[title]\n{TITLE}", "[title]", "title.zh"),
        (TITLE, 'zh = "低压\\n电工"', "title.zh"),
        (TITLE, f'zh = "{"电" * 401}"', "title.zh"),
        (TITLE, f'{TITLE}\nfr = "Électricien"', "title.fr"),
        ('code = "2010-1.2"', 'code = "2010/1.2"', "trade.code"),
        ('"floor-per-component-and-day"', '"ceiling"', "hours.rounding"),
        ("value = 88", "value = 0", "hours.theory.value"),
        ("value = 88", "value = 1001", "hours.theory.value"),
        ("value = 88", "value = 88.0", "hours.theory.value"),
        ("value = 88", 'value = "88"', "hours.theory.value"),
        ("value = 88", "value = true", "hours.theory.value"),
        ("value = 88", "# value = 88", "hours.theory.value"),
        ("value = 88", "value = 88\nunit = 45", "hours.theory.unit"),
        ("value = 60", "value = -1", "hours.practical.value"),
        ("value = 300", "value = 1001", "hours.theory_offline_share.value"),
        ("value = 45", "value = 61", "hours.minutes_offline.value"),
        ("value = 30\n", "value = 0\n", "hours.minutes_online.value"),
        ("value = 8\n", "value = 25\n", "hours.daily_cap.value"),
        ("value = 80", "value = 101", "course_test.pass_mark.value"),
        ("value = 100", "value = 0", "cohort.capacity.value"),
        ('source = "建议值"', 'source = ""', "hours.daily_cap.source"),
        ('source = "建议值"\n', "", "hours.daily_cap.source"),
        (MARK, "2013-10-01", "course_test.pass_mark.unverified"),
        (MARK, "2013-10-01\nunverified = 1", "course_test.pass_mark.unverified"),
        ("binding = true", 'binding = "yes"', "hours.theory.binding"),
        ('note = "应急', 'note = ""\nremark = "应急', "hours.theory.note"),
        ("[hours.theory]", "[hours.theorie]", "hours.theory"),
        ("[hours.theory]", "[hours.breaks]\nvalue = 1\n[hours.theory]", "hours.breaks"),
        ("[cohort.capacity]", "[cohort.seats]", "cohort.capacity"),
        ("[trade]", "[[trade]]", "trade"),
        ("format = 1\n", "format = 1\nexams = 1\n", "exams"),
        ('programme = "first"\n', "", "programme"),
        ('programme = "first"', 'programme = "First"', "programme"),
        ('programme = "first"', "programme = 1", "programme"),
        ('pairing = "session"\n', "", "hours.pairing"),
        ('pairing = "session"', 'pairing = "week"', "hours.pairing"),
        ("[make_up.deadline_days]", "[make_up.deadline]", "make_up.deadline_days"),
        ("[make_up.absence_share]", "[make_up.share]", "make_up.absence_share"),
        ("[exam.theory_mark]", "[exam.theory]", "exam.theory_mark"),
        ("[exam.practical_mark]", "[exam.practical]", "exam.practical_mark"),
        ("[exam.retakes]", "[exam.retries]", "exam.retakes"),
        ("[exam.valid_months]", "[exam.months]", "exam.valid_months"),
        ("[sign_in.early_minutes]", "[sign_in.early]", "sign_in.early_minutes"),
        ("[sign_in.late_minutes]", "[signin.late_minutes]", "sign_in.late_minutes"),
        ("[correction.free_days]", "[correction.days]", "correction.free_days"),
        ("[retention.months]", "[retention.years]", "retention.months"),
        ("[retention.months]", "[retained.months]", "retention"),
        ("[retention.months]", "[retention]\nyears = 6\n[retention.months]", "retention.years"),
        ("[exam.retakes]", "[exam]\nminutes = 120\n[exam.retakes]", "exam.minutes"),
        ("[make_up.absence_share]", "[make_up]\nof = 1\n[make_up.absence_share]", "make_up.of"),
        ("[sign_in.late_minutes]", "[sign_in]\nby = 1\n[sign_in.late_minutes]", "sign_in.by"),
        (PLAN, 'class = "1-plan"', "checklist[0].class"),
        (PLAN, 'class = "01_plan"', "checklist[0].class"),
        (PLAN, 'class = "01-"', "checklist[0].class"),
        (PLAN, 'class = "01-Plan"', "checklist[0].class"),
        (PLAN, 'class = "０１-plan"', "checklist[0].class"),
        (PLAN, f'class = "01-{"x" * 41}"', "checklist[0].class"),
        (PLAN, 'class = "02-filing"', "checklist"),
        (PLAN, f"{PLAN}\nrequired = true", "checklist[0].required"),
        ('en = "Filing with the bureau"', "", "checklist[1].en"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_refused_by_the_name_of_the_member(
    old: str, new: str, field: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(changed(old, new))
    assert refused.value.field == field
    assert refused.value.reason
    assert str(refused.value) == f"{field}: {refused.value.reason}"


@pytest.mark.parametrize(
    ("path", "old", "beyond"),
    [
        ("make_up.deadline_days", 30, 367),
        ("make_up.absence_share", 100, 1_001),
        ("exam.theory_mark", 80, 101),
        ("exam.practical_mark", 80, 101),
        ("exam.retakes", 1, 11),
        ("exam.valid_months", 12, 0),
        ("exam.valid_months", 12, 121),
        ("sign_in.early_minutes", 30, 1_441),
        ("sign_in.late_minutes", 20, 1_441),
        ("correction.free_days", 7, 3_661),
        ("retention.months", 72, 0),
        ("retention.months", 72, 1_201),
    ],
)
def test_a_figure_beyond_its_bounds_is_refused(path: str, old: int, beyond: int) -> None:
    for value in (beyond, -1):
        data = changed(f"[{path}]\nvalue = {old}\n", f"[{path}]\nvalue = {value}\n")
        with pytest.raises(PolicyError) as refused:
            parse_policy(data)
        assert refused.value.field == f"{path}.value"


@pytest.mark.parametrize("value", ["1", '"01-plan"', "[1]", "{}", '[{class = "01-plan"}, 1]'])
def test_a_checklist_that_is_no_array_of_tables_is_refused(value: str) -> None:
    head = TEXT.partition("[[checklist]]")[0]
    with pytest.raises(PolicyError) as refused:
        parse_policy(f"checklist = {value}\n{head}".encode())
    assert refused.value.field == "checklist"


@given(st.binary(max_size=200))
def test_no_other_exception_escapes(data: bytes) -> None:
    with pytest.raises(PolicyError):
        parse_policy(data)
