"""Act three, the auditor: what the record said then and says now, an edited row, a proof alone."""

import shutil
from datetime import datetime
from pathlib import Path

from ledger.commands.demo_cast import Cast
from ledger.commands.demo_world import Course
from ledger.commands.home import Home
from ledger.commands.stage import Server, act, heading, remark, run
from ledger.storage.database import open_database

_EVENT_OF = "SELECT event FROM log WHERE notification_id = ?"
_EDIT = "UPDATE log SET event = ? WHERE notification_id = ?"
_A_TEST = "SELECT MIN(notification_id) FROM log WHERE type = ?"


def play_auditor(
    cast: Cast, course: Course, moment: datetime, server: Server, certificate: Path
) -> None:
    """Play the act.

    Args:
        cast: Who takes part.
        course: The course.
        moment: The moment that is compared with now.
        server: The server; it is stopped.
        certificate: File of a valid certificate.
    """
    act("第三幕 稽核", "Act three: the auditor")
    then = moment.isoformat(timespec="milliseconds")
    heading("一期一档，截至现在", "The cohort file as it is now")
    run(["cohort", "file", str(course.id), *cast.named("bureau")])
    heading("那一刻到现在：新知、更正、转录", "From then to now: what became known, was corrected")
    run(["cohort", "diff", str(course.id), f"recorded:{then}", *cast.named("bureau")])
    heading("那一刻的一期一档", "The cohort file as it was known then")
    run(["cohort", "file", str(course.id), "--as-known-on", then, *cast.named("bureau")])
    server.stop()
    remark("服务已停止", "the server is stopped")
    _tamper(cast.home)
    _verify_alone(cast, certificate)


def _tamper(home: Home) -> None:
    heading("数据库中改动一行", "One row edited in the database")
    arguments = ["log", "check", "--home", str(home.folder)]
    run(arguments)
    database = open_database(home.settings().database)
    try:
        with database.writing() as transaction:
            ((row,),) = transaction.query(_A_TEST, ("CourseTestRecorded",))
            ((event,),) = transaction.query(_EVENT_OF, (row,))
            edited = bytes(event)[:-1] + bytes([bytes(event)[-1] ^ 1])
            transaction.query(_EDIT, (edited, row))
        remark(
            f"用 SQL 改了第 {row - 1} 条的成绩", f"the score of entry {row - 1} is edited by SQL"
        )
        run(arguments, code=1)
        with database.writing() as transaction:
            transaction.query(_EDIT, (bytes(event), row))
        remark("已改回，数据留作探索", "put back, the data can be explored")
    finally:
        database.close()


def _verify_alone(cast: Cast, certificate: Path) -> None:
    heading("空目录、无服务、无网络：证明照样可验", "An empty folder, no server: it still verifies")
    empty = cast.folder / "empty"
    empty.mkdir()
    shutil.copy(certificate, empty / certificate.name)
    shutil.copy(cast.home.trust_path, empty / "trust.json")
    run(["verify", certificate.name, "--trust", "trust.json"], folder=empty)
