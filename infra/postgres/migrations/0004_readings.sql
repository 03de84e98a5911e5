-- Up Migration
-- Readings, partitioned by the UTC day of `ts`. seq -1: the device sent none.
-- gps, scale and env are filled only when no InfluxDB is configured; then InfluxDB holds them and reading_ids their identities.
CREATE TABLE gps_readings (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  lat double precision, lon double precision, accuracy double precision, speed double precision, heading double precision,
  altitude double precision, satellites double precision, battery double precision,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

CREATE TABLE scale_readings (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  grams double precision, stable boolean,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

CREATE TABLE env_readings (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  celsius double precision, humidity double precision, shock double precision, lux double precision, battery double precision,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

CREATE TABLE reading_ids (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, kind text NOT NULL, content_hash integer NOT NULL,
  PRIMARY KEY (device_id, ts, seq, kind)
) PARTITION BY RANGE (ts);

CREATE TABLE rfid_reads (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  epc text NOT NULL, antenna integer NOT NULL, rssi double precision, count integer,
  PRIMARY KEY (device_id, ts, seq, epc, antenna)
) PARTITION BY RANGE (ts);

CREATE TABLE scans (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  code text NOT NULL, symbology text, action text, quantity bigint, location_id integer,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

-- What a device said of its own presence; ts is the time of receipt where the report carries none (a will can't).
CREATE TABLE status_reports (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  state text NOT NULL, session text,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

-- Bytes of a vendor as they came, by time of receipt and place in the journal.
CREATE TABLE raw_messages (
  device_id text NOT NULL, ts timestamptz NOT NULL, source text NOT NULL, topic text NOT NULL, payload bytea NOT NULL,
  PRIMARY KEY (device_id, ts, source)
) PARTITION BY RANGE (ts);

-- What a rule thinks of a reading, for the few that are not plainly good: approx, outlier, nofix; or late.
CREATE TABLE reading_flags (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, kind text NOT NULL,
  quality text NOT NULL DEFAULT 'ok', late boolean NOT NULL DEFAULT false,
  PRIMARY KEY (device_id, ts, seq, kind)
) PARTITION BY RANGE (ts);

-- Days that have partitions of their own; a day goes when nothing has arrived for it for long enough.
CREATE TABLE reading_days (
  day           date PRIMARY KEY,
  last_arrival  timestamptz NOT NULL DEFAULT now()
);

-- Stray clocks land in the default partition; a day within the last 400 gets its own before its first row.
DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['gps_readings', 'scale_readings', 'env_readings', 'reading_ids', 'rfid_reads', 'scans', 'status_reports', 'raw_messages', 'reading_flags'] LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_stray', parent);
  END LOOP;
END $$;

CREATE FUNCTION ensure_reading_days(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  wanted date;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  FOREACH wanted IN ARRAY days LOOP
    CONTINUE WHEN EXISTS (SELECT FROM reading_days WHERE day = wanted);
    FOREACH parent IN ARRAY ARRAY['gps_readings', 'scale_readings', 'env_readings', 'reading_ids', 'rfid_reads', 'scans', 'status_reports', 'raw_messages', 'reading_flags'] LOOP
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        parent || '_' || to_char(wanted, 'YYYYMMDD'), parent,
        wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
    INSERT INTO reading_days (day) VALUES (wanted);
  END LOOP;
END $$;

-- Messages and readings that could not be taken as what they claim to be, with the reason.
CREATE TABLE quarantine (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- journal id, segment, offset, message, reading: a frame read again adds nothing
  source       text NOT NULL UNIQUE,
  device_id    text NOT NULL,
  topic        text NOT NULL,
  received_at  timestamptz NOT NULL,
  reason       text NOT NULL,
  detail       text,
  payload      bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- a person asked to have it looked at again; the ingest worker of any node does
  retry_requested_at timestamptz
);
CREATE INDEX quarantine_device ON quarantine (device_id, id);
CREATE INDEX quarantine_retry ON quarantine (id) WHERE retry_requested_at IS NOT NULL;

-- How far each consumer of each journal has come. A journal's id lives in its data directory.
CREATE TABLE cursors (
  journal_id  uuid NOT NULL,
  worker      text NOT NULL,
  segment     bigint NOT NULL,
  byte_offset bigint NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (journal_id, worker)
);
