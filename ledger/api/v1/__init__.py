"""Version 1 of the contract: code generated from proto/ledger/api/v1 by `make proto`."""
