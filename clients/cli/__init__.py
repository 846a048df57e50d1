"""The remote half of the tledger command."""
