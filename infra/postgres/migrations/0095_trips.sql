-- Up Migration
-- Trips: planned tours of a vehicle with stops, what is loaded and unloaded there, and what the vehicle has made of it.

-- People who drive. `token` is what a vehicle's reader or tracker tells of who drives: an RFID card, an iButton.
CREATE TABLE drivers (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        varchar(255) NOT NULL,
  phone       text,
  token       text UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1
);

CREATE TABLE trips (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vehicle_id    integer NOT NULL REFERENCES vehicles (id),
  driver_id     integer REFERENCES drivers (id),
  -- of a driver who has no row of his own
  driver_name   text,
  -- from the beginning of the first window to the end of the last one
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,
  -- the fold of the vehicle's arrivals and departures over the plan
  status        text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'under_way', 'completed', 'cancelled')),
  cancelled_at  timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  -- the ETag
  version       bigint NOT NULL DEFAULT 1,
  CHECK (starts_at <= ends_at),
  CHECK (driver_id IS NULL OR driver_name IS NULL),
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
  -- A vehicle makes one trip at a time. A range of one id, because GiST knows ranges without an extension.
  CONSTRAINT trips_apart EXCLUDE USING gist (int4range(vehicle_id, vehicle_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (cancelled_at IS NULL)
);
-- The trips of a vehicle around a time.
CREATE INDEX trips_vehicle ON trips (vehicle_id, starts_at);
-- Lists by status, driver and time, page by page.
CREATE INDEX trips_status ON trips (status, id);
CREATE INDEX trips_driver ON trips (driver_id, id) WHERE driver_id IS NOT NULL;
CREATE INDEX trips_ends ON trips (ends_at);

-- The stops of a trip in their order.
CREATE TABLE trip_stops (
  trip_id      integer NOT NULL REFERENCES trips (id) ON DELETE CASCADE,
  sequence     integer NOT NULL CHECK (sequence > 0),
  location_id  integer NOT NULL REFERENCES locations (id),
  -- when the vehicle should arrive
  window_from  timestamptz NOT NULL,
  window_to    timestamptz NOT NULL,
  -- by the vehicle's own facts. expected: not yet there; there; left; passed: it drove through without a stop; skipped: it was at a later
  -- stop, or on its next trip, and not here; unseen: the place has no geofence that could show it
  state        text NOT NULL DEFAULT 'expected' CHECK (state IN ('expected', 'there', 'left', 'passed', 'skipped', 'unseen')),
  -- null beside `there` and `left`: it was there before anything is known of it
  arrived_at   timestamptz,
  departed_at  timestamptz,
  PRIMARY KEY (trip_id, sequence),
  CHECK (window_from <= window_to)
);
-- The trips that come to a location.
CREATE INDEX trip_stops_location ON trip_stops (location_id, trip_id);

-- What is loaded and unloaded at a stop.
CREATE TABLE trip_stop_shipments (
  trip_id      integer NOT NULL,
  sequence     integer NOT NULL,
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  action       text NOT NULL CHECK (action IN ('load', 'unload')),
  PRIMARY KEY (trip_id, shipment_id, action),
  FOREIGN KEY (trip_id, sequence) REFERENCES trip_stops (trip_id, sequence) ON DELETE CASCADE
);
-- What belongs to a stop, and the trips of a shipment.
CREATE INDEX trip_stop_shipments_stop ON trip_stop_shipments (trip_id, sequence);
CREATE INDEX trip_stop_shipments_shipment ON trip_stop_shipments (shipment_id, trip_id);

-- Where the vehicle stood on a trip although no stop was planned there: at a known place, or in the street.
CREATE TABLE trip_unplanned_stops (
  trip_id      integer NOT NULL REFERENCES trips (id) ON DELETE CASCADE,
  number       integer NOT NULL,
  location_id  integer REFERENCES locations (id) ON DELETE CASCADE,
  lat          double precision,
  lon          double precision,
  arrived_at   timestamptz NOT NULL,
  -- null: it still stands there
  departed_at  timestamptz,
  PRIMARY KEY (trip_id, number)
);
CREATE INDEX trip_unplanned_stops_location ON trip_unplanned_stops (location_id) WHERE location_id IS NOT NULL;
