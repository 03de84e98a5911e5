-- Up Migration
-- Everything of the signal measured up to a closed checkpoint may be gone: deriving again starts there, nowhere earlier.
-- kind 'scan': no rule follows scans, the row only tells how far they may be gone.
ALTER TABLE signal_checkpoints ADD COLUMN closed boolean NOT NULL DEFAULT false;
CREATE INDEX signal_checkpoints_age ON signal_checkpoints (ts) WHERE NOT closed;

-- Days of stray clocks are kept track of too, so that their rows go like all others.
ALTER TABLE reading_days ADD COLUMN own_partitions boolean NOT NULL DEFAULT true;

CREATE FUNCTION reading_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['gps_readings', 'scale_readings', 'env_readings', 'reading_ids', 'rfid_reads', 'scans', 'status_reports', 'raw_messages', 'reading_flags']
$$;

-- Notes that readings of these days arrive, and gives the days their partitions. Rows that came while a day had none
-- (another process dropped it a moment ago) move there: a partition beside such rows would be refused.
CREATE OR REPLACE FUNCTION ensure_reading_days(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  wanted date;
  partition text;
  from_ts timestamptz;
  to_ts timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  FOREACH wanted IN ARRAY days LOOP
    CONTINUE WHEN EXISTS (SELECT FROM reading_days WHERE day = wanted AND own_partitions);
    from_ts := wanted::timestamp AT TIME ZONE 'UTC';
    to_ts := (wanted + 1)::timestamp AT TIME ZONE 'UTC';
    FOREACH parent IN ARRAY reading_tables() LOOP
      partition := parent || '_' || to_char(wanted, 'YYYYMMDD');
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_stray');
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
      EXECUTE format('WITH moved AS (DELETE FROM %I WHERE ts >= %L AND ts < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_stray', from_ts, to_ts, partition);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, from_ts, to_ts);
    END LOOP;
    INSERT INTO reading_days (day) VALUES (wanted) ON CONFLICT (day) DO UPDATE SET own_partitions = true;
  END LOOP;
  UPDATE reading_days SET last_arrival = now() WHERE day = ANY(days);
END $$;

-- The same for days too far back to get partitions.
CREATE FUNCTION note_stray_days(days date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  INSERT INTO reading_days (day, own_partitions) SELECT unnest(days), false
    ON CONFLICT (day) DO UPDATE SET last_arrival = now();
END $$;
INSERT INTO reading_days (day, own_partitions)
SELECT DISTINCT (ts AT TIME ZONE 'UTC')::date, false FROM (
  SELECT ts FROM gps_readings_stray UNION ALL SELECT ts FROM scale_readings_stray UNION ALL SELECT ts FROM env_readings_stray
  UNION ALL SELECT ts FROM reading_ids_stray UNION ALL SELECT ts FROM rfid_reads_stray UNION ALL SELECT ts FROM scans_stray
  UNION ALL SELECT ts FROM status_reports_stray UNION ALL SELECT ts FROM raw_messages_stray UNION ALL SELECT ts FROM reading_flags_stray) AS stray
ON CONFLICT DO NOTHING;

-- Forgets a day's readings, unless one has arrived since `cutoff`; says whether it did.
CREATE FUNCTION drop_reading_day(wanted date, cutoff timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  IF NOT EXISTS (SELECT FROM reading_days WHERE day = wanted AND last_arrival < cutoff) THEN RETURN false; END IF;
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('DELETE FROM %I WHERE ts >= %L AND ts < %L', parent || '_stray',
      wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC');
  END LOOP;
  -- Last, and in this order every time: each of these holds up whoever writes readings.
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || to_char(wanted, 'YYYYMMDD'));
  END LOOP;
  DELETE FROM reading_days WHERE day = wanted;
  RETURN true;
END $$;
