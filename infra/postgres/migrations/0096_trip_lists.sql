-- Up Migration
-- Trips are listed in the order in which they begin, page by page: all, those of a status, of a driver.
DROP INDEX trips_status;
DROP INDEX trips_driver;
DROP INDEX trips_ends;
CREATE INDEX trips_starts ON trips (starts_at, id);
CREATE INDEX trips_status ON trips (status, starts_at, id);
CREATE INDEX trips_driver ON trips (driver_id, starts_at, id) WHERE driver_id IS NOT NULL;
CREATE INDEX trips_driver_name ON trips (lower(driver_name)) WHERE driver_name IS NOT NULL;
-- Drivers by name; by a part of it where Postgres has pg_trgm (migration 0035).
CREATE INDEX drivers_whole_name ON drivers (lower(name));
DO $$
BEGIN
  CREATE INDEX drivers_name ON drivers USING gin (lower(name) gin_trgm_ops);
EXCEPTION
  WHEN undefined_object THEN
    RAISE NOTICE 'no index for parts of names: %', SQLERRM;
END $$;
-- What went through the gates of a place while a vehicle stood there.
CREATE INDEX facts_gate ON facts (((data ->> 'locationId')::int), at) WHERE type = 'seen' AND data ? 'portal' AND withdrawn_at IS NULL;
