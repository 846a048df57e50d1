"""The gRPC server: services, limits, mutual TLS (reliability-security C5 to C7, 6.2)."""

from dataclasses import dataclass
from typing import Final

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection

from ledger.api.v1 import (
    certificate_service_pb2_grpc,
    cohort_service_pb2_grpc,
    institution_service_pb2_grpc,
    key_service_pb2_grpc,
    log_service_pb2_grpc,
    person_service_pb2_grpc,
    recording_service_pb2_grpc,
    staff_service_pb2_grpc,
    supervision_service_pb2_grpc,
)
from ledger.server.interceptors import CallInterceptor
from ledger.server.recording_service import RecordingService

MAX_REQUEST_BYTES: Final = 3 * 1024 * 1024
"""A request has at most 2 MiB of events; leaves of events that are not sent come on top."""

_SECOND: Final = 1_000
OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.max_metadata_size", 8 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
    ("grpc.server_handshake_timeout_ms", 10 * _SECOND),
    # Above what one busy courier needs: at the limit gRPC resets calls that its client, by its own
    # count, may still make. Places (call_limits) refuse with words, and earlier.
    ("grpc.max_concurrent_streams", 1_000),
    # A terminal that vanished without a word is noticed; one that pings too often is sent away.
    ("grpc.keepalive_time_ms", 60 * _SECOND),
    ("grpc.keepalive_timeout_ms", 20 * _SECOND),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 300 * _SECOND),
    ("grpc.http2.max_ping_strikes", 2),
    ("grpc.max_connection_idle_ms", 900 * _SECOND),
    # A certificate that was replaced or taken away is asked for again within the hour.
    ("grpc.max_connection_age_ms", 3_600 * _SECOND),
    ("grpc.max_connection_age_grace_ms", 300 * _SECOND),
    # A second server on the same port is a mistake, not a colleague.
    ("grpc.so_reuseport", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What is served."""

    recording: RecordingService
    cohorts: cohort_service_pb2_grpc.CohortServiceServicer
    certificates: certificate_service_pb2_grpc.CertificateServiceServicer
    persons: person_service_pb2_grpc.PersonServiceServicer
    institutions: institution_service_pb2_grpc.InstitutionServiceServicer
    staff: staff_service_pb2_grpc.StaffServiceServicer
    keys: key_service_pb2_grpc.KeyServiceServicer
    log: log_service_pb2_grpc.LogServiceServicer
    supervision: supervision_service_pb2_grpc.SupervisionServiceServicer
    health: health.HealthServicer


SERVICE_NAMES: Final = (
    "ledger.api.v1.RecordingService",
    "ledger.api.v1.CohortService",
    "ledger.api.v1.CertificateService",
    "ledger.api.v1.PersonService",
    "ledger.api.v1.InstitutionService",
    "ledger.api.v1.StaffService",
    "ledger.api.v1.KeyService",
    "ledger.api.v1.LogService",
    "ledger.api.v1.SupervisionService",
    HEALTH,
)


def mutual_tls(*, certificate: bytes, key: bytes, authority: bytes) -> grpc.ServerCredentials:
    """Return credentials that ask every client for a certificate; TLS 1.2 and newer.

    Args:
        certificate: The server's certificate in PEM.
        key: Its private key in PEM.
        authority: The authority of the clients' certificates, in PEM.
    """
    return grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority, require_client_auth=True
    )


def build_server(
    services: Services, interceptor: CallInterceptor, *, with_reflection: bool = False
) -> grpc.aio.Server:
    """Return a server that is not started and has no port yet; `add_secure_port` gives it one.

    Args:
        services: What it serves.
        interceptor: Stands around every call.
        with_reflection: Serve descriptors, for sandboxes.
    """
    server = grpc.aio.server(interceptors=[interceptor], options=OPTIONS)
    recording_service_pb2_grpc.add_RecordingServiceServicer_to_server(services.recording, server)
    cohort_service_pb2_grpc.add_CohortServiceServicer_to_server(services.cohorts, server)
    certificate_service_pb2_grpc.add_CertificateServiceServicer_to_server(
        services.certificates, server
    )
    person_service_pb2_grpc.add_PersonServiceServicer_to_server(services.persons, server)
    institution_service_pb2_grpc.add_InstitutionServiceServicer_to_server(
        services.institutions, server
    )
    staff_service_pb2_grpc.add_StaffServiceServicer_to_server(services.staff, server)
    key_service_pb2_grpc.add_KeyServiceServicer_to_server(services.keys, server)
    log_service_pb2_grpc.add_LogServiceServicer_to_server(services.log, server)
    supervision_service_pb2_grpc.add_SupervisionServiceServicer_to_server(
        services.supervision, server
    )
    health_pb2_grpc.add_HealthServicer_to_server(services.health, server)
    if with_reflection:
        reflection.enable_server_reflection([*SERVICE_NAMES, reflection.SERVICE_NAME], server)
    return server
