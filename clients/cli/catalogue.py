"""Every remote command with its purpose: what `tledger --help` shows without loading any."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clients.cli.language import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """A command.

    Attributes:
        target: `module:function` that holds it.
        purpose: What it is for, in one line.
    """

    target: str
    purpose: Text


def _entry(target: str, zh: str, en: str) -> Entry:
    return Entry(f"clients.cli.{target}", Text(zh, en))


GROUPS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "event": Text("事件类型与样例", "Event types and examples"),
        "person": Text("学员登记", "Persons"),
        "cohort": Text("班次与一期一档", "Cohorts and their files"),
        "archive": Text("归档材料", "Documents of a cohort file"),
        "certificate": Text("培训证明", "Training certificates"),
        "session": Text("课次", "Sessions of a day"),
        "irregular": Text("异常记录", "Irregular records"),
        "held": Text("挂起的事件", "Events that count for nothing yet"),
        "institution": Text("机构名录", "The register of institutions"),
        "staff": Text("人员档案", "Staff files"),
        "key": Text("密钥", "Keys"),
        "policy": Text("政策", "Policies"),
        "log": Text("账本：检查点与证明", "The log: checkpoints and proofs"),
        "status": Text("证明状态文件", "Status files of certificates"),
    }
)
COMMANDS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "append": _entry("append:append", "写入事件", "Record events from a file"),
        "receipt": _entry("log_proofs:receipt", "取收据", "Fetch the receipt of an event"),
        "watch": _entry("watching:watch", "跟随账本", "Follow the log as it grows"),
        "simulate": _entry(
            "simulate:simulate", "模拟一座城市的一年", "Simulate a city-year with its ground truth"
        ),
        "verify": _entry("verifying:verify", "离线核验证明", "Verify a certificate offline"),
        "trace": _entry("tracing:trace", "按人追溯", "Trace one person across institutions"),
        "event types": _entry("events:types", "列出事件类型", "List the event types"),
        "event example": _entry("events:example", "打印样例行", "Print a line to start from"),
        "person register": _entry("persons:register", "登记学员", "Get a reference for a person"),
        "person correct": _entry(
            "person_corrections:correct", "更正学员", "Correct who a reference stands for"
        ),
        "person history": _entry(
            "learner_histories:history", "学员履历", "Show a learner's enrolments across cohorts"
        ),
        "cohort list": _entry("cohorts:list_cohorts", "列出班次", "List cohorts"),
        "cohort show": _entry("cohorts:show", "查看班次", "Show a cohort in brief"),
        "cohort file": _entry("cohort_files:file", "查看一期一档", "Show the cohort file"),
        "cohort replay": _entry(
            "cohort_replays:replay", "回放班次", "Replay a cohort event by event"
        ),
        "cohort diff": _entry(
            "cohort_diffs:diff", "比较两个时点", "Compare two moments of a cohort"
        ),
        "archive add": _entry("archives:add", "材料入档", "Put documents into a cohort file"),
        "archive check": _entry(
            "archive_checks:check", "核对材料", "Compare documents with a cohort file"
        ),
        "archive seal": _entry("archive_seals:seal", "封存一期一档", "Seal a cohort file"),
        "certificate prepare": _entry(
            "certificates:prepare", "准备证明", "See what a certificate would state"
        ),
        "certificate issue": _entry("certificates:issue", "签发证明", "Issue a certificate"),
        "certificate list": _entry(
            "certificate_register:list_certificates", "列出证明", "List certificates"
        ),
        "certificate show": _entry(
            "certificates:show", "查看证明", "Show the register's view of a certificate"
        ),
        "certificate history": _entry(
            "certificate_histories:history", "核验履历", "Show and verify a certificate's history"
        ),
        "certificate supersede": _entry(
            "certificate_superseding:supersede", "换发证明", "Replace a certificate by a new one"
        ),
        "certificate suspend": _entry(
            "certificate_decisions:suspend", "暂停证明", "Suspend a certificate"
        ),
        "certificate reinstate": _entry(
            "certificate_decisions:reinstate", "恢复证明", "Lift a certificate's suspension"
        ),
        "certificate revoke": _entry(
            "certificate_decisions:revoke", "撤销证明", "Revoke a certificate"
        ),
        "certificate link": _entry(
            "certificate_decisions:link", "关联操作证", "Link the official certificate"
        ),
        "session list": _entry(
            "day_sessions:list_sessions", "列出当日课次", "List a day's sessions"
        ),
        "irregular list": _entry(
            "irregular_records:list_irregular",
            "列出异常记录",
            "List records that are late, corrected, transcribed and so on",
        ),
        "held list": _entry("held:list_held", "列出挂起事件", "List held events with the reason"),
        "institution list": _entry("institutions:list_parties", "列出机构", "List institutions"),
        "institution show": _entry("institutions:show", "查看机构", "Show an institution"),
        "institution import": _entry(
            "institution_imports:import_file", "批量登记机构", "Register institutions from a CSV"
        ),
        "staff list": _entry("staff:list_staff", "列出人员档案", "List staff files"),
        "staff show": _entry("staff:show", "查看人员档案", "Show a staff file"),
        "key list": _entry("keys:list_keys", "列出密钥", "List the keys of a party"),
        "key show": _entry("keys:show", "查看密钥", "Show a key"),
        "key register": _entry("keys:register", "登记密钥", "Register a key"),
        "key end": _entry("keys:end", "终止密钥", "End a key"),
        "policy adopt": _entry("policies:adopt", "采用政策", "Have a policy bind the log"),
        "log checkpoint": _entry(
            "log_proofs:checkpoint", "取检查点", "Fetch and verify the newest checkpoint"
        ),
        "log prove": _entry("log_proofs:prove", "取证明", "Prove that an entry is in the log"),
        "status pull": _entry("statuses:pull", "取最新状态", "Fetch the newest status file"),
    }
)
