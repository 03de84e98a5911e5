-- Up Migration
-- What has happened to shipments leaves by the outbox too, with the corrections of what had left before. A row tells of an entry of
-- the custody log; its id towards the outside is 'shipment-{shipment_id}-{position}', and a correction names the first one.

ALTER TABLE outbox DROP CONSTRAINT outbox_event_check;
ALTER TABLE outbox
  ALTER COLUMN alert_id DROP NOT NULL,
  ADD COLUMN shipment_id integer,
  ADD COLUMN custody_position integer,
  ADD FOREIGN KEY (shipment_id, custody_position) REFERENCES custody_entries (shipment_id, position),
  -- shipment.stage_changed: stage or status; shipment.moved: place or vehicle alone, or a proof of delivery
  ADD CHECK (event IN ('alert.opened', 'shipment.stage_changed', 'shipment.moved', 'shipment.corrected')),
  ADD CHECK ((event = 'alert.opened') = (alert_id IS NOT NULL)),
  ADD CHECK ((event = 'alert.opened') = (shipment_id IS NULL)),
  ADD CHECK ((shipment_id IS NULL) = (custody_position IS NULL));
-- The relay looks for alerts, however much of the rest nobody takes.
CREATE INDEX outbox_alerts ON outbox (id) WHERE event = 'alert.opened';
CREATE UNIQUE INDEX outbox_shipments ON outbox (shipment_id, custody_position) WHERE shipment_id IS NOT NULL;
-- Cleanup deletes what nobody has taken.
CREATE INDEX outbox_created ON outbox (created_at) WHERE shipment_id IS NOT NULL;
