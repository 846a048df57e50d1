"""Where it is kept: SQLite and PostgreSQL behind one contract, key store, person vault."""
