"""A running ledger with all its services, and an identity's folder to call it with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from clients.cli.session import Surroundings
from ledger.api.v1.certificate_service_pb2_grpc import add_CertificateServiceServicer_to_server
from tests.unit.clients.cli.command_line import CommandLine
from tests.unit.clients.sdk.certificate_server import CertificateDesk
from tests.unit.clients.sdk.ledger_server import Recording, Running, start
from tests.unit.clients.sdk.register_server import add_registers


@dataclass
class Office:
    """An institution's office: a ledger, an identity, a command line."""

    running: Running
    desk: CertificateDesk
    folder: Path
    tledger: CommandLine


@pytest.fixture
def tledger() -> CommandLine:
    return CommandLine()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    desks: list[CertificateDesk] = []

    def add_certificates(server: grpc.Server, recording: Recording) -> None:
        desks.append(CertificateDesk(recording))
        add_CertificateServiceServicer_to_server(desks[0], server)

    running = start(add_registers, add_certificates)
    folder = tmp_path / "identity"
    running.identity().save(folder)
    tledger = CommandLine(
        Surroundings(retries=running.time.retries()), {"TLEDGER_IDENTITY": str(folder)}
    )
    yield Office(running, desks[0], folder, tledger)
    running.server.stop(grace=None).wait()
