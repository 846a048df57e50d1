"""The core of a training certificate, from the record that it rests on (DESIGN section 3).

What it says follows from the log and the policy; the masked name and number come from the vault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from uuid import uuid4

from ledger.application.ports import KnownPerson
from ledger.domain.amendments import Counted
from ledger.domain.party_states import PartyState
from ledger.domain.policies import Policy
from ledger.domain.unlisted_presence import SIGN_INS, SIGN_OUTS
from ledger.log.certificate_numbers import new_number
from ledger.log.masking import mask_id_number, mask_name
from ledger.log.open_badges import CoreFields, build_core

_SHANGHAI: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRAINING: Final = SIGN_INS | SIGN_OUTS | {"OnlineLessonCompleted"}
_ID_TYPES: Final[Mapping[int, str]] = {
    1: "nationalIdentityNumber",
    2: "ext:passport",
    3: "ext:hk-mo-tw-permit",
    4: "ext:foreigner-permit",
}


@dataclass(frozen=True, slots=True)
class CertifiedRecord:
    """What a certificate certifies.

    Attributes:
        institution: The issuing institution.
        policy: The pinned policy.
        records: What counts of the enrolment.
        hours: Hours credited in total.
        person: Whom it is for.
    """

    institution: PartyState
    policy: Policy
    records: Sequence[Counted]
    hours: int
    person: KnownPerson


def certificate_core(record: CertifiedRecord, host: str, now_us: int) -> dict[str, object]:
    """Return a new core under a new number.

    Args:
        record: What it certifies.
        host: Host of certificate addresses; nothing rests on it.
        now_us: The moment from which it is valid.
    """
    institution, policy = record.institution, record.policy
    now = _EPOCH + timedelta(microseconds=now_us)
    number = new_number(institution.area.ljust(6, "0"), now.astimezone(_SHANGHAI).year)
    days = [_day(each.at_us) for each in record.records if each.event.type in _TRAINING] or [
        now.astimezone(_SHANGHAI).date()
    ]
    fields = CoreFields(
        number=number,
        subject_id=str(uuid4()),
        host=host,
        issuer_did=f"did:web:{host}:institutions:{institution.credit_code}",
        issuer_name=institution.name,
        issuer_credit_code=institution.credit_code,
        masked_name=mask_name(record.person.name),
        masked_id_number=mask_id_number(record.person.id_number),
        id_type=_ID_TYPES[record.person.id_type],
        achievement_id=f"https://{host}/policies/{policy.digest.hex()}",
        achievement_code=policy.id,
        achievement_name=policy.title_zh,
        trade=policy.trade_zh,
        category=policy.category_zh,
        criteria=_criteria(policy),
        required_hours=Decimal(policy.hours.total),
        credited_hours=Decimal(record.hours),
        period_from=min(days),
        period_to=max(days),
        issued_at=now.replace(microsecond=0),
    )
    return build_core(fields)


def _day(moment_us: int) -> date:
    return (_EPOCH + timedelta(microseconds=moment_us)).astimezone(_SHANGHAI).date()


def _criteria(policy: Policy) -> str:
    hours = policy.hours
    return (
        f"培训不少于{hours.total}学时：理论{hours.theory.value}学时，其中线下不少于"
        f"{hours.theory_offline}学时；实操{hours.practical.value}学时。"
        f"结业考核不低于{policy.pass_mark.value}分。"
    )
