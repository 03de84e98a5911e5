-- Up Migration

-- What a new device must know to register itself: a key that the factory or the installer gave it. `certificates`: a
-- client certificate of the trusted authority registers its device under this profile.
CREATE TABLE device_profiles (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  key_sha256    bytea NOT NULL UNIQUE,
  kind          text CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'gateway')),
  decoder       text,
  quota         integer NOT NULL CHECK (quota > 0),
  used          integer NOT NULL DEFAULT 0,
  certificates  boolean NOT NULL DEFAULT false,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  version       bigint NOT NULL DEFAULT 1,
  CHECK (NOT certificates OR kind IS NOT NULL)
);

-- A command stays until the device has answered it or its time is over; `delivered_at` is only the MQTT acknowledgement.
ALTER TABLE device_messages ADD COLUMN acknowledged_at timestamptz;
ALTER TABLE device_messages ADD COLUMN result jsonb;
ALTER TABLE device_messages ADD COLUMN created_by text;
CREATE INDEX device_messages_unanswered ON device_messages (device_id, id) WHERE channel = 'cmd' AND acknowledged_at IS NULL;
CREATE INDEX device_messages_commands ON device_messages (device_id, id) WHERE channel = 'cmd';

-- Brokers that are alive, one row a start: connections of one that is not seen any more are over.
CREATE TABLE broker_nodes (
  id       uuid PRIMARY KEY,
  seen_at  timestamptz NOT NULL
);

-- The newest connection of each device, on whatever node.
CREATE TABLE device_connections (
  device_id        text PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  node             uuid NOT NULL,
  connection       bigint NOT NULL,
  connected_at     timestamptz NOT NULL,
  disconnected_at  timestamptz
) WITH (fillfactor = 50);
