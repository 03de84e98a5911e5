-- Up Migration
-- Late windows whose derivation fails are tried again at `retry_at`, a bounded number of times; then they are set aside in
-- quarantine (docs/decisions/05-late-data.md).
ALTER TABLE late_windows ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN retry_at timestamptz;
-- How many are set aside.
CREATE INDEX quarantine_set_aside ON quarantine (id) WHERE reason = 'not-derived';
