-- Up Migration
-- Webhooks: endpoints of other systems that are told of events (Standard Webhooks, CloudEvents), and what was sent to them.

CREATE TABLE webhooks (
  id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  url              text NOT NULL,
  -- e.g. ["shipment.*", "order.created"]; "*" is all
  types            jsonb NOT NULL,
  -- where it happens, with everything below; whose goods it is about. Null: all
  location_ids     integer[],
  owner_ids        integer[],
  -- one event at a time, in the order of the log: the next when this one was accepted or given up
  ordered          boolean NOT NULL DEFAULT false,
  description      text,
  enabled          boolean NOT NULL DEFAULT true,
  -- why the platform has turned it off; null: it has not
  disabled_reason  text,
  disabled_at      timestamptz,
  -- since when nothing is accepted, and what the other side said last; null: all is well
  failing_since    timestamptz,
  last_error       text,
  -- it has asked to be left alone until then (Retry-After)
  quiet_until      timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  version          bigint NOT NULL DEFAULT 1
);

-- The keys that sign what an endpoint gets; all of its rows do. Kept like other secrets that are needed back: api/auth/seal-stored.ts.
CREATE TABLE webhook_secrets (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id     integer NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  secret         bytea,
  sealed_secret  bytea,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CHECK ((secret IS NULL) <> (sealed_secret IS NULL))
);
CREATE INDEX webhook_secrets_webhook ON webhook_secrets (webhook_id, id);

-- One event to one endpoint: what waits to be sent, and the log of what was.
CREATE TABLE webhook_deliveries (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id     integer NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  kind           text NOT NULL CHECK (kind IN ('event', 'replay', 'test')),
  -- towards the outside the id of the message, the same at each attempt and in each replay
  event_id       text NOT NULL,
  -- of the event in the log; 0: a test
  position       bigint NOT NULL,
  type           text NOT NULL,
  subject        text NOT NULL,
  state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')),
  due_at         timestamptz NOT NULL DEFAULT now(),
  attempts       integer NOT NULL DEFAULT 0,
  first_tried    timestamptz,
  last_tried     timestamptz,
  -- a relay that has it, and until when nobody else may
  claim          uuid,
  claimed_until  timestamptz,
  sent_at        timestamptz,
  -- of HTTP; null: there was no answer
  status         integer,
  -- what the other side said, or why it was not sent
  response       text,
  created_at     timestamptz NOT NULL DEFAULT now()
);
-- The relay looks for what is due, and for what comes next.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (webhook_id, position, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_again ON webhook_deliveries (webhook_id, due_at, id) WHERE state = 'waiting' AND attempts > 0;
CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (webhook_id, claimed_until) WHERE claim IS NOT NULL;
-- Lists, page by page.
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (webhook_id, state, id);
-- Cleanup deletes what was done long ago.
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at) WHERE state <> 'waiting';

-- What corrects an event goes to whoever was told of it.
CREATE INDEX outbound_events_corrects ON outbound_events (corrects) WHERE corrects IS NOT NULL;

-- A follower has its events for the time of a lease: no transaction waits for the other side.
ALTER TABLE event_followers ADD COLUMN claim uuid, ADD COLUMN claimed_until timestamptz;
