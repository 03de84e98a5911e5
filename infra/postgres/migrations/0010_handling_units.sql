-- Up Migration
-- Logistic units of a shipment, one in another: a case on a pallet. A null packed_at: since ever; a null unpacked_at: still.
CREATE TABLE handling_units (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  sscc         text NOT NULL UNIQUE CHECK (sscc ~ '^\d{18}$'),
  -- pure identity URI, where the length of the company prefix is known
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
CREATE INDEX handling_units_shipment ON handling_units (shipment_id, id);
CREATE INDEX handling_units_parent ON handling_units (parent_id) WHERE parent_id IS NOT NULL;

-- The tag of a handling unit is the shipment's for as long as the unit is packed.
ALTER TABLE shipment_tags ADD COLUMN unit_id integer REFERENCES handling_units (id);
CREATE INDEX shipment_tags_unit ON shipment_tags (unit_id) WHERE unit_id IS NOT NULL;

-- Which tags speak for these shipments, and when: those bound to them, those of their handling units while packed, and
-- those of whatever their units are packed in. So what moves a pallet moves what is on it.
CREATE FUNCTION tags_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, epc text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (shipment_id, unit_id, parent_id, since, until) AS (
    SELECT u.shipment_id, u.id, u.parent_id, u.packed_at, u.unpacked_at FROM handling_units u WHERE u.shipment_id = ANY(ids)
    UNION
    SELECT c.shipment_id, p.id, p.parent_id, greatest(c.since, p.packed_at), least(c.until, p.unpacked_at)
    FROM carried c JOIN handling_units p ON p.id = c.parent_id
  )
  SELECT t.shipment_id, t.epc, NULL::timestamptz, NULL::timestamptz FROM shipment_tags t
    WHERE t.shipment_id = ANY(ids) AND t.unit_id IS NULL
  UNION
  SELECT c.shipment_id, t.epc, c.since, c.until FROM carried c JOIN shipment_tags t ON t.unit_id = c.unit_id
$$;

-- The same the other way round.
CREATE FUNCTION shipments_of_tags(epcs text[]) RETURNS TABLE (epc text, shipment_id integer, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (epc, unit_id, shipment_id, since, until) AS (
    SELECT t.epc, u.id, u.shipment_id, u.packed_at, u.unpacked_at
    FROM shipment_tags t JOIN handling_units u ON u.id = t.unit_id WHERE t.epc = ANY(epcs)
    UNION
    SELECT c.epc, u.id, u.shipment_id, greatest(c.since, u.packed_at), least(c.until, u.unpacked_at)
    FROM carried c JOIN handling_units u ON u.parent_id = c.unit_id
  )
  SELECT t.epc, t.shipment_id, NULL::timestamptz, NULL::timestamptz FROM shipment_tags t
    WHERE t.epc = ANY(epcs) AND t.unit_id IS NULL
  UNION
  SELECT c.epc, c.shipment_id, c.since, c.until FROM carried c
$$;
