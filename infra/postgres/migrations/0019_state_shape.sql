-- Up Migration
-- Which shape a rule's state has (ingest/stores/encoding/state-version.ts): another program's is not a place to derive from.
ALTER TABLE signal_checkpoints ADD COLUMN shape integer NOT NULL DEFAULT 1;
