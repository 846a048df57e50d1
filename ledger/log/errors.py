"""Errors of the pure log formats.

The tree, which the boundary above maps to its own codes::

    LogError            root: everything that this package raises on bad input
    ├── FormatError     the bytes are malformed, too large, or not in their canonical form
    └── ProofError      the bytes are well formed, but a proof or a signature does not verify

No parser or verifier of this package lets a `ValueError`, `KeyError`, `binascii.Error` or a
cryptography exception escape.
"""


class LogError(Exception):
    """Root of the errors of `ledger.log`."""


class FormatError(LogError):
    """Input that is malformed, over a size limit, or not in its canonical form."""


class ProofError(LogError):
    """A proof or a signature that does not verify."""
