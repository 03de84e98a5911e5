-- Up Migration
-- Browser push (RFC 8030): the key pair that signs what push services get, the browsers that people have subscribed, and who has
-- accepted which message.

ALTER TABLE notification_rules DROP CONSTRAINT notification_rules_channel_check;
-- `target` of push: the e-mail address of a user, or a role.
ALTER TABLE notification_rules ADD CONSTRAINT notification_rules_channel_check
  CHECK (channel IN ('email', 'webhook', 'push', 'slack', 'teams'));

-- One pair (VAPID, RFC 8292): a subscription of a browser is for one public key. Kept like other secrets that are needed back:
-- api/auth/seal-stored.ts.
CREATE TABLE push_keys (
  singleton           boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  public_key          bytea NOT NULL,
  private_key         bytea,
  sealed_private_key  bytea,
  created_at          timestamptz NOT NULL DEFAULT now(),
  CHECK ((private_key IS NULL) <> (sealed_private_key IS NULL))
);

CREATE TABLE push_subscriptions (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- URL of the browser maker's push service
  endpoint    text NOT NULL UNIQUE,
  -- the browser's public key and its secret, by which messages are encrypted (RFC 8291)
  p256dh      bytea NOT NULL,
  auth        bytea NOT NULL,
  user_agent  text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id, id);

-- A browser that has accepted a message is left out when the message is sent to the others once more.
CREATE TABLE push_receipts (
  delivery_id      bigint NOT NULL REFERENCES notification_deliveries (id) ON DELETE CASCADE,
  subscription_id  integer NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
  PRIMARY KEY (delivery_id, subscription_id)
);
CREATE INDEX push_receipts_subscription ON push_receipts (subscription_id);
