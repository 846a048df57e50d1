"""Writing the files of an identity: whole or not at all, private ones for their owner alone."""

import os
import secrets
from pathlib import Path

from clients.sdk.errors import IdentityError


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, but never over another private key.

    Raises:
        IdentityError: when the file exists with other content, or cannot be written.
    """
    try:
        known = path.read_bytes()
    except FileNotFoundError:
        known = data
    except OSError as error:
        raise IdentityError(path, error.strerror or str(error)) from error
    if known != data:
        raise IdentityError(path, "another private key stands here; move it away first")
    _replace(path, data, 0o600)


def write_public(path: Path, data: bytes) -> None:
    """Write a file of mode 0644.

    Raises:
        IdentityError: when it cannot be written.
    """
    _replace(path, data, 0o644)


def replace_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file whole or not at all, and durably.

    Raises:
        OSError: when it cannot be written; what stood there stands there still.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _replace(path: Path, data: bytes, mode: int) -> None:
    try:
        replace_file(path, data, mode)
    except OSError as error:
        raise IdentityError(path, error.strerror or str(error)) from error
