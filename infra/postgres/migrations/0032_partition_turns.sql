-- Up Migration
-- Processes that create partitions take turns, for which they may wait longer than for a lock on tables.

-- Creates the partitions of these days, and moves their readings from the default partitions: Postgres refuses a partition
-- while the default partition holds rows of its range. Fails with lock_not_available while a long query reads these.
CREATE OR REPLACE FUNCTION ensure_reading_partitions(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  wanted date;
  partition text;
  from_ts timestamptz;
  to_ts timestamptz;
BEGIN
  -- A process that waits for its turn holds up nobody.
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  PERFORM set_config('lock_timeout', '200ms', true);
  -- Nothing is done before all are locked, so that giving up costs nothing.
  FOREACH parent IN ARRAY reading_tables() LOOP
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
  END LOOP;
  FOREACH wanted IN ARRAY days LOOP
    CONTINUE WHEN EXISTS (SELECT FROM reading_days WHERE day = wanted AND has_partitions);
    from_ts := wanted::timestamp AT TIME ZONE 'UTC';
    to_ts := (wanted + 1)::timestamp AT TIME ZONE 'UTC';
    FOREACH parent IN ARRAY reading_tables() LOOP
      partition := parent || '_' || to_char(wanted, 'YYYYMMDD');
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
      EXECUTE format('WITH moved AS (DELETE FROM %I WHERE ts >= %L AND ts < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', from_ts, to_ts, partition);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, from_ts, to_ts);
    END LOOP;
    INSERT INTO reading_days (day) VALUES (wanted) ON CONFLICT (day) DO UPDATE SET has_partitions = true;
  END LOOP;
END $$;
