-- Documents of read models, for SQLite and PostgreSQL alike; positions stand in the event sourcing
-- library's tracking table. To SQLite `bytea` is a name without a meaning.
CREATE TABLE IF NOT EXISTS view_document (
    view_name text NOT NULL,
    doc_key bytea NOT NULL,
    doc_owner bytea NOT NULL,
    place bytea NOT NULL,
    follower text NOT NULL,
    document bytea NOT NULL,
    PRIMARY KEY (view_name, doc_key)
);
CREATE INDEX IF NOT EXISTS view_document_place ON view_document (view_name, place);
CREATE INDEX IF NOT EXISTS view_document_owner ON view_document (view_name, doc_owner, place);
