-- Up Migration
-- What has happened, in the form and the order in which other systems are told of it: one log for webhooks, external queues, EPCIS and
-- ERP. The relay makes it from the outbox, one transaction at a time, so that whoever has read up to a position has missed nothing.

CREATE TABLE outbound_events (
  position     bigint PRIMARY KEY,
  -- towards the outside, the same for ever
  id           text NOT NULL UNIQUE,
  -- e.g. shipment.stage_changed
  type         text NOT NULL,
  -- the id of the first event about the same, of a correction
  corrects     text,
  -- a path of the API, e.g. /shipments/12
  subject      text NOT NULL,
  happened_at  timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  -- where it happened, and whose goods it is about, if somebody's
  location_id  integer,
  owner_id     integer,
  data         jsonb NOT NULL
);
-- Cleanup deletes what is old.
CREATE INDEX outbound_events_recorded ON outbound_events (recorded_at);
CREATE SEQUENCE outbound_positions AS bigint OWNED BY outbound_events.position;

-- How far those have come who follow the log by themselves.
CREATE TABLE event_followers (
  name        text PRIMARY KEY,
  -- of the last event that it is done with
  position    bigint NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  -- what went wrong last; null: all is well
  problem     text,
  failing_since timestamptz
);

-- The outbox tells of other records too: `record_id` is a row of what the first word of `event` names. The row may be gone when the
-- relay comes to it; then there is nothing to tell.
ALTER TABLE outbox DROP CONSTRAINT outbox_event_check, DROP CONSTRAINT outbox_check, DROP CONSTRAINT outbox_check1, DROP CONSTRAINT outbox_check2;
ALTER TABLE outbox
  ADD COLUMN record_id bigint,
  ADD CHECK (event ~ '^[a-z_]+\.[a-z_]+$'),
  ADD CHECK (num_nonnulls(alert_id, shipment_id, record_id) = 1),
  ADD CHECK ((shipment_id IS NULL) = (custody_position IS NULL));
DROP INDEX outbox_created;
-- Cleanup deletes what nobody has taken.
CREATE INDEX outbox_created ON outbox (created_at) WHERE alert_id IS NULL;
