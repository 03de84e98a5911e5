-- Up Migration
-- Who drove a trip before another driver took over on the way: goods that were aboard changed hands then.
CREATE TABLE trip_drivers (
  trip_id      integer NOT NULL REFERENCES trips (id) ON DELETE CASCADE,
  until        timestamptz NOT NULL,
  driver_id    integer REFERENCES drivers (id),
  -- of a driver who has no row of his own; null beside driver_id: nobody was planned
  driver_name  text,
  PRIMARY KEY (trip_id, until)
);
CREATE INDEX trip_drivers_driver ON trip_drivers (driver_id) WHERE driver_id IS NOT NULL;

-- Harsh manoeuvres that a device has measured, with how strong they were.
ALTER TABLE vehicle_readings ADD COLUMN harsh text, ADD COLUMN harsh_g double precision;
