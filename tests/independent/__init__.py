"""A second implementation, written from docs/formats.md and proto/ alone.

It imports nothing of the ledger and no generated code. Where it and the ledger agree on bytes that
neither has copied from the other, the specification says what both do.

- `fields`: the messages of an event, by hand from events.proto
- `reader`: the strict event reader (section 3)
- `trees`: RFC 6962 roots and paths (section 1)
- `identifiers`: ids, certificate numbers, head-map keys (sections 2 and 6)
- `signing`: DSSE, key ids, signatures, acknowledgements (section 4)
- `entries`: canonical JSON and entries of the log (section 5)
- `head_map`: head-map values, root and proofs (section 6)
- `notes`: signed notes, checkpoints and tlog-proofs (section 7)
- `writer`, `author`: building events (docs/emitter.md sections 1 to 3)
- `calls`, `emitter`, `log_client`: sending them and checking what comes back (sections 4 to 8)
"""
