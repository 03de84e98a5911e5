-- Up Migration
CREATE SEQUENCE tracking_numbers;

-- product_name, quantity, status as in the design document; stage, status, location and vehicle are the fold of `facts`.
CREATE TABLE shipments (
  id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tracking_number  text NOT NULL UNIQUE,
  product_name     varchar(255) NOT NULL,
  item_id          integer REFERENCES items (id),
  quantity         integer NOT NULL CHECK (quantity > 0),
  status           varchar(255) NOT NULL CHECK (status IN ('in_production', 'in_storage', 'in_transit', 'out_for_delivery', 'arrived', 'delivered', 'returned', 'exception', 'cancelled')),
  stage            varchar(255) NOT NULL CHECK (stage IN ('production', 'storage', 'transportation', 'delivery')),
  stage_since      timestamptz NOT NULL,
  location_id      integer REFERENCES locations (id),
  vehicle_id       integer REFERENCES vehicles (id),
  origin_id        integer REFERENCES locations (id),
  destination_id   integer REFERENCES locations (id),
  due_at           timestamptz,
  priority         text,
  value_cents      bigint CHECK (value_cents >= 0),
  currency         text,
  conditions       jsonb,
  reference        text,
  order_id         integer,
  owner_id         integer,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  -- the guard of the fold, and the ETag
  version          bigint NOT NULL DEFAULT 0
);
CREATE INDEX shipments_status ON shipments (status, id);
CREATE INDEX shipments_stage ON shipments (stage, id);
CREATE INDEX shipments_location ON shipments (location_id, id);
CREATE INDEX shipments_vehicle ON shipments (vehicle_id) WHERE vehicle_id IS NOT NULL;
CREATE INDEX shipments_updated ON shipments (updated_at, id);

-- Goods of a shipment at the place where it is.
CREATE TABLE inventory (
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  location_id  integer NOT NULL REFERENCES locations (id),
  quantity     integer NOT NULL,
  PRIMARY KEY (shipment_id, location_id)
);
CREATE INDEX inventory_location ON inventory (location_id);

-- When a shipment was aboard which vehicle: what the vehicle does in between happens to the shipment too.
CREATE TABLE aboard (
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  vehicle_id   integer NOT NULL REFERENCES vehicles (id),
  from_at      timestamptz NOT NULL,
  to_at        timestamptz,
  PRIMARY KEY (shipment_id, vehicle_id, from_at)
);
CREATE INDEX aboard_vehicle ON aboard (vehicle_id, from_at);

-- Which tag is which shipment, bound by hand or at creation (SSCC).
CREATE TABLE shipment_tags (
  epc          text PRIMARY KEY,
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  bound_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shipment_tags_shipment ON shipment_tags (shipment_id);

-- What happened, with its time and its evidence. Append-only: a fact that proves wrong is marked withdrawn, not removed.
-- subject: 'shipment:1', 'vehicle:7', 'stock:3'
CREATE TABLE facts (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- what makes it the same fact when derived again
  key               text NOT NULL UNIQUE,
  subject           text NOT NULL,
  at                timestamptz NOT NULL,
  type              text NOT NULL,
  data              jsonb NOT NULL,
  rule              text NOT NULL,
  evidence          jsonb NOT NULL DEFAULT '[]',
  confidence        real NOT NULL DEFAULT 1,
  device_id         text,
  actor_id          integer,
  recorded_at       timestamptz NOT NULL DEFAULT now(),
  withdrawn_at      timestamptz,
  withdrawn_reason  text
);
CREATE INDEX facts_subject ON facts (subject, at, id);

-- Versions of vehicles and stock positions as subjects of facts: the guard of every fold that read them.
CREATE TABLE fold_versions (
  subject  text PRIMARY KEY,
  version  bigint NOT NULL
);

-- Ends the statement, and with it everything it would have written, when it was folded from something that has changed.
CREATE FUNCTION guard(held boolean, what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF held THEN RETURN true; END IF;
  RAISE EXCEPTION 'folded from a stale %', what USING ERRCODE = 'WS409';
END $$;
