-- Up Migration
-- Sensors that cannot be believed, and tare versions.

-- Since when (epoch milliseconds) a sensor of the position cannot be believed; null for nearly all positions.
ALTER TABLE inventory_items ADD COLUMN suspect_since_ms bigint GENERATED ALWAYS AS ((fold -> 'suspect' ->> 'since')::bigint) STORED;
-- Reconciliation finds positions with a sensor to look at.
CREATE INDEX inventory_items_suspect_since ON inventory_items (suspect_since_ms) WHERE suspect_since_ms IS NOT NULL;

-- A person is also asked to count where a sensor cannot be believed. differs_since: since when.
ALTER TABLE cycle_counts DROP CONSTRAINT cycle_counts_reason_check;
ALTER TABLE cycle_counts ADD CONSTRAINT cycle_counts_reason_check
  CHECK (reason IN ('disagreement', 'asked', 'below_tare', 'odd_weight', 'unsettled', 'zero_off', 'retared', 'reader_silent'));
ALTER TABLE cycle_counts ADD COLUMN device_id text;
-- what was observed, in words for the person who counts
ALTER TABLE cycle_counts ADD COLUMN detail text;

-- Readers that count stock and have fallen silent: what they counted last stands, and is stale. A reading makes a reader
-- speak again; reconciliation keeps this table.
CREATE TABLE silent_readers (
  device_id    text PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  location_id  integer NOT NULL,
  since        timestamptz NOT NULL
);
-- The stock of a location is shown with its silent reader.
CREATE INDEX silent_readers_location ON silent_readers (location_id);
-- Stock that tags count, by location.
CREATE INDEX inventory_items_rfid ON inventory_items (location_id) WHERE source = 'rfid';
-- The devices mounted at a location, now or before.
CREATE INDEX device_mounts_location ON device_mounts (((mount ->> 'location_id')::integer));

-- The acknowledged tare command that made this mounting.
ALTER TABLE device_mounts ADD COLUMN command_id bigint;

-- A scale that acknowledges the command `tare` shows 0 g for the empty shelf from then on: that is a new mounting, with a
-- tare of 0 g, from that moment on the scale's own clock. How far its clock is: its newest reading, plus the time since the
-- receipt of that. The first instant after that reading at the earliest: it was still measured with the tare before.
CREATE FUNCTION tare_acknowledged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tared_at timestamptz;
BEGIN
  SELECT greatest(s.newest_ts + interval '1 millisecond', s.newest_ts + (NEW.acknowledged_at - s.last_received_at)) INTO tared_at
    FROM device_states s WHERE s.device_id = NEW.device_id AND s.newest_ts IS NOT NULL;
  tared_at := date_trunc('milliseconds', coalesce(tared_at, NEW.acknowledged_at));
  INSERT INTO device_mounts (device_id, since, mount, command_id)
    SELECT m.device_id, tared_at, m.mount || '{"tare_grams": 0}', NEW.id FROM device_mounts m
    WHERE m.device_id = NEW.device_id AND m.since <= tared_at
      AND m.since = (SELECT max(since) FROM device_mounts WHERE device_id = NEW.device_id AND since <= tared_at) AND m.mount ? 'item_id'
    ON CONFLICT (device_id, since) DO UPDATE SET mount = excluded.mount, command_id = excluded.command_id;
  RETURN NULL;
END $$;
CREATE TRIGGER tare_acknowledged AFTER UPDATE OF acknowledged_at ON device_messages FOR EACH ROW
  WHEN (NEW.channel = 'cmd' AND OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
    AND NEW.payload ->> 'type' = 'tare' AND NEW.result ->> 'ok' = 'true')
  EXECUTE FUNCTION tare_acknowledged();
