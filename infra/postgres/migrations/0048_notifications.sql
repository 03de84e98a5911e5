-- Up Migration
-- Reaching people: who is told of which alerts, what has happened that others must hear of, and what was sent to whom.

CREATE TABLE notification_rules (
  id                      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                    varchar(255) NOT NULL,
  enabled                 boolean NOT NULL DEFAULT true,
  -- types of alerts: ingest/domain/alert/rule.ts
  types                   jsonb NOT NULL,
  -- null: all
  severities              jsonb,
  -- with everything below them; null: everywhere
  location_ids            integer[],
  -- {from, to, days}, by the clock of the alert's location: ingest/domain/notification/hours.ts; null: always
  hours                   jsonb,
  channel                 text NOT NULL CHECK (channel IN ('email', 'webhook', 'slack', 'teams')),
  -- an e-mail address, or a URL
  target                  text NOT NULL,
  -- so long is gathered what comes; null: each alert by itself
  digest_minutes          integer,
  escalate_after_minutes  integer,
  -- as target; null: target once more
  escalate_to             text,
  -- since when an address accepts nothing, which, and what it said last; null: all is well
  failing_since           timestamptz,
  failing_target          text,
  last_error              text,
  created_at              timestamptz NOT NULL DEFAULT now(),
  updated_at              timestamptz NOT NULL DEFAULT now(),
  version                 bigint NOT NULL DEFAULT 1
);

-- The key that signs what a webhook gets (Standard Webhooks). Kept like other secrets that are needed back: api/auth/seal-stored.ts.
CREATE TABLE notification_secrets (
  rule_id        integer PRIMARY KEY REFERENCES notification_rules (id) ON DELETE CASCADE,
  secret         bytea,
  sealed_secret  bytea,
  CHECK ((secret IS NULL) <> (sealed_secret IS NULL))
);

-- What has happened that somebody outside must hear of. The statement that makes it happen writes the row; the relay
-- (api/integrations/relay/) turns it into deliveries and deletes it, in one transaction.
CREATE TABLE outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event       text NOT NULL CHECK (event IN ('alert.opened')),
  alert_id    integer NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_alert ON outbox (alert_id);

-- One message to one address: what waits to be sent, and the log of what was.
CREATE TABLE notification_deliveries (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- names the message to its receiver, the same at each attempt
  key            uuid NOT NULL DEFAULT gen_random_uuid(),
  -- null: the rule was removed
  rule_id        integer REFERENCES notification_rules (id) ON DELETE SET NULL,
  kind           text NOT NULL CHECK (kind IN ('alert', 'digest', 'escalation', 'test')),
  channel        text NOT NULL,
  target         text NOT NULL,
  state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')),
  due_at         timestamptz NOT NULL,
  -- it waits for the hours of the rule or for more alerts: what is over by then is left out
  held           boolean NOT NULL DEFAULT false,
  attempts       integer NOT NULL DEFAULT 0,
  first_tried    timestamptz,
  last_tried     timestamptz,
  -- a relay that has it, and until when nobody else may
  claim          uuid,
  claimed_until  timestamptz,
  sent_at        timestamptz,
  -- what the other side said, or why it was not sent
  response       text,
  created_at     timestamptz NOT NULL DEFAULT now()
);
-- The relay looks for what is due.
CREATE INDEX notification_deliveries_due ON notification_deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX notification_deliveries_waiting ON notification_deliveries (rule_id, target) WHERE state = 'waiting';
-- Lists, page by page.
CREATE INDEX notification_deliveries_rule ON notification_deliveries (rule_id, id) WHERE rule_id IS NOT NULL;
-- Cleanup deletes what was done long ago.
CREATE INDEX notification_deliveries_created ON notification_deliveries (created_at) WHERE state <> 'waiting';

-- The alerts that a delivery tells of.
CREATE TABLE notification_alerts (
  delivery_id  bigint NOT NULL REFERENCES notification_deliveries (id) ON DELETE CASCADE,
  alert_id     integer NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  PRIMARY KEY (delivery_id, alert_id)
);
CREATE INDEX notification_alerts_alert ON notification_alerts (alert_id, delivery_id);
