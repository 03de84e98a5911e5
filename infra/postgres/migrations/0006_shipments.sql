-- Up Migration
-- Shipments, where their goods are, and the tags that identify them.

CREATE SEQUENCE tracking_numbers;

-- stage, status, location and vehicle are the fold of the shipment's facts.
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
  -- the ETag
  version          bigint NOT NULL DEFAULT 0
);
-- Lists by status, stage or location, page by page.
CREATE INDEX shipments_status ON shipments (status, id);
CREATE INDEX shipments_stage ON shipments (stage, id);
CREATE INDEX shipments_location ON shipments (location_id, id);
-- The load of a vehicle.
CREATE INDEX shipments_vehicle ON shipments (vehicle_id) WHERE vehicle_id IS NOT NULL;
-- The live view asks for the changes since a time.
CREATE INDEX shipments_updated ON shipments (updated_at, id);

-- How much of a shipment is at which location.
CREATE TABLE inventory (
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  location_id  integer NOT NULL REFERENCES locations (id),
  quantity     integer NOT NULL,
  PRIMARY KEY (shipment_id, location_id)
);
-- All goods at a location.
CREATE INDEX inventory_location ON inventory (location_id);

-- When a shipment was on which vehicle; a null to_at: it still is. Meanwhile the facts of the vehicle are facts of the
-- shipment too.
CREATE TABLE shipment_on_vehicle (
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  vehicle_id   integer NOT NULL REFERENCES vehicles (id),
  from_at      timestamptz NOT NULL,
  to_at        timestamptz,
  PRIMARY KEY (shipment_id, vehicle_id, from_at)
);
-- A vehicle's fact finds the shipments that were on it.
CREATE INDEX shipment_on_vehicle_vehicle ON shipment_on_vehicle (vehicle_id, from_at);

-- Logistic units of a shipment, one in another, such as a case on a pallet. A null packed_at: from the beginning; a null
-- unpacked_at: still packed.
CREATE TABLE handling_units (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  sscc         text NOT NULL UNIQUE CHECK (sscc ~ '^\d{18}$'),
  -- pure identity URI; null where the length of the company prefix is not known
  epc          text,
  parent_id    integer REFERENCES handling_units (id),
  contents     jsonb NOT NULL DEFAULT '[]',
  packed_at    timestamptz,
  unpacked_at  timestamptz,
  actor_id     integer,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1,
  CHECK (unpacked_at > packed_at)
);
-- The units of a shipment, page by page.
CREATE INDEX handling_units_shipment ON handling_units (shipment_id, id);
-- The units that are packed in another.
CREATE INDEX handling_units_parent ON handling_units (parent_id) WHERE parent_id IS NOT NULL;

-- The shipment that a tag identifies. A person binds the tag, or it is the SSCC that the shipment was created with. The
-- tag of a handling unit identifies the shipment only while the unit is packed.
CREATE TABLE shipment_tags (
  epc               text PRIMARY KEY,
  shipment_id       integer NOT NULL REFERENCES shipments (id),
  handling_unit_id  integer REFERENCES handling_units (id),
  bound_at          timestamptz NOT NULL DEFAULT now()
);
-- The tags of a shipment, and of a handling unit.
CREATE INDEX shipment_tags_shipment ON shipment_tags (shipment_id);
CREATE INDEX shipment_tags_handling_unit ON shipment_tags (handling_unit_id) WHERE handling_unit_id IS NOT NULL;

-- The tags that identify these shipments, and when: tags bound to them, tags of their handling units while packed, and
-- tags of the units that those are packed in. A pallet that moves therefore moves everything on it.
CREATE FUNCTION tags_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, epc text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (shipment_id, unit_id, parent_id, since, until) AS (
    SELECT u.shipment_id, u.id, u.parent_id, u.packed_at, u.unpacked_at FROM handling_units u WHERE u.shipment_id = ANY(ids)
    UNION
    SELECT c.shipment_id, p.id, p.parent_id, greatest(c.since, p.packed_at), least(c.until, p.unpacked_at)
    FROM carried c JOIN handling_units p ON p.id = c.parent_id
  )
  SELECT t.shipment_id, t.epc, NULL::timestamptz, NULL::timestamptz FROM shipment_tags t
    WHERE t.shipment_id = ANY(ids) AND t.handling_unit_id IS NULL
  UNION
  SELECT c.shipment_id, t.epc, c.since, c.until FROM carried c JOIN shipment_tags t ON t.handling_unit_id = c.unit_id
$$;

-- The shipments that these tags identify, and when: the inverse of tags_of_shipments.
CREATE FUNCTION shipments_of_tags(epcs text[]) RETURNS TABLE (epc text, shipment_id integer, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (epc, unit_id, shipment_id, since, until) AS (
    SELECT t.epc, u.id, u.shipment_id, u.packed_at, u.unpacked_at
    FROM shipment_tags t JOIN handling_units u ON u.id = t.handling_unit_id WHERE t.epc = ANY(epcs)
    UNION
    SELECT c.epc, u.id, u.shipment_id, greatest(c.since, u.packed_at), least(c.until, u.unpacked_at)
    FROM carried c JOIN handling_units u ON u.parent_id = c.unit_id
  )
  SELECT t.epc, t.shipment_id, NULL::timestamptz, NULL::timestamptz FROM shipment_tags t
    WHERE t.epc = ANY(epcs) AND t.handling_unit_id IS NULL
  UNION
  SELECT c.epc, c.shipment_id, c.since, c.until FROM carried c
$$;
