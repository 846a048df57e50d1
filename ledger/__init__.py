"""The training-record ledger: the write side and the truth."""

__version__ = "0.1.0"
