-- Up Migration
-- Locations, items and vehicles: master data that people maintain.

-- The registry is the master data that ingest keeps in memory: locations, items, vehicles, devices, their mounts and
-- calibrations, and which stock positions exist. Every change raises this number. A commit that was computed with an
-- older number is refused.
CREATE TABLE registry_version (
  -- allows one row only
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  version   bigint NOT NULL
);
INSERT INTO registry_version (version) VALUES (1);

CREATE FUNCTION registry_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE registry_version SET version = version + 1;
  PERFORM pg_notify('registry', TG_TABLE_NAME);
  RETURN NULL;
END $$;

CREATE TABLE locations (
  id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name            varchar(255) NOT NULL,
  stage           varchar(255) CHECK (stage IN ('production', 'storage', 'transportation', 'delivery')),
  parent_id       integer REFERENCES locations (id),
  -- IANA name, such as Europe/Berlin
  time_zone       text,
  -- GeoJSON Polygon, or {"lat", "lon", "radius_m"}
  geofence        jsonb,
  capacity_units  integer CHECK (capacity_units >= 0),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint NOT NULL DEFAULT 1
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON locations FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

CREATE TABLE items (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku                text NOT NULL UNIQUE,
  name               varchar(255) NOT NULL,
  gtin               text UNIQUE,
  barcode            text,
  -- the unit that every quantity of the item counts
  base_unit          text NOT NULL DEFAULT 'piece',
  unit_weight_grams  double precision CHECK (unit_weight_grams > 0),
  value_cents        bigint CHECK (value_cents >= 0),
  currency           text,
  supplier_id        integer,
  packs              jsonb NOT NULL DEFAULT '[]',
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1
);
-- A scanned barcode finds its item.
CREATE INDEX items_barcode ON items (barcode) WHERE barcode IS NOT NULL;
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

CREATE TABLE vehicles (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        varchar(255) NOT NULL,
  plate       text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON vehicles FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
