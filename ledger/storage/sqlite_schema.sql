-- The ledger's tables (DESIGN section 7) in SQLite; postgresql_schema.sql has the same for PostgreSQL.
-- Ids are raw bytes, times microseconds since 1970 UTC.

BEGIN IMMEDIATE;

-- Raised with every change that an older program would not understand.
CREATE TABLE IF NOT EXISTS schema_version (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    version INTEGER NOT NULL
);
INSERT INTO schema_version (single, version) VALUES (1, 1) ON CONFLICT DO NOTHING;

-- The log. notification_id is the index in the log + 1, as the eventsourcing library counts.
-- Entries of the log itself have no stream; of these an empty map-commit slot has no bytes yet.
CREATE TABLE IF NOT EXISTS log (
    notification_id INTEGER PRIMARY KEY CHECK (notification_id > 0),
    entry BLOB CHECK (entry IS NOT NULL OR stream IS NULL),
    recorded INTEGER NOT NULL,
    stream BLOB,
    seq INTEGER CHECK ((seq IS NULL) = (stream IS NULL)),
    type TEXT CHECK ((type IS NULL) = (stream IS NULL)),
    event BLOB CHECK ((event IS NULL) = (stream IS NULL)),
    event_id BLOB UNIQUE CHECK ((event_id IS NULL) = (stream IS NULL)),
    cohort BLOB,
    held TEXT,
    batch_key BLOB,
    batch_name BLOB,
    position INTEGER,
    guests BLOB,
    UNIQUE (stream, seq)
);
CREATE INDEX IF NOT EXISTS log_cohort ON log (cohort, notification_id) WHERE cohort IS NOT NULL;

-- Events by the further cohorts that they name: guests of these. The home cohort is in the log.
CREATE TABLE IF NOT EXISTS log_guest (
    cohort BLOB NOT NULL,
    notification_id INTEGER NOT NULL,
    PRIMARY KEY (cohort, notification_id)
) WITHOUT ROWID;

-- What one key signed together; leaves are concatenated.
CREATE TABLE IF NOT EXISTS batch (
    name BLOB PRIMARY KEY,
    root BLOB NOT NULL,
    key_id BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    signature BLOB NOT NULL,
    approver_key BLOB NOT NULL,
    approver_signature BLOB NOT NULL,
    leaves BLOB NOT NULL
);

-- Where the log ends. slot is the index (not the notification_id) of the empty map-commit slot.
CREATE TABLE IF NOT EXISTS log_head (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    size INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    slot INTEGER,
    closed INTEGER NOT NULL
);
INSERT INTO log_head (single, size, recorded, slot, closed) VALUES (1, 0, 0, NULL, 0)
ON CONFLICT DO NOTHING;

-- The publisher's tables: tiles, heads of the map's keys (edge: right edge of the key's own tree,
-- hashes concatenated), checkpoints.
CREATE TABLE IF NOT EXISTS tile (
    level INTEGER NOT NULL,
    n INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, n)
);
CREATE TABLE IF NOT EXISTS map_head (
    key BLOB PRIMARY KEY,
    count INTEGER NOT NULL,
    last_index INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    edge BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
);

-- Certificates: what was prepared, in the order of preparation, and the files handed in.
CREATE TABLE IF NOT EXISTS prepared_certificate (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    core_digest BLOB NOT NULL UNIQUE,
    certificate BLOB NOT NULL,
    enrolment BLOB NOT NULL,
    cohort BLOB NOT NULL,
    institution BLOB NOT NULL,
    edition INTEGER NOT NULL,
    number TEXT NOT NULL,
    enrolment_digest BLOB NOT NULL,
    count INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS prepared_certificate_stream ON prepared_certificate (certificate);
CREATE INDEX IF NOT EXISTS prepared_certificate_number ON prepared_certificate (number);
CREATE TABLE IF NOT EXISTS attached_credential (
    number TEXT PRIMARY KEY,
    file BLOB NOT NULL
);

-- How the eventsourcing library sees the log. Its SQLite recorder reads ids by the name rowid.
CREATE VIEW IF NOT EXISTS stored_events AS
SELECT
    lower(hex(stream)) AS originator_id,
    seq AS originator_version,
    type AS topic,
    event AS state,
    notification_id,
    notification_id AS rowid,
    stream
FROM log
WHERE stream IS NOT NULL AND entry IS NOT NULL;

COMMIT;
