"""What is read from files and standard input: bounded, and with one problem for all faults."""

import sys
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.cli.problems import misuse
from ledger.log.errors import FormatError
from ledger.log.notes import decode_base64
from ledger.log.signatures import load_public_key, public_bytes

STDIN: Final = Path("-")
KEY_LIMIT: Final = 16 * 1024
_PEM: Final = b"-----BEGIN PUBLIC KEY-----"


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a file, or of standard input for `-`.

    Raises:
        Problem: when it cannot be read, or has more than `limit` bytes.
    """
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise misuse(
            "读不了文件",
            "the file cannot be read",
            code="FILE_UNREADABLE",
            values={"path": str(path), "error": error.strerror or str(error)},
        ) from error
    if len(data) > limit:
        raise misuse(
            f"文件超过 {limit} 字节",
            f"the file has more than {limit} bytes",
            code="FILE_TOO_LARGE",
            values={"path": str(path)},
        )
    return data


def read_text(path: Path, limit: int, encoding: str = "utf-8-sig") -> str:
    """Return the text of a file, or of standard input for `-`.

    Raises:
        Problem: when it cannot be read, is too large, or is in another encoding.
    """
    return decoded(read_bytes(path, limit), path, encoding)


def decoded(data: bytes, path: Path, encoding: str) -> str:
    """Return the bytes of a file as text.

    Raises:
        Problem: when it is in another encoding.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise misuse(
            f"文件不是 {encoding} 编码",
            f"the file is not {encoding} text",
            code="FILE_ENCODING",
            values={"path": str(path), "byte": str(error.start)},
        ) from error


def public_key_der(data: bytes) -> bytes:
    """Return a public key as SubjectPublicKeyInfo in DER from PEM, DER or base64 of DER.

    Raises:
        FormatError: when it is none of an admitted algorithm.
    """
    text = data.strip()
    if text.startswith(_PEM):
        try:
            key = serialization.load_pem_public_key(text)
        except ValueError as error:
            raise FormatError("no public key in PEM") from error
        if not isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey):
            raise FormatError("the key is neither Ed25519 nor ECDSA P-256")
        return load_public_key(public_bytes(key)).spki
    if data.startswith(b"0"):
        return load_public_key(data).spki
    try:
        return load_public_key(decode_base64(text.decode("ascii"))).spki
    except UnicodeDecodeError as error:
        raise FormatError("neither PEM, DER nor base64") from error
