"""Act two, the officer: a certificate refused, made good, issued, forged, explained, revoked."""

import json
from pathlib import Path
from typing import Final

from clients.sdk import Circumstances, Emitter, PersonRef
from ledger.commands.demo_cast import Cast, send
from ledger.commands.demo_make_up import make_up
from ledger.commands.demo_world import Course
from ledger.commands.stage import act, heading, remark, run

_OTHER_NAME: Final = "钱*文"


def play_officer(cast: Cast, course: Course) -> Path:
    """Play the act; return the file of the certificate that is valid at its end."""
    act("第二幕 发证", "Act two: the officer")
    enrolment = str(course.enrolment(course.short))
    heading("不予签发，并列出全部理由", "Refused, with every reason")
    run(["certificate", "prepare", enrolment, *cast.named("school")], code=1)
    guest = make_up(cast, course)
    heading("签发培训证明", "A certificate is issued")
    issued = _issue(cast, course, course.short)
    _examine(cast, course)
    _forge(cast, issued)
    heading("这 148 学时由哪些事件构成", "Which events make these 148 hours")
    run(["cohort", "file", str(course.id), "--hours", enrolment[:8], *cast.named("school")])
    remark(f"其中第 {guest} 条：他校课堂上的签到，及其证明", "one of them, and its proof")
    span = ["--from", str(guest), "--to", str(guest + 1)]
    run(["cohort", "replay", str(course.id), *span, *cast.named("school")])
    run(["log", "prove", str(guest), *cast.named("school")])
    _revoke(cast, course)
    return issued


def _issue(cast: Cast, course: Course, learner: PersonRef) -> Path:
    folder = cast.folder / "issued"
    before = set(folder.glob("*.json"))
    enrolment = str(course.enrolment(learner))
    run(["certificate", "issue", enrolment, *cast.named("school"), "--out", str(folder)])
    (file,) = set(folder.glob("*.json")) - before
    return file


def _examine(cast: Cast, course: Course) -> None:
    heading("考试机构凭证明受理报考", "The exam body takes the certificate")
    examiner = Emitter(cast.exam_body, synthetic=True)
    learner, of = course.short.person_ref, Circumstances(recorded_for=course.institution)
    results = send(
        cast.exam_body,
        [
            examiner.exam_registered(
                cohort=course.id, person_ref=learner, sitting="DEMO-SITTING-1", edition=1, how=of
            ),
            examiner.theory_exam_result_recorded(
                cohort=course.id, person_ref=learner, attempt=1, score_hundredths=9_100, how=of
            ),
            examiner.practical_exam_result_recorded(
                cohort=course.id, person_ref=learner, attempt=1, score_hundredths=8_400, how=of
            ),
        ],
    )
    remark(
        f"理论 91 分、实操 84 分由考试机构签名入账，至第 {results[-1].index} 条",
        "registered, and two results signed by the exam body",
    )


def _forge(cast: Cast, issued: Path) -> None:
    heading("同号换名的伪证、改动过的文件", "A forgery with the same number, and an edited file")
    trust = ["--trust", str(cast.home.trust_path)]
    forged, edited = (issued.with_name(name) for name in ("forged.json", "edited.json"))
    named = json.loads(issued.read_bytes())["credentialSubject"]["identifier"]
    (name,) = (each["identityHash"] for each in named if each["identityType"] == "name")
    forged.write_bytes(issued.read_bytes().replace(name.encode(), _OTHER_NAME.encode()))
    edited.write_bytes(
        issued.read_bytes().replace(
            "示例安全生产培训中心".encode(), "示例安全生产培训公司".encode()
        )
    )
    run(["verify", str(issued), *trust])
    remark(f"同一编号，姓名 {name} 换成 {_OTHER_NAME}", "the same number, another name")
    run(["verify", str(forged), *trust], code=1)
    remark("机构名称改一个字", "one word of the institution's name")
    run(["verify", str(edited), *trust], code=1)


def _revoke(cast: Cast, course: Course) -> None:
    heading("撤销，再以旧状态与新状态核验", "Revoked, and verified with the old and the new status")
    file = _issue(cast, course, course.mistyped)
    number, old = file.stem, file.parent / "old"
    trust = ["--trust", str(cast.home.trust_path)]
    run(["status", "pull", str(file), "--out", str(old), *cast.named("school")])
    why = ["--reason", "ERROR", "--yes"]
    run(["certificate", "revoke", number, *why, *cast.named("school")])
    run(["verify", str(file), "--status", str(old / f"{number}.status.json"), *trust])
    run(["status", "pull", str(file), "--wait", *cast.named("school")])
    run(["verify", str(file), *trust], code=1)
