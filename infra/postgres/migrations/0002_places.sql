-- Up Migration
CREATE TABLE locations (
  id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name            varchar(255) NOT NULL,
  stage           varchar(255) CHECK (stage IN ('production', 'storage', 'transportation', 'delivery')),
  parent_id       integer REFERENCES locations (id),
  time_zone       text,
  -- GeoJSON Polygon, or {"lat", "lon", "radius_m"}
  geofence        jsonb,
  capacity_units  integer CHECK (capacity_units >= 0),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint NOT NULL DEFAULT 1
);

CREATE TABLE items (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku                text NOT NULL UNIQUE,
  name               varchar(255) NOT NULL,
  gtin               text UNIQUE,
  barcode            text,
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
CREATE INDEX items_barcode ON items (barcode) WHERE barcode IS NOT NULL;

CREATE TABLE vehicles (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        varchar(255) NOT NULL,
  plate       text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1
);
