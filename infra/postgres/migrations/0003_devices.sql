-- Up Migration
-- Devices: identity and secrets, where they are mounted, their connections, and messages for them.

-- Tells every broker that a device or account has changed, with its id as the payload.
CREATE FUNCTION device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE device text := coalesce(to_jsonb(NEW) ->> TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[0]);
BEGIN
  PERFORM pg_notify('device', device);
  RETURN NULL;
END $$;

CREATE TABLE devices (
  id             text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9._:~@-]{1,128}$'),
  kind           text NOT NULL CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'gateway')),
  decoder        text NOT NULL DEFAULT 'native',
  name           text,
  state          text NOT NULL DEFAULT 'active' CHECK (state IN ('pending', 'active', 'suspended', 'retired')),
  -- messages per second and burst; null: the installation's default; 0: the device may send nothing
  rate_limit     double precision CHECK (rate_limit >= 0),
  -- seconds between readings in normal operation; a device that is silent for three of them counts as silent
  interval_s     double precision CHECK (interval_s > 0),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 1
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON devices FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON devices FOR EACH ROW EXECUTE FUNCTION device_changed('id');

-- Secrets are random 256-bit tokens, so a plain SHA-256 is enough: there is nothing to guess. At most two are valid at
-- once, so that a device can be moved to a new one.
CREATE TABLE device_credentials (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id      text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  secret_sha256  bytea NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  revoked_at     timestamptz
);
-- The broker reads the secrets of the device that connects.
CREATE INDEX device_credentials_device ON device_credentials (device_id);
-- A device that sends only its secret is found by it.
CREATE INDEX device_credentials_secret ON device_credentials (secret_sha256) WHERE revoked_at IS NULL;
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON device_credentials FOR EACH ROW EXECUTE FUNCTION device_changed('device_id');

-- A new device registers itself with the key of a profile, which the factory or the installer put into it.
CREATE TABLE device_profiles (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  key_sha256    bytea NOT NULL UNIQUE,
  kind          text CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'gateway')),
  decoder       text,
  -- how many devices may register, and how many have
  quota         integer NOT NULL CHECK (quota > 0),
  used          integer NOT NULL DEFAULT 0,
  -- a client certificate of the trusted authority registers its device under this profile too
  certificates  boolean NOT NULL DEFAULT false,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  version       bigint NOT NULL DEFAULT 1,
  CHECK (NOT certificates OR kind IS NOT NULL)
);

-- Gateways and bridges that are not devices. filters: {"publish": [...], "subscribe": [...]}
CREATE TABLE service_accounts (
  id             text PRIMARY KEY,
  secret_sha256  bytea NOT NULL,
  filters        jsonb NOT NULL,
  active         boolean NOT NULL DEFAULT true,
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON service_accounts FOR EACH ROW EXECUTE FUNCTION device_changed('id');

-- Where a device is mounted, and since when. For a reading, the newest row that is not later than the reading counts, so
-- a device that is mounted elsewhere keeps its history. A null mount: nowhere.
-- mount: {"vehicle_id"} | {"location_id", "antennas": {"1": "inside"}} | {"location_id", "item_id", "tare_grams"}
CREATE TABLE device_mounts (
  device_id  text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  since      timestamptz NOT NULL,
  mount      jsonb,
  PRIMARY KEY (device_id, since)
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON device_mounts FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

-- The weight of one unit of an item on one scale, measured with units that a person has counted. It applies to readings
-- from `since` on; earlier readings keep the count they had.
CREATE TABLE calibrations (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id          text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  item_id            integer NOT NULL REFERENCES items (id) ON DELETE CASCADE,
  -- the first instant after the newest reading that was used
  since              timestamptz NOT NULL,
  pieces             integer NOT NULL CHECK (pieces > 0),
  unit_weight_grams  double precision NOT NULL CHECK (unit_weight_grams > 0),
  -- standard deviation of the unit weight that follows from the noise of the readings
  spread_grams       double precision NOT NULL CHECK (spread_grams >= 0),
  gross_grams        double precision NOT NULL,
  tare_grams         double precision NOT NULL,
  -- how many readings were used
  readings           integer NOT NULL,
  actor_id           integer,
  created_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (device_id, item_id, since)
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON calibrations FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

-- Brokers that are running, one row for each start. Connections of a broker that is no longer seen are over.
CREATE TABLE broker_nodes (
  id       uuid PRIMARY KEY,
  seen_at  timestamptz NOT NULL
);

-- The newest connection of each device, on any broker.
CREATE TABLE device_connections (
  device_id        text PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  node             uuid NOT NULL,
  connection       bigint NOT NULL,
  connected_at     timestamptz NOT NULL,
  disconnected_at  timestamptz
) WITH (fillfactor = 50);

-- Messages for devices. Brokers LISTEN on device_messages and deliver them.
-- A command stays until the device has answered it or it expires: `delivered_at` is only the MQTT acknowledgement.
CREATE TABLE device_messages (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id        text NOT NULL,
  channel          text NOT NULL CHECK (channel IN ('errors', 'cmd')),
  payload          jsonb NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       text,
  expires_at       timestamptz NOT NULL,
  delivered_at     timestamptz,
  acknowledged_at  timestamptz,
  result           jsonb
);
-- The broker reads the error reports that a device has not received yet.
CREATE INDEX device_messages_undelivered ON device_messages (device_id, id) WHERE delivered_at IS NULL;
-- The broker sends the next command when the device has answered the one before.
CREATE INDEX device_messages_unacknowledged ON device_messages (device_id, id) WHERE channel = 'cmd' AND acknowledged_at IS NULL;
-- The API lists the commands of a device.
CREATE INDEX device_messages_commands ON device_messages (device_id, id) WHERE channel = 'cmd';
