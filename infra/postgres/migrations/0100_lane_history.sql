-- Up Migration
-- How long vehicles take from place to place, as their own facts tell, and what is estimated from that.

-- Drives of a vehicle from one place to another, with the stops between. Of each pair of places the newest are kept. The key is the
-- departure: derived again, a run has the same key.
CREATE TABLE lane_runs (
  departure       text NOT NULL,
  destination_id  integer NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
  origin_id       integer NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
  vehicle_id      integer NOT NULL REFERENCES vehicles (id) ON DELETE CASCADE,
  departed_at     timestamptz NOT NULL,
  arrived_at      timestamptz NOT NULL,
  -- of that time the vehicle stood
  stops_s         integer NOT NULL,
  -- driven; null: its trackers did not tell
  distance_m      double precision,
  -- [metres straight to the edge of the destination, seconds until the arrival], in the order of time
  curve           jsonb NOT NULL,
  PRIMARY KEY (departure, destination_id)
);
CREATE INDEX lane_runs_lane ON lane_runs (origin_id, destination_id, departed_at);
CREATE INDEX lane_runs_vehicle ON lane_runs (vehicle_id, departed_at);
CREATE INDEX lane_runs_destination ON lane_runs (destination_id);

-- How long vehicles stood at places. Of each place the newest are kept. The key is the arrival.
CREATE TABLE stop_dwells (
  arrival      text PRIMARY KEY,
  location_id  integer NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
  vehicle_id   integer NOT NULL REFERENCES vehicles (id) ON DELETE CASCADE,
  arrived_at   timestamptz NOT NULL,
  departed_at  timestamptz NOT NULL
);
CREATE INDEX stop_dwells_location ON stop_dwells (location_id, arrived_at);
CREATE INDEX stop_dwells_vehicle ON stop_dwells (vehicle_id, arrived_at);

-- Where each vehicle is on its way, by its last arrival or departure, and up to which version of its facts that was derived.
CREATE TABLE vehicle_legs (
  vehicle_id     integer PRIMARY KEY REFERENCES vehicles (id) ON DELETE CASCADE,
  version        bigint NOT NULL,
  derived_at     timestamptz NOT NULL DEFAULT now(),
  -- all its facts of the last weeks were looked at then; in between only those of the last days
  whole_at       timestamptz NOT NULL DEFAULT now(),
  -- the place that it is in, and since when; null: on the road, or not known
  place_id       integer REFERENCES locations (id) ON DELETE SET NULL,
  since          timestamptz,
  -- its last departure; null while it is in a place
  departure      text,
  departed_from  integer REFERENCES locations (id) ON DELETE SET NULL,
  departed_at    timestamptz
);

-- Estimates as they were made, with what came true: of each lane and horizon the newest are kept.
CREATE TABLE eta_checks (
  departure       text NOT NULL,
  destination_id  integer NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
  -- so many minutes at most were left by the estimate: the first one below each horizon is kept
  horizon         integer NOT NULL,
  origin_id       integer NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
  basis           text NOT NULL,
  -- the estimate was of this time: that of the position
  made_at         timestamptz NOT NULL,
  p50             timestamptz NOT NULL,
  p90             timestamptz NOT NULL,
  -- null: not yet
  arrived_at      timestamptz,
  PRIMARY KEY (departure, destination_id, horizon)
);
CREATE INDEX eta_checks_lane ON eta_checks (origin_id, destination_id, horizon, made_at);
CREATE INDEX eta_checks_destination ON eta_checks (destination_id);

ALTER TABLE arrival_estimates DROP CONSTRAINT arrival_estimates_check;
ALTER TABLE arrival_estimates
  -- nine of ten come by then
  ADD COLUMN p90 timestamptz,
  ADD COLUMN basis text NOT NULL DEFAULT 'unknown'
    CHECK (basis IN ('lane_history', 'vehicle_speed', 'default', 'arrived', 'unknown')),
  -- the lane whose history it follows from, with so many runs
  ADD COLUMN lane_origin_id integer,
  ADD COLUMN runs integer,
  -- as it was told last to those who look on
  ADD COLUMN told_eta timestamptz,
  -- the promise that it was compared with
  ADD COLUMN due_at timestamptz,
  -- the estimate has passed the promise since then, by the time of the positions
  ADD COLUMN past_due_since timestamptz,
  -- it has for long enough, or by much
  ADD COLUMN late boolean NOT NULL DEFAULT false,
  -- one in ten comes after the promise
  ADD COLUMN at_risk boolean NOT NULL DEFAULT false;
UPDATE arrival_estimates SET basis = 'vehicle_speed', p90 = eta + (eta - position_at) / 2 WHERE eta IS NOT NULL;
ALTER TABLE arrival_estimates ADD CHECK ((eta IS NULL) = (basis = 'unknown')), ADD CHECK ((eta IS NULL) = (p90 IS NULL));
CREATE INDEX arrival_estimates_late ON arrival_estimates (due_at) WHERE late;
CREATE INDEX arrival_estimates_at_risk ON arrival_estimates (due_at) WHERE at_risk;

-- As before, of all goods: also those of no known product have a time of arrival.
DROP INDEX shipments_aboard;
CREATE INDEX shipments_aboard ON shipments (id) INCLUDE (vehicle_id)
  WHERE destination_id IS NOT NULL AND vehicle_id IS NOT NULL AND status NOT IN ('delivered', 'returned', 'cancelled');

INSERT INTO alert_rules (name, type, severity, enabled) VALUES ('A shipment is late', 'late', 'warning', true);
