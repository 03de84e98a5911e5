-- Up Migration
-- Readings as devices sent them, in partitions by the UTC day of `ts`, the time of measurement. seq -1: the device sends
-- no counter. content_hash tells a repeated reading from another one with the same identity.
-- gps_readings, scale_readings and env_readings are filled only without InfluxDB. With InfluxDB the content is there, and
-- reading_ids holds the identities.

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

-- Devices report that they are online or offline. `ts` is the time of receipt where the report has no time: an MQTT will
-- cannot have one.
CREATE TABLE status_reports (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  state text NOT NULL, session text,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);

-- Undecoded payloads in vendor formats. `ts` is the time of receipt, `source` the place in the journal.
CREATE TABLE raw_messages (
  device_id text NOT NULL, ts timestamptz NOT NULL, source text NOT NULL, topic text NOT NULL, payload bytea NOT NULL,
  PRIMARY KEY (device_id, ts, source)
) PARTITION BY RANGE (ts);

-- Quality of the few readings that are not plainly good (approx, outlier, nofix), and readings that were late.
CREATE TABLE reading_flags (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, kind text NOT NULL,
  quality text NOT NULL DEFAULT 'ok', late boolean NOT NULL DEFAULT false,
  PRIMARY KEY (device_id, ts, seq, kind)
) PARTITION BY RANGE (ts);

CREATE FUNCTION reading_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['gps_readings', 'scale_readings', 'env_readings', 'reading_ids', 'rfid_reads', 'scans', 'status_reports', 'raw_messages', 'reading_flags']
$$;

-- Readings of devices whose clock is far off go to the default partition. A day of the last 400 gets partitions of its
-- own before its first row.
DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_default', parent);
  END LOOP;
END $$;

-- Days that have readings. A day is deleted when none has been received for it during the retention period.
CREATE TABLE reading_days (
  day               date PRIMARY KEY,
  -- to the hour
  last_received_at  timestamptz NOT NULL DEFAULT now(),
  -- false: its readings are in the default partitions
  has_partitions    boolean NOT NULL DEFAULT true
);

-- Records that readings of these days are received, and creates their partitions. Readings may have come while a day had
-- none, because another process had just dropped it. They are moved: Postgres refuses a partition while the default
-- partition holds rows of its range.
CREATE FUNCTION ensure_reading_partitions(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  wanted date;
  partition text;
  from_ts timestamptz;
  to_ts timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  FOREACH wanted IN ARRAY days LOOP
    CONTINUE WHEN EXISTS (SELECT FROM reading_days WHERE day = wanted AND has_partitions);
    from_ts := wanted::timestamp AT TIME ZONE 'UTC';
    to_ts := (wanted + 1)::timestamp AT TIME ZONE 'UTC';
    FOREACH parent IN ARRAY reading_tables() LOOP
      partition := parent || '_' || to_char(wanted, 'YYYYMMDD');
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
      EXECUTE format('WITH moved AS (DELETE FROM %I WHERE ts >= %L AND ts < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', from_ts, to_ts, partition);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, from_ts, to_ts);
    END LOOP;
    INSERT INTO reading_days (day) VALUES (wanted) ON CONFLICT (day) DO UPDATE SET has_partitions = true;
  END LOOP;
  UPDATE reading_days SET last_received_at = now() WHERE day = ANY(days);
END $$;

-- Records that readings of these days are received, without partitions: the days are too far from today.
CREATE FUNCTION record_unpartitioned_days(days date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  INSERT INTO reading_days (day, has_partitions) SELECT unnest(days), false
    ON CONFLICT (day) DO UPDATE SET last_received_at = now();
END $$;

-- Deletes a day's readings, unless one has been received since `cutoff`. Returns whether it did.
CREATE FUNCTION drop_reading_day(wanted date, cutoff timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  IF NOT EXISTS (SELECT FROM reading_days WHERE day = wanted AND last_received_at < cutoff) THEN RETURN false; END IF;
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('DELETE FROM %I WHERE ts >= %L AND ts < %L', parent || '_default',
      wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC');
  END LOOP;
  -- Last, and always in this order: every dropped partition locks its table, and writers of readings wait for it.
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || to_char(wanted, 'YYYYMMDD'));
  END LOOP;
  DELETE FROM reading_days WHERE day = wanted;
  RETURN true;
END $$;
