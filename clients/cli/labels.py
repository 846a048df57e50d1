"""Names of codes for people, in both languages; programs get the codes themselves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clients.cli.language import Text
from clients.cli.session import Session

_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        # Kinds of parties.
        "INSTITUTION": Text("培训机构", "institution"),
        "BUREAU": Text("应急管理局", "bureau"),
        "EXAM_BODY": Text("考试机构", "exam body"),
        "PLATFORM": Text("线上平台", "platform"),
        # Uses of keys.
        "PARTY": Text("机构主密钥", "party"),
        "SYSTEM": Text("办公系统", "system"),
        "DEVICE": Text("终端", "device"),
        # Ends of keys.
        "ROTATED": Text("已轮换", "rotated"),
        "LOST_OR_RETIRED": Text("丢失或停用", "lost or retired"),
        "COMPROMISED": Text("已泄露", "compromised"),
        # Where a record comes from; a device's is DEVICE above.
        "ENTERED": Text("人工录入", "entered"),
        "TRANSCRIBED_PAPER": Text("纸质转录", "from paper"),
        "IMPORTED": Text("外部导入", "imported"),
        # Components of a programme.
        "THEORY_OFFLINE": Text("理论线下", "theory, classroom"),
        "THEORY_ONLINE": Text("理论线上", "theory, online"),
        "PRACTICAL": Text("实操", "practical"),
        # Examinations; the practical one is PRACTICAL above.
        "THEORY": Text("理论", "theory"),
        "stands": Text("有效", "stands"),
        "void": Text("作废", "void"),
        "cheating": Text("作弊", "cheating"),
        # Reasons of a revocation.
        "ERROR": Text("出具有误", "issued in error"),
        "HOLDER_REQUEST": Text("持证人申请", "at the holder's request"),
        "FRAUD": Text("弄虚作假", "fraud"),
        "AUTHORITY_ORDER": Text("有权机关决定", "by order of an authority"),
        # States of cohorts, enrolments and certificates.
        "planned": Text("已计划", "planned"),
        "open": Text("已开班", "open"),
        "closed": Text("已结班", "closed"),
        "unplanned": Text("无计划", "unplanned"),
        "enrolled": Text("在训", "enrolled"),
        "withdrawn": Text("已退学", "withdrawn"),
        "unopened": Text("未报名", "unopened"),
        "rejected": Text("已驳回", "rejected"),
        "transferred": Text("已转班", "transferred"),
        "valid": Text("有效", "valid"),
        "suspended": Text("已暂停", "suspended"),
        "superseded": Text("已换发", "superseded"),
        "revoked": Text("已撤销", "revoked"),
        # Standing of institutions.
        "active": Text("正常", "active"),
        "recruitment_suspended": Text("暂停招生", "recruitment suspended"),
        "delisted": Text("取消资格", "delisted"),
        "exited": Text("已退出", "exited"),
        # States of reports, stages of reviews.
        "submitted": Text("待审核", "submitted"),
        "county_approved": Text("县级通过", "approved by the county"),
        "approved": Text("审核通过", "approved"),
        "dropped": Text("已失效", "dropped"),
        "COUNTY": Text("县级", "county"),
        "CITY": Text("市级", "city"),
        # States of staff files, and what staff are appointed as.
        "appointed": Text("在聘", "appointed"),
        "unappointed": Text("未聘任", "unappointed"),
        "FULL_TIME_TEACHER": Text("专职教师", "full-time teacher"),
        "PART_TIME_TEACHER": Text("兼职教师", "part-time teacher"),
        "MANAGER": Text("管理人员", "manager"),
        # Reports and decisions in the life of an institution.
        "InstitutionImported": Text("存量机构导入", "imported"),
        "InitialReportSubmitted": Text("初始报告", "initial report"),
        "ScopeExtensionReported": Text("增项报告", "scope extension"),
        "StandingReportSubmitted": Text("常态报告", "standing report"),
        "AnnualReportSubmitted": Text("年度报告", "annual report"),
        "ChangeReportSubmitted": Text("变更报告", "change report"),
        "ExitReportSubmitted": Text("退出报告", "exit report"),
        "ProvincialDirectoryListed": Text("纳入省目录", "listed"),
        "RecruitmentSuspended": Text("暂停招生", "recruitment suspended"),
        "RecruitmentResumed": Text("恢复招生", "recruitment resumed"),
        "InstitutionDelisted": Text("取消资格", "delisted"),
        # States of sessions.
        "started": Text("上课中", "started"),
        "interrupted": Text("中断", "interrupted"),
        "ended": Text("已下课", "ended"),
        "cancelled": Text("停课", "cancelled"),
        # What irregular records show.
        "LATE": Text("迟录", "late"),
        "HELD": Text("挂起", "held"),
        "CORRECTION": Text("更正", "correction"),
        "VOIDING": Text("作废", "voiding"),
        "TRANSCRIBED": Text("转录", "transcribed"),
        "CHECKED_ABSENT": Text("抽检不在场", "absent in a spot check"),
        "IDENTITY_MISMATCH": Text("人证不符", "identity mismatch"),
        "CHAIN_GAP": Text("设备链缺口", "gap in a device's chain"),
        "CHAIN_FORK": Text("设备链分叉", "fork of a device's chain"),
    }
)


def label(session: Session, code: str) -> str:
    """Return the name of a code; the code itself where it has none."""
    text = _LABELS.get(code)
    return code if text is None else session.say_text(text)
