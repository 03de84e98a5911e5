-- Up Migration
-- Tag states, checkpoints, dwells of units and fold versions go with their day (docs/decisions/20-growth.md).

-- A row of kind 'rfid' without an EPC closes the reader: readings up to it may have been deleted, of every tag that has no
-- closed checkpoint of its own. Tags that are still somewhere have one.
CREATE INDEX signal_checkpoints_closed_tags ON signal_checkpoints (device_id, epc)
  WHERE kind = 'rfid' AND epc <> '' AND readings_expired;

-- Dwells of units that ended before `until` may be deleted: counts of stock before that stay as they are. NULL: none are.
CREATE TABLE closed_dwells (
  -- allows one row only
  singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  until      timestamptz
);
INSERT INTO closed_dwells DEFAULT VALUES;
CREATE INDEX unit_dwells_ended ON unit_dwells (to_at) WHERE to_at IS NOT NULL;

-- A version is needed while somebody may have read it. Without a row the version is 0: who has read an older one, and
-- finds no row, has missed no change.
ALTER TABLE fold_versions ADD COLUMN changed_on date NOT NULL DEFAULT CURRENT_DATE;
CREATE INDEX fold_versions_changed_on ON fold_versions (changed_on);
