"""What can be proved: entries, notes, checkpoints, tree, tiles, proofs, head map; pure."""
