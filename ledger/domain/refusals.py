"""Why an event or a request is refused: stable codes with reason and fix in Chinese and English.

A `Refusal` carries the code, the field at fault and the values that differ; `CATALOGUE` holds the
words. Templates are filled with the refusal's values. docs/errors.md is generated from this table.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ledger.domain.refusal_values import readable


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for refusing something.

    Attributes:
        code: A key of `CATALOGUE`.
        field: The field at fault, dotted; empty when it is the whole.
        values: Values for the templates; never personal data.
        further: Other reasons for refusing the same thing, where all were looked at.
    """

    code: str
    field: str = ""
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    further: "tuple[Refusal, ...]" = ()

    def reason(self, language: str) -> str:
        """Return the reason in `zh` or `en`."""
        words = CATALOGUE[self.code]
        template = words.reason_zh if language == "zh" else words.reason_en
        return template.format_map(readable(self.values, language))

    def fix(self, language: str) -> str:
        """Return what to do in `zh` or `en`."""
        words = CATALOGUE[self.code]
        return words.fix_zh if language == "zh" else words.fix_en


@dataclass(frozen=True, slots=True)
class Words:
    """Reason and fix of one code."""

    reason_zh: str
    reason_en: str
    fix_zh: str
    fix_en: str


def all_at_once(refusals: Sequence[Refusal]) -> Refusal | None:
    """Return the first reason with the others behind it; None where there is none."""
    if not refusals:
        return None
    return dataclasses.replace(refusals[0], further=tuple(refusals[1:]))


_TABLE: Final = {
    "EVENT_MALFORMED": (
        "事件字节不合格式：{detail}", "The event's bytes are not admitted: {detail}",
        "按 docs/formats.md 第 3 节重新生成事件",
        "Build the event again as docs/formats.md section 3 says"),
    "EVENT_TOO_LARGE": (
        "事件有 {size} 字节，上限 {limit}", "The event has {size} bytes, at most {limit}",
        "拆分或缩短内容", "Split or shorten its content"),
    "UNKNOWN_EVENT_TYPE": (
        "未知的事件类型或版本：{type}", "Unknown event type or version: {type}",
        "升级服务器，或改用已公布的类型", "Upgrade the server, or use a published type"),
    "INVALID_FIELD": (
        "字段不合规则：{detail}", "The field breaks its rule: {detail}",
        "按 proto 中的规则改正后，以新事件重新签名",
        "Correct it by the rule in the proto and sign a new event"),
    "WRONG_ORIGIN": (
        "事件属于另一账本 {origin}，本账本为 {expected}",
        "The event is meant for log {origin}; this is {expected}",
        "检查客户端的信任文件与目标地址", "Check the client's trust file and target"),
    "WRONG_STREAM": (
        "事件流与应有的不符：应为 {expected}",
        "The stream is not what it must be: expected {expected}",
        "按 docs/formats.md 第 2 节推导标识", "Derive the id as docs/formats.md section 2 says"),
    "BAD_BATCH": (
        "批次不成立：{detail}", "The batch does not hold together: {detail}",
        "按原样重发整批叶值与签名", "Send all leaves and the signature as they were made"),
    "BAD_SIGNATURE": (
        "批次签名无效", "The batch signature does not verify",
        "用登记的密钥对批次根签名（docs/formats.md 第 4 节）",
        "Sign the batch root with the registered key (docs/formats.md section 4)"),
    "UNKNOWN_KEY": (
        "密钥未登记：{key}", "The key is not registered: {key}",
        "请主管机构登记该密钥", "Have the key registered by your bureau or institution"),
    "KEY_ENDED": (
        "密钥已终止（{ending}）", "The key has ended ({ending})",
        "改用有效密钥；终止前采集的积压请联系机构",
        "Use a live key; for a backlog captured before, ask the institution"),
    "KEY_USE": (
        "此类密钥（{use}）不得签署 {type}", "A {use} key may not sign {type}",
        "改用机构主密钥或办公系统密钥", "Use the party's own key or an office system's"),
    "WRONG_ALGORITHM": (
        "密钥登记的算法是 {expected}", "The key is registered for {expected}",
        "按登记的算法签名", "Sign with the registered algorithm"),
    "NOT_YOURS_TO_WRITE": (
        "{role}无权写入 {type}", "This is not for the author to write ({role}): {type}",
        "由有权的一方写入", "Have it written by a party that may"),
    "NOT_YOUR_COHORT": (
        "该班次不属于作者的机构", "The cohort does not belong to the author's institution",
        "检查班次标识与密钥", "Check the cohort id and the key"),
    "NOT_YOUR_AREA": (
        "{area} 不在作者的辖区 {own} 内", "{area} is outside the author's area {own}",
        "由辖区主管机构写入", "Have it written by the bureau of that area"),
    "UNKNOWN_PARTY": (
        "机构未入册：{party}", "The party is not registered: {party}",
        "请主管机构先登记该机构", "Have the party registered by its bureau first"),
    "EVENT_ID_REUSED": (
        "事件编号已用于另一内容", "The event id was used for other content",
        "重发须逐字节相同；新内容用新编号",
        "A retry repeats the same bytes; new content takes a new id"),
    "ALREADY_REGISTERED": (
        "已登记", "It is registered already",
        "无需重复登记", "There is nothing to do"),
    "SEQUENCE_CONFLICT": (
        "流中已有此版本", "The stream has that version already",
        "重新读取后再试", "Read again and retry"),
    "POLICY_NOT_ADOPTED": (
        "政策 {policy} 未被本账本采用", "Policy {policy} has not been adopted by this log",
        "由市级主管机构采用，或改用已采用的政策",
        "Have the city bureau adopt it, or use an adopted one"),
    "POLICY_INVALID": (
        "政策文件无效：{detail}", "The policy file is invalid: {detail}",
        "改正文件后重新采用", "Correct the file and adopt it again"),
    "ALREADY_PLANNED": (
        "该班次已有计划", "The cohort has a plan already",
        "新班次用新的标识", "Use a new id for a new cohort"),
    "NOT_PLANNED": (
        "该班次没有计划", "The cohort has no plan",
        "先写入 CohortPlanned", "Record CohortPlanned first"),
    "ALREADY_OPEN": (
        "该班次已开班", "The cohort is open already",
        "无需重复", "There is nothing to do"),
    "NOT_OPEN": (
        "该班次尚未开班", "The cohort is not open",
        "先写入 CohortOpened", "Record CohortOpened first"),
    "COHORT_CLOSED": (
        "该班次已结班", "The cohort is closed",
        "在新班次办理", "Use another cohort"),
    "COHORT_FULL": (
        "名额已满：{enrolled}/{capacity}", "The cohort is full: {enrolled} of {capacity}",
        "报名到其他班次", "Enrol in another cohort"),
    "DATES_REVERSED": (
        "结束日 {last} 早于开始日 {first}", "The last day {last} is before the first day {first}",
        "改正日期", "Correct the dates"),
    "ALREADY_ENROLLED": (
        "该学员已在本班报名", "The learner is enrolled in this cohort already",
        "无需重复报名", "There is nothing to do"),
    "NOT_ENROLLED": (
        "该学员未在本班报名", "The learner is not enrolled in this cohort",
        "先写入 LearnerEnrolled", "Record LearnerEnrolled first"),
    "NOT_PREPARED": (
        "没有与此摘要对应的准备记录", "Nothing was prepared with this digest",
        "先调用 PrepareCertificate，原样使用其返回内容",
        "Call PrepareCertificate first and use its answer as it is"),
    "NOT_AN_INSTITUTION": (
        "该单位不是培训机构（{role}）", "The party is no training institution ({role})",
        "核对机构标识", "Check the party's id"),
    "ALREADY_IMPORTED": (
        "该机构已导入", "The institution was imported already",
        "新增工种由机构提交增项报告（ScopeExtensionReported）",
        "Further trades are reported by the institution (ScopeExtensionReported)"),
    "REPORT_UNKNOWN": (
        "没有待审核的报告 {report}", "No report {report} is under review",
        "核对报告的事件编号；已办结的须由机构重新提交",
        "Check the id of the report's event; a settled one has to be submitted anew"),
    "REVIEW_NOT_YOURS": (
        "{stage}级审核不由区划为 {area} 的主管机构作出",
        "The {stage} review is not for a bureau of area {area}",
        "县级审核由六位区划的主管机构作出，市级审核由二位或四位区划的作出",
        "The county's is for a bureau with a 6-digit area, the city's for one with 2 or 4 digits"),
    "REVIEW_OUT_OF_TURN": (
        "还轮不到{stage}级审核，或该级已审核",
        "It is not the turn of the {stage} review, or that was given already",
        "先县级、后市级，每级一次", "The county's comes first, then the city's, each once"),
    "NOT_REVIEWED": (
        "没有经市级审核通过的报告", "No report was approved by the city",
        "先写入 ReportReviewed", "Record ReportReviewed first"),
    "ALREADY_SUSPENDED": (
        "已暂停招生", "Recruitment is suspended already",
        "无需重复", "There is nothing to do"),
    "NOT_SUSPENDED": (
        "未暂停招生", "Recruitment is not suspended",
        "无需恢复", "There is nothing to do"),
    "ALREADY_DELISTED": (
        "已取消资格", "The institution was delisted already",
        "无需重复", "There is nothing to do"),
    "RECRUITMENT_SUSPENDED": (
        "机构已被暂停招生", "The institution's recruitment is suspended",
        "恢复招生后再办理；在训班次照常记录",
        "Wait until it is resumed; classes under way go on and are recorded"),
    "INSTITUTION_CLOSED": (
        "机构已退出或被取消资格", "The institution has left or was delisted",
        "经重新报告、审核并纳入目录后再办理；在训班次照常记录",
        "Report, be reviewed and listed anew; classes under way go on and are recorded"),
    "REPORT_MISSING": (
        "没有涵盖工种 {trade} 的报告", "No report covers the trade {trade}",
        "先提交初始报告或增项报告（InitialReportSubmitted、ScopeExtensionReported）",
        "Submit an initial or extension report (InitialReportSubmitted, ScopeExtensionReported)"),
    "HOURS_SHORT": (
        "学时不足：{component} 应修 {required}，实修 {credited}",
        "Hours are short: {component} requires {required}, credited {credited}",
        "补课后再办理", "Make up the hours first"),
    "TEST_NOT_PASSED": (
        "结业考核未达 {mark} 分", "The course test is below {mark}",
        "补考合格后再办理", "Pass the course test first"),
    "TOTALS_DIFFER": (
        "所列学时与账本计算不符：{component} 所列 {stated}，计算 {credited}",
        ("The hours differ from what the ledger computes: "
         "{component} states {stated}, computed {credited}"),
        "重新调用 PrepareCertificate", "Call PrepareCertificate again"),
    "COUNT_DIFFERS": (
        "所列数与账本不符：所列 {stated}，账本 {computed}",
        "The number is not the ledger's: {stated} stated, {computed} computed",
        "以一期一档所示的数为准", "State the number that the cohort file shows"),
    "CERTIFICATE_LIVE": (
        "该报名已有有效证明 {number}", "The enrolment has a live certificate {number}",
        "内容有误请换发，不应存在请撤销",
        "Supersede it where what it states is wrong; revoke it where it should not exist"),
    "CERTIFICATE_UNKNOWN": (
        "没有此证明", "There is no such certificate",
        "核对编号", "Check the number"),
    "CERTIFICATE_REVOKED": (
        "该证明已撤销", "The certificate is revoked already",
        "无需重复", "There is nothing to do"),
    "CERTIFICATE_SUPERSEDED": (
        "该证明已换发为 {number}", "The certificate was replaced by {number}",
        "办理新证明", "Deal with the new one"),
    "CERTIFICATE_SUSPENDED": (
        "证明 {number} 已暂停", "The certificate {number} is suspended",
        "由应急管理部门先恢复", "Have the emergency management bureau reinstate it first"),
    "CERTIFICATE_NOT_VALID": (
        "该培训证明已撤销、暂停或换发",
        "The training certificate is revoked, suspended or replaced",
        "以现行有效的证明报名", "Register with the one that is valid now"),
    "SUCCESSOR_MISSING": (
        "同一请求未签发接替的证明 {number}",
        "The certificate {number} that replaces it is not issued together with it",
        "在同一原子请求中先写换发、再写新证明的签发",
        "Send both in one atomic request, the replacement first, then the issue"),
    "IDENTITY_DIFFERS": (
        "学员登记与报名所载身份承诺不符",
        "The person register and the enrolment commit to different identities",
        "以 CorrectPerson 返回的承诺写入 RecordCorrected（IDENTITY）",
        "Record a RecordCorrected (IDENTITY) with the commitment that CorrectPerson returned"),
    "OTHER_SUCCESSOR": (
        "旧证明已指定由 {number} 接替", "The old certificate names {number} as its successor",
        "签发该编号的证明", "Issue the certificate with that number"),
    "NOT_SUPERSEDED": (
        "所称接替的证明没有换发记录",
        "The certificate that it claims to replace was not superseded",
        "先写入 TrainingCertificateSuperseded", "Record TrainingCertificateSuperseded first"),
    "CERTIFICATE_ALREADY_SUSPENDED": (
        "该证明已暂停", "The certificate is suspended already",
        "无需重复", "There is nothing to do"),
    "CERTIFICATE_NOT_SUSPENDED": (
        "该证明未被暂停", "The certificate is not suspended",
        "核对编号", "Check the number"),
    "ALREADY_FILED": (
        "该班次已报备", "The cohort is filed already",
        "变更请另行报告", "Report changes separately"),
    "ALREADY_PINNED": (
        "该班次已钉定此政策", "The cohort is pinned to this policy already",
        "无需重复", "There is nothing to do"),
    "NOT_CLOSED": (
        "该班次尚未结班", "The cohort is not closed",
        "先写入 CohortClosed", "Record CohortClosed first"),
    "SEAL_VERSION": (
        "封存版本应为 {expected}，所列 {stated}",
        "The seal's version is {stated}, {expected} is due",
        "改为下一版本", "State the next version"),
    "ALREADY_CARRIED": (
        "该报名已结转过学时", "Credits were carried over to this enrolment already",
        "更正请走记录更正", "Correct the record instead"),
    "NOT_TRANSFERRED": (
        "原班次没有转入本班的记录", "The former enrolment was not transferred to this cohort",
        "先在原班次写入 LearnerTransferred",
        "Record LearnerTransferred in the former cohort first"),
    "EXAM_PROOF": (
        "考试报名须且仅须依据一项：本账本证明、外来证明或免训批准",
        "A registration rests on exactly one: a certificate here, one from elsewhere, an exemption",
        "只填写其中一项", "State one of the three"),
    "REASON_NOT_YOURS": (
        "{role}不得以此理由撤销", "The author may not revoke for this reason ({role})",
        "机构仅可因差错或持证人申请撤销；其余由主管机构决定",
        "An institution revokes for error or at the holder's request; the rest is the regulator's"),
    "LOG_CLOSED": (
        "本账本已关闭", "This log is closed",
        "改用后继账本", "Use the successor log"),
    "BAD_ID_NUMBER": (
        "证件号码不合格式或校验位错误", "The id number is malformed or its check digit is wrong",
        "核对证件", "Check the document"),
    "PERSON_REGISTERED": (
        "本机构已以该证件号码登记另一学员",
        "This institution has another reference under this ID number",
        "用该号码原有的 person_ref；误记在别处的记录作废后补记",
        "Use the reference that the number has; void what was recorded under the wrong one"),
    "PERSON_NAME_DIFFERS": (
        "该证件号码已由贵机构以另一姓名登记",
        "You registered this id number under another name",
        "核对证件；姓名须与首次登记逐字一致（含生僻字）；首次登记有误请用 CorrectPerson 更正",
        "Repeat the name exactly as first registered; if that was wrong, call CorrectPerson"),
    "ATOMIC_ABORTED": (
        "同一请求中的其他事件被拒绝", "Another event of the same request was refused",
        "改正后整体重发", "Correct that one and send all again"),
    "NOT_FOUND": (
        "不存在，或无权查看", "It does not exist, or you may not see it",
        "核对标识与身份", "Check the id and your identity"),
    "PERMISSION_DENIED": (
        "无权进行此操作", "You may not do this",
        "用有权的身份连接", "Connect with an identity that may"),
    "UNAUTHENTICATED": (
        "未出示客户端证书或证书不符", "No client certificate, or one that does not fit",
        "用本账本签发的客户端证书连接", "Connect with a client certificate of this ledger"),
    "INVALID_REQUEST": (
        "请求不合规则", "The request breaks its rules",
        "按所列字段改正", "Correct the fields listed"),
    "REQUEST_TOO_LARGE": (
        "请求含 {count} 个事件、{size} 字节；上限 {limit} 个、{bytes} 字节",
        "The request has {count} events and {size} bytes; at most {limit} and {bytes}",
        "分成更小的批次（采集时即按此上限成批）",
        "Send fewer batches at once; bound batches at capture"),
    "PAGE_TOKEN_STALE": (
        "分页令牌已失效", "The page token is stale",
        "从第一页重新开始", "Start again from the first page"),
    "PAGE_TOKEN_INVALID": (
        "分页令牌无效", "The page token is not valid",
        "原样使用上一页返回的令牌，且不改筛选条件",
        "Use the token as it was returned, with the same filters"),
    "NOT_PUBLISHED": (
        "尚未发布：检查点大小 {size}", "Not published yet: the checkpoint has size {size}",
        "稍后再试，或设置等待", "Try again shortly, or ask to wait"),
    "CREDENTIAL_INVALID": (
        "证书文件不成立：{detail}", "The credential does not hold: {detail}",
        "按 docs/formats.md 第 8 节重新生成", "Build it again as docs/formats.md section 8 says"),
    "OVERLOADED": (
        "服务繁忙", "The server is busy",
        "稍后重发同样的字节", "Send the same bytes again later"),
    "STORAGE_FULL": (
        "存储空间已满，未写入任何内容", "Storage is full; nothing was written",
        "联系运维；稍后重发同样的字节", "Tell the operator; send the same bytes again later"),
    "STORAGE_UNAVAILABLE": (
        "数据库不可用，结果未知", "The database is unavailable; the outcome is not known",
        "重发同样的字节，不会重复入账", "Send the same bytes again; nothing is recorded twice"),
    "HALTED": (
        "账本已停止此项服务，待人工核查：存储内容或时钟与应有的不符",
        ("The ledger has stopped this until a person has looked: "
         "stored bytes or its clock are not what they must be"),
        "保留事件并告知运维，附时间与请求编号；稍后重发同样的字节",
        "Keep the events, tell the operator time and request id, send the same bytes later"),
    "DEADLINE_EXCEEDED": (
        "在期限内未完成", "Not done within the deadline",
        "以更长期限重试", "Retry with a longer deadline"),
    "INTERNAL": (
        "内部错误", "Internal error",
        "请将时间与请求编号告知运维", "Tell the operator the time and the request id"),
}  # fmt: skip

CATALOGUE: Final = MappingProxyType({code: Words(*row) for code, row in _TABLE.items()})
