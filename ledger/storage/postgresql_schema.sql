-- The ledger's tables (DESIGN section 7) in PostgreSQL; sqlite_schema.sql has the same for SQLite.
-- Ids are raw bytes, times microseconds since 1970 UTC.

-- Raised with every change that an older program would not understand.
CREATE TABLE IF NOT EXISTS schema_version (
    single integer PRIMARY KEY CHECK (single = 1),
    version integer NOT NULL
);
INSERT INTO schema_version (single, version) VALUES (1, 1) ON CONFLICT DO NOTHING;

-- The log. notification_id is the index in the log + 1, as the eventsourcing library counts.
-- Entries of the log itself have no stream; of these an empty map-commit slot has no bytes yet.
-- Rows are appended and, but for filling a slot, never changed: vacuum has only to freeze them and
-- to keep the visibility map, statistics must follow a fast start, and nothing may ever take the
-- table's exclusive lock to cut its end off. Rows stay whole up to one page, uncompressed: events
-- are salted, signed and hashed, so compressing them costs time and saves little.
CREATE TABLE IF NOT EXISTS log (
    notification_id bigint PRIMARY KEY CHECK (notification_id > 0),
    entry bytea CHECK (entry IS NOT NULL OR stream IS NULL),
    recorded bigint NOT NULL,
    stream bytea,
    seq bigint CHECK ((seq IS NULL) = (stream IS NULL)),
    type text CHECK ((type IS NULL) = (stream IS NULL)),
    event bytea CHECK ((event IS NULL) = (stream IS NULL)),
    event_id bytea UNIQUE CHECK ((event_id IS NULL) = (stream IS NULL)),
    cohort bytea,
    held text,
    batch_key bytea,
    batch_name bytea,
    position integer,
    guests bytea,
    UNIQUE (stream, seq)
) WITH (
    toast_tuple_target = 8160,
    vacuum_truncate = false,
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_vacuum_insert_scale_factor = 0.1,
    autovacuum_analyze_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE log ALTER COLUMN entry SET STORAGE EXTERNAL, ALTER COLUMN event SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS log_cohort ON log (cohort, notification_id) WHERE cohort IS NOT NULL;

-- Events by the further cohorts that they name: guests of these. The home cohort is in the log.
CREATE TABLE IF NOT EXISTS log_guest (
    cohort bytea NOT NULL,
    notification_id bigint NOT NULL,
    PRIMARY KEY (cohort, notification_id)
) WITH (vacuum_truncate = false);

-- What one key signed together; leaves are concatenated.
CREATE TABLE IF NOT EXISTS batch (
    name bytea PRIMARY KEY,
    root bytea NOT NULL,
    key_id bytea NOT NULL,
    algorithm text NOT NULL,
    signature bytea NOT NULL,
    approver_key bytea NOT NULL,
    approver_signature bytea NOT NULL,
    leaves bytea NOT NULL
) WITH (vacuum_truncate = false);
ALTER TABLE batch ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Where the log ends. slot is the index (not the notification_id) of the empty map-commit slot.
-- Every group locks and changes this one row: its versions are pruned within its page.
CREATE TABLE IF NOT EXISTS log_head (
    single integer PRIMARY KEY CHECK (single = 1),
    size bigint NOT NULL,
    recorded bigint NOT NULL,
    slot bigint,
    closed boolean NOT NULL
) WITH (vacuum_truncate = false);
INSERT INTO log_head (single, size, recorded, slot, closed) VALUES (1, 0, 0, NULL, false)
ON CONFLICT DO NOTHING;

-- The publisher's tables: tiles, heads of the map's keys (edge: right edge of the key's own tree,
-- hashes concatenated), checkpoints. Room in the pages lets a changed row stay where it is.
CREATE TABLE IF NOT EXISTS tile (
    level integer NOT NULL,
    n bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, n)
) WITH (vacuum_truncate = false);
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS map_head (
    key bytea PRIMARY KEY,
    count bigint NOT NULL,
    last_index bigint NOT NULL,
    head_hash bytea NOT NULL,
    edge bytea NOT NULL
) WITH (fillfactor = 80, vacuum_truncate = false);
CREATE TABLE IF NOT EXISTS checkpoint (
    size bigint PRIMARY KEY,
    note text NOT NULL
);

-- Certificates: what was prepared, in the order of preparation, and the files handed in.
CREATE TABLE IF NOT EXISTS prepared_certificate (
    ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    core_digest bytea NOT NULL UNIQUE,
    certificate bytea NOT NULL,
    enrolment bytea NOT NULL,
    cohort bytea NOT NULL,
    institution bytea NOT NULL,
    edition integer NOT NULL,
    number text NOT NULL,
    enrolment_digest bytea NOT NULL,
    count bigint NOT NULL,
    body bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS prepared_certificate_stream ON prepared_certificate (certificate);
CREATE INDEX IF NOT EXISTS prepared_certificate_number ON prepared_certificate (number);
CREATE TABLE IF NOT EXISTS attached_credential (
    number text PRIMARY KEY,
    file bytea NOT NULL
);

-- How the eventsourcing library sees the log.
CREATE OR REPLACE VIEW stored_events AS
SELECT
    encode(stream, 'hex')::uuid AS originator_id,
    seq AS originator_version,
    type AS topic,
    event AS state,
    notification_id,
    stream
FROM log
WHERE stream IS NOT NULL AND entry IS NOT NULL;
