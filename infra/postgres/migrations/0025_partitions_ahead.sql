-- Up Migration
-- Partitions of days are created ahead, and whatever needs a lock on tables of readings gives up after 200 ms: while it waits
-- for a long query, every writer of readings would wait for it. Meanwhile the default partitions take the readings.

-- Records that readings of these days are received. Returns days that are not known yet.
CREATE FUNCTION record_reading_days(days date[]) RETURNS SETOF date LANGUAGE sql AS $$
  WITH known AS MATERIALIZED (SELECT day FROM reading_days WHERE day = ANY(days) ORDER BY day FOR UPDATE),
    recorded AS (UPDATE reading_days SET last_received_at = now() WHERE day IN (SELECT day FROM known))
  SELECT d FROM unnest(days) AS d WHERE d NOT IN (SELECT day FROM known)
$$;

-- Days that should have partitions and have none: today and tomorrow, and days with readings whose partitions could not be
-- created when these came.
CREATE FUNCTION days_without_partitions() RETURNS SETOF date LANGUAGE sql STABLE AS $$
  WITH today AS (SELECT (now() AT TIME ZONE 'UTC')::date AS day)
  SELECT t.day + ahead FROM today t, generate_series(0, 1) AS ahead
    WHERE NOT EXISTS (SELECT FROM reading_days r WHERE r.day = t.day + ahead AND r.has_partitions)
  UNION
  SELECT r.day FROM reading_days r, today t WHERE NOT r.has_partitions AND r.day BETWEEN t.day - 400 AND t.day + 1
  ORDER BY 1 DESC
$$;

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
  PERFORM set_config('lock_timeout', '200ms', true);
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
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

-- Records that readings of these days are received, without partitions: the days are too far from today, or get theirs later.
CREATE OR REPLACE FUNCTION record_unpartitioned_days(days date[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO reading_days (day, has_partitions) SELECT d, false FROM unnest(days) AS d ORDER BY d
    ON CONFLICT (day) DO UPDATE SET last_received_at = now()
$$;

-- Deletes a day's readings, unless one has been received since `cutoff`. Returns whether it did.
CREATE OR REPLACE FUNCTION drop_reading_day(wanted date, cutoff timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('waystock reading days'));
  -- Whoever records a reading of the day waits for this row.
  PERFORM FROM reading_days WHERE day = wanted AND last_received_at < cutoff FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
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
