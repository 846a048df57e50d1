"""Policy files: the packaged ones by hand, and each way in which a file is refused."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.policies import (
    POLICY_LIMIT,
    HourComponent,
    Policy,
    PolicyError,
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


def test_the_packaged_files_are_the_two_programmes() -> None:
    assert list(FILES) == ["leaders-hazchem", "low-voltage-electrician"]
    for name, data in FILES.items():
        policy = parse_policy(data)
        assert (policy.id, policy.version, policy.effective_from) == (name, 1, 20240701)
        assert policy.digest == sha256(data).digest()
        assert policy.title_zh
        assert policy.title_en


@pytest.mark.parametrize(
    ("name", "theory", "offline", "practical", "total"),
    [
        # 88 * 0.3 = 26.4, so 27 in a classroom; 88 + 60 = 148.
        ("low-voltage-electrician", 88, 27, 60, 148),
        # 48 * 0.3 = 14.4, so 15 in a classroom; no practical work.
        ("leaders-hazchem", 48, 15, 0, 48),
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
        "course_test.pass_mark": True,
        "cohort.capacity": False,
    }
    assert all(figure.source for figure in figures.values())
    assert figures["hours.daily_cap"].note
    assert figures["hours.minutes_offline"].note == ""
    assert figures["course_test.pass_mark"].effective_from == 20131001


def test_a_figure_becomes_binding_by_the_file_alone() -> None:
    policy = parse_policy(changed("binding = false", "binding = true"))
    assert policy.hours.daily_cap.refuses
    assert policy.digest != parse_policy(TEXT.encode()).digest


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
        ("format = 1\n", "format = 1\nexam = 1\n", "exam"),
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
