-- Up Migration
-- A tag has several lives: it identifies one shipment, and another one after that is closed. A null since: from the
-- beginning; a null until: still.
ALTER TABLE shipment_tags DROP CONSTRAINT shipment_tags_pkey;
ALTER TABLE shipment_tags ADD COLUMN since timestamptz, ADD COLUMN until timestamptz, ADD CHECK (until > since);
-- At most one binding of a tag is open.
CREATE UNIQUE INDEX shipment_tags_open ON shipment_tags (epc) WHERE until IS NULL;
-- The bindings of a tag.
CREATE INDEX shipment_tags_epc ON shipment_tags (epc, since);

-- So has an SSCC: the pallet label of a shipment that is closed may be that of another unit. At most one is packed.
ALTER TABLE handling_units DROP CONSTRAINT handling_units_sscc_key;
CREATE UNIQUE INDEX handling_units_packed ON handling_units (sscc) WHERE unpacked_at IS NULL;
CREATE INDEX handling_units_sscc ON handling_units (sscc);

-- The tags that identify these shipments, and when: tags bound to them, tags of their handling units while packed, and
-- tags of the units that those are packed in. A pallet that moves therefore moves everything on it.
CREATE OR REPLACE FUNCTION tags_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, epc text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (shipment_id, unit_id, parent_id, since, until) AS (
    SELECT u.shipment_id, u.id, u.parent_id, u.packed_at, u.unpacked_at FROM handling_units u WHERE u.shipment_id = ANY(ids)
    UNION
    SELECT c.shipment_id, p.id, p.parent_id, greatest(c.since, p.packed_at), least(c.until, p.unpacked_at)
    FROM carried c JOIN handling_units p ON p.id = c.parent_id
  )
  SELECT t.shipment_id, t.epc, t.since, t.until FROM shipment_tags t
    WHERE t.shipment_id = ANY(ids) AND t.handling_unit_id IS NULL
  UNION
  SELECT c.shipment_id, t.epc, greatest(c.since, t.since), least(c.until, t.until)
    FROM carried c JOIN shipment_tags t ON t.handling_unit_id = c.unit_id
$$;

-- The shipments that these tags identify, and when: the inverse of tags_of_shipments.
CREATE OR REPLACE FUNCTION shipments_of_tags(epcs text[]) RETURNS TABLE (epc text, shipment_id integer, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE carried (epc, unit_id, shipment_id, since, until) AS (
    SELECT t.epc, u.id, u.shipment_id, greatest(u.packed_at, t.since), least(u.unpacked_at, t.until)
    FROM shipment_tags t JOIN handling_units u ON u.id = t.handling_unit_id WHERE t.epc = ANY(epcs)
    UNION
    SELECT c.epc, u.id, u.shipment_id, greatest(c.since, u.packed_at), least(c.until, u.unpacked_at)
    FROM carried c JOIN handling_units u ON u.parent_id = c.unit_id
  )
  SELECT t.epc, t.shipment_id, t.since, t.until FROM shipment_tags t
    WHERE t.epc = ANY(epcs) AND t.handling_unit_id IS NULL
  UNION
  SELECT c.epc, c.shipment_id, c.since, c.until FROM carried c
$$;

-- More was picked than is recorded: a person must count.
ALTER TABLE cycle_counts DROP CONSTRAINT cycle_counts_reason_check;
ALTER TABLE cycle_counts ADD CONSTRAINT cycle_counts_reason_check CHECK (reason IN ('disagreement', 'asked', 'overdrawn',
  'below_tare', 'odd_weight', 'unsettled', 'zero_off', 'retared', 'reader_silent'));

-- A scanned GTIN finds the item whose pack has it.
CREATE INDEX items_packs ON items USING gin (packs jsonb_path_ops);

-- Scans that were refused because something is not known yet, which may come later.
CREATE INDEX quarantine_waiting ON quarantine (reason, id) WHERE reason IN ('not-kept-there', 'no-location');
