"""The operator's half of `tledger`: part of the composition root, it may see everything."""
