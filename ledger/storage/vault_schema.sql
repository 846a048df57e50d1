-- The person vault (DESIGN section 6), for SQLite and PostgreSQL alike. To SQLite `bytea` is a name
-- without a meaning: a column keeps the bytes that it is given.

-- Which keys the vault was made with: one row.
CREATE TABLE IF NOT EXISTS vault_keys (
    single integer PRIMARY KEY CHECK (single = 1),
    fingerprint bytea NOT NULL
);

-- A person: HMAC of ID type and number, and the person's own key, wrapped.
CREATE TABLE IF NOT EXISTS vault_person (
    lookup bytea PRIMARY KEY CHECK (length(lookup) = 32),
    wrapped_key bytea NOT NULL
);

-- What one institution knows a person by. The unique pair makes registering idempotent.
CREATE TABLE IF NOT EXISTS vault_reference (
    person_ref bytea PRIMARY KEY CHECK (length(person_ref) = 16),
    lookup bytea NOT NULL REFERENCES vault_person (lookup),
    institution bytea NOT NULL CHECK (length(institution) = 16),
    sealed bytea NOT NULL,
    UNIQUE (lookup, institution)
);

-- Prepared certificates.
CREATE TABLE IF NOT EXISTS vault_certificate (
    core_digest bytea PRIMARY KEY CHECK (length(core_digest) = 32),
    person_ref bytea NOT NULL REFERENCES vault_reference (person_ref),
    sealed bytea NOT NULL
);

CREATE INDEX IF NOT EXISTS vault_certificate_person ON vault_certificate (person_ref);
