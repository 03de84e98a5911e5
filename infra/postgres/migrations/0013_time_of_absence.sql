-- Up Migration

-- How far each node is: everything it received up to `received_until` is committed. Absence is judged by the time of the
-- node that heard the device (docs/decisions/11-scaling.md), whichever node claims the timer.
CREATE TABLE ingest_nodes (
  journal_id      uuid PRIMARY KEY,
  received_until  timestamptz NOT NULL,
  seen_at         timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- The journal of the node that heard the device last; null: not known yet.
ALTER TABLE device_states ADD COLUMN journal_id uuid;

-- A reader on a vehicle may be silent for long, and the vehicle drives on: its timer also fires when the vehicle has a
-- position that was measured at `vehicle_reaches` or later.
ALTER TABLE timers ADD COLUMN vehicle_id integer, ADD COLUMN vehicle_reaches timestamptz;
CREATE INDEX timers_vehicle ON timers (vehicle_id, vehicle_reaches) WHERE vehicle_id IS NOT NULL;
