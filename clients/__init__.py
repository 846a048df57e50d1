"""Everything outside the ledger: each room sees only what a remote party may see."""
