-- Up Migration
CREATE TABLE devices (
  id             text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9._:~@-]{1,128}$'),
  kind           text NOT NULL CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'gateway')),
  decoder        text NOT NULL DEFAULT 'native',
  name           text,
  state          text NOT NULL DEFAULT 'active' CHECK (state IN ('pending', 'active', 'suspended', 'retired')),
  -- messages per second and burst; null: the installation's default, 0: none
  rate_limit     double precision CHECK (rate_limit >= 0),
  -- seconds between readings in normal operation; silence past three of them is worth knowing
  interval_s     double precision CHECK (interval_s > 0),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 1
);

-- Secrets are random 256-bit tokens, so a plain SHA-256 is enough (nothing to guess); at most two live at once.
CREATE TABLE device_credentials (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id      text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  secret_sha256  bytea NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  revoked_at     timestamptz
);
CREATE INDEX device_credentials_device ON device_credentials (device_id);

-- Where a device was, since when. A re-mounted device keeps its history: the newest row not after a reading's time counts.
-- mount: {"vehicle_id"} | {"location_id", "antennas": {"1": "inside"}} | {"location_id", "item_id", "tare_grams"}
CREATE TABLE device_mounts (
  device_id  text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  since      timestamptz NOT NULL,
  mount      jsonb,
  PRIMARY KEY (device_id, since)
);

-- Filters of gateways and bridges that are not devices: {"publish": [...], "subscribe": [...]}
CREATE TABLE service_accounts (
  id             text PRIMARY KEY,
  secret_sha256  bytea NOT NULL,
  filters        jsonb NOT NULL,
  active         boolean NOT NULL DEFAULT true,
  created_at     timestamptz NOT NULL DEFAULT now()
);

-- One row a device, rewritten with every batch that concerns it. `version` is the guard of what was folded from it.
CREATE TABLE device_states (
  device_id         text PRIMARY KEY,
  version           bigint NOT NULL,
  newest_ts         timestamptz,
  last_received_at  timestamptz,
  received          bigint NOT NULL DEFAULT 0,
  stored            bigint NOT NULL DEFAULT 0,
  duplicate         bigint NOT NULL DEFAULT 0,
  late              bigint NOT NULL DEFAULT 0,
  quarantined       bigint NOT NULL DEFAULT 0,
  gap               bigint NOT NULL DEFAULT 0,
  skew_ms           double precision,
  -- the newest reading of each kind by time of measurement
  latest            jsonb NOT NULL DEFAULT '{}',
  -- what the signal rules remember: at most 4 KiB, 32 samples
  signal            jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

-- The same for each tag a reader has met lately: a portal sees hundreds at once.
CREATE TABLE tag_states (
  device_id  text NOT NULL,
  epc        text NOT NULL,
  newest_ts  timestamptz NOT NULL,
  signal     jsonb NOT NULL,
  PRIMARY KEY (device_id, epc)
) WITH (fillfactor = 50);

-- Where a vehicle is: the newest accepted fix of any device mounted on it.
CREATE TABLE vehicle_positions (
  vehicle_id   integer PRIMARY KEY REFERENCES vehicles (id) ON DELETE CASCADE,
  device_id    text NOT NULL,
  ts           timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  lat          double precision NOT NULL,
  lon          double precision NOT NULL,
  accuracy     double precision,
  speed        double precision,
  heading      double precision
) WITH (fillfactor = 50);

-- Messages for devices; brokers pick them up by LISTEN device_messages.
CREATE TABLE device_messages (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id     text NOT NULL,
  channel       text NOT NULL CHECK (channel IN ('errors', 'cmd')),
  payload       jsonb NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  delivered_at  timestamptz
);
CREATE INDEX device_messages_waiting ON device_messages (device_id, id) WHERE delivered_at IS NULL;

-- Anything a cached context is built from bumps this number; a statement folded from an older one is refused.
CREATE TABLE registry_version (
  the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
  version  bigint NOT NULL
);
INSERT INTO registry_version (version) VALUES (1);

CREATE FUNCTION registry_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE registry_version SET version = version + 1;
  PERFORM pg_notify('registry', TG_TABLE_NAME);
  RETURN NULL;
END $$;

CREATE FUNCTION device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE device text := coalesce(to_jsonb(NEW) ->> TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[0]);
BEGIN
  PERFORM pg_notify('device', device);
  RETURN NULL;
END $$;

CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON locations FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON vehicles FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON devices FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON device_mounts FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON devices FOR EACH ROW EXECUTE FUNCTION device_changed('id');
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON device_credentials FOR EACH ROW EXECUTE FUNCTION device_changed('device_id');
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON service_accounts FOR EACH ROW EXECUTE FUNCTION device_changed('id');
