"""Failed calls: the status of a gRPC error with its details (google.rpc error model).

The ledger sends `ErrorInfo` (its `reason` is the stable code), `BadRequest` for fields,
`LocalizedMessage` in zh-CN and en, and `RetryInfo` where a pause is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN: Final = "tledger"
# After these the server has said no. After any other status nobody knows what it did.
_REFUSALS: Final = frozenset(
    {
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
_PASSING: Final = frozenset({"OVERLOADED", "STORAGE_FULL"})

Detail = TypeVar("Detail", bound=Message)


@dataclass(frozen=True, slots=True)
class Violation:
    """One field at fault.

    Attributes:
        field: The field, dotted.
        description: What is wrong with it.
        code: Stable code of the fault, where the ledger names one for each field.
    """

    field: str
    description: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed.

    Attributes:
        status: The gRPC status.
        code: Stable code of the ledger; empty when the failure is the network's.
        message: The status message.
        violations: Fields at fault.
        text_zh: The reason in Chinese, empty when there is none.
        text_en: The reason in English, empty when there is none.
        retry_after: Seconds that the ledger asks to wait, 0 when it does not.
        values: Further values by name.
    """

    status: grpc.StatusCode
    code: str
    message: str
    violations: tuple[Violation, ...] = ()
    text_zh: str = ""
    text_en: str = ""
    retry_after: float = 0.0
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def refused(self) -> bool:
        """The ledger has said no, and would say it again."""
        return self.status in _REFUSALS and not self.passing

    @property
    def passing(self) -> bool:
        """Nothing was done because there was no room for it: the same call may succeed later."""
        full = self.status is grpc.StatusCode.RESOURCE_EXHAUSTED
        return full and (self.code in _PASSING or self.retry_after > 0)

    def __str__(self) -> str:
        fields = "".join(f"; {each.field}: {each.description}" for each in self.violations)
        return f"{self.code or self.status.name}: {self.text_en or self.message}{fields}"


def read_failure(error: grpc.RpcError) -> Failure:
    """Return what a failed call says of itself; details that cannot be read are left out."""
    # What grpc raises is both an error and a call, which its types do not say.
    call: object = error
    if not isinstance(call, grpc.Call):
        return Failure(grpc.StatusCode.UNKNOWN, "", str(error))
    status, message = call.code(), call.details() or ""
    try:
        rich = rpc_status.from_call(call)
    except (DecodeError, ValueError):
        rich = None
    if rich is None:
        return Failure(status, "", message)
    infos = [each for each in _details(rich, error_details_pb2.ErrorInfo) if each.domain == DOMAIN]
    pauses = _details(rich, error_details_pb2.RetryInfo)
    return Failure(
        status,
        infos[0].reason if infos else "",
        message,
        tuple(
            Violation(each.field, each.description, each.reason)
            for bad in _details(rich, error_details_pb2.BadRequest)
            for each in bad.field_violations
        ),
        _text(rich, "zh"),
        _text(rich, "en"),
        max((each.retry_delay.ToTimedelta().total_seconds() for each in pauses), default=0.0),
        dict(infos[0].metadata) if infos else {},
    )


def _details(status: status_pb2.Status, kind: type[Detail]) -> list[Detail]:
    found = []
    for packed in status.details:
        detail = kind()
        try:
            if packed.Unpack(detail):
                found.append(detail)
        except DecodeError:
            continue
    return found


def _text(status: status_pb2.Status, language: str) -> str:
    """Return the messages in a language, one a line."""
    return "\n".join(
        each.message
        for each in _details(status, error_details_pb2.LocalizedMessage)
        if each.locale.partition("-")[0].lower() == language
    )
