-- Up Migration
-- When the vehicle of a trip is expected at each stop that it has not come to yet.
CREATE TABLE trip_stop_etas (
  trip_id       integer NOT NULL,
  sequence      integer NOT NULL,
  -- null: it is not known, and why
  p50           timestamptz,
  p90           timestamptz,
  basis         text NOT NULL CHECK (basis IN ('lane_history', 'vehicle_speed', 'default', 'arrived', 'unknown')),
  problem       text,
  -- of the lane from the stop before, or from where the vehicle is
  runs          integer,
  distance_m    double precision,
  position_at   timestamptz,
  estimated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (trip_id, sequence),
  FOREIGN KEY (trip_id, sequence) REFERENCES trip_stops (trip_id, sequence) ON DELETE CASCADE,
  CHECK ((p50 IS NULL) = (basis = 'unknown'))
);
