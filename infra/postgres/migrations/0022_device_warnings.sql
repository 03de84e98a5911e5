-- Up Migration
-- What brokers refused a device, for people to see: one row for each kind of refusal, so that bad firmware adds none.
CREATE TABLE device_warnings (
  device_id  text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  kind       text NOT NULL CHECK (kind IN ('flapping', 'forbidden_publish', 'forbidden_subscribe')),
  -- the topic or filter that it asked for last
  detail     text NOT NULL,
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  times      bigint NOT NULL,
  PRIMARY KEY (device_id, kind)
);
