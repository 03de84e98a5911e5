-- Up Migration
-- Alerts about trips: a vehicle has left a stop, and what was loaded or unloaded there is not what was planned.
ALTER TABLE alerts ADD COLUMN trip_id integer REFERENCES trips (id) ON DELETE CASCADE;
CREATE INDEX alerts_trip ON alerts (trip_id, id) WHERE trip_id IS NOT NULL;
-- The alerts that name a shipment: what becomes known of it may end them.
CREATE INDEX alerts_named_shipments ON alerts USING gin ((detail -> 'shipment_ids') jsonb_path_ops) WHERE trip_id IS NOT NULL;
-- The stops at a place around a time, for what its gates have read.
CREATE INDEX trip_stops_departures ON trip_stops (location_id, departed_at) WHERE departed_at IS NOT NULL;

INSERT INTO alert_rules (name, type, severity, enabled) VALUES
  ('Loaded or unloaded otherwise than planned', 'load_mismatch', 'warning', true);
