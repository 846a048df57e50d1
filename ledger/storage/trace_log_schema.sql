-- The trace log (DESIGN section 6), beside the person vault: who asked for one person's trace, in
-- which case, and when. For SQLite and PostgreSQL alike.

CREATE TABLE IF NOT EXISTS trace_log (
    trace_id bytea PRIMARY KEY CHECK (length(trace_id) = 16),
    case_number text NOT NULL CHECK (length(case_number) > 0),
    caller text NOT NULL,
    -- HMAC of what was asked, under the vault's pepper.
    asked bytea NOT NULL CHECK (length(asked) = 32),
    -- Microseconds since 1970 UTC.
    asked_us bigint NOT NULL
);

CREATE INDEX IF NOT EXISTS trace_log_case ON trace_log (case_number);
