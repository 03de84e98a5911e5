-- Up Migration
-- What devices know of the vehicles that they are mounted on.

CREATE TABLE vehicle_readings (
  device_id text NOT NULL, ts timestamptz NOT NULL, seq bigint NOT NULL, received_at timestamptz NOT NULL, content_hash integer NOT NULL,
  ignition boolean, odometer double precision, fuel double precision, engine_hours double precision, voltage double precision, driver text,
  PRIMARY KEY (device_id, ts, seq)
) PARTITION BY RANGE (ts);
CREATE TABLE vehicle_readings_default PARTITION OF vehicle_readings DEFAULT;

CREATE OR REPLACE FUNCTION reading_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['gps_readings', 'scale_readings', 'env_readings', 'reading_ids', 'rfid_reads', 'scans', 'vehicle_readings', 'status_reports',
    'raw_messages', 'reading_flags']
$$;

-- Days that have partitions get one of this table too.
DO $$
DECLARE wanted date;
BEGIN
  FOR wanted IN SELECT day FROM reading_days WHERE has_partitions LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF vehicle_readings FOR VALUES FROM (%L) TO (%L)', 'vehicle_readings_' || to_char(wanted, 'YYYYMMDD'),
      wanted::timestamp AT TIME ZONE 'UTC', (wanted + 1)::timestamp AT TIME ZONE 'UTC');
  END LOOP;
END $$;
