-- Up Migration
-- What the lists of the API need, so that a page reads few rows however many there are.

-- The load of a vehicle, page by page.
DROP INDEX shipments_vehicle;
CREATE INDEX shipments_vehicle ON shipments (vehicle_id, id) WHERE vehicle_id IS NOT NULL;
-- What is due, and what is late: most of what was due long ago has been delivered.
CREATE INDEX shipments_due ON shipments (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX shipments_open_due ON shipments (due_at, id)
  WHERE due_at IS NOT NULL AND status NOT IN ('delivered', 'returned', 'cancelled');
-- Limits to locations and owners: shipments that come from or go to a location, and what belongs to an owner.
CREATE INDEX shipments_origin ON shipments (origin_id, id) WHERE origin_id IS NOT NULL;
CREATE INDEX shipments_destination ON shipments (destination_id, id) WHERE destination_id IS NOT NULL;
CREATE INDEX shipments_owner ON shipments (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX inventory_items_owner ON inventory_items (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX orders_location ON orders (location_id, id) WHERE location_id IS NOT NULL;
CREATE INDEX orders_created_by ON orders (created_by, id) WHERE created_by IS NOT NULL;
CREATE INDEX orders_created_by_client ON orders (created_by_client, id) WHERE created_by_client IS NOT NULL;
-- What lies below a location.
CREATE INDEX locations_parent ON locations (parent_id) WHERE parent_id IS NOT NULL;
-- The trackers of a vehicle.
CREATE INDEX device_mounts_vehicle ON device_mounts (((mount ->> 'vehicle_id')::integer)) WHERE mount ? 'vehicle_id';

-- A plate finds its vehicle.
CREATE INDEX vehicles_plate ON vehicles (plate) WHERE plate IS NOT NULL;
-- Lists by status or kind alone, page by page.
CREATE INDEX orders_status_alone ON orders (status, id);
CREATE INDEX devices_kind ON devices (kind, id);
CREATE INDEX devices_state ON devices (state, id);
CREATE INDEX cycle_counts_state ON cycle_counts (state, id);
CREATE INDEX cycle_counts_item ON cycle_counts (inventory_item_id, id);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_subject ON audit (subject text_pattern_ops, id);
CREATE INDEX audit_refused ON audit (id) WHERE outcome = 'refused';

-- Positions at or below their reorder point. A column of its own, so that an update that leaves it as it is touches no index.
ALTER TABLE inventory_items ADD COLUMN is_low boolean
  GENERATED ALWAYS AS (measured_at IS NOT NULL AND greatest(quantity, 0) - reserved <= reorder_point) STORED;
CREATE INDEX inventory_items_low ON inventory_items (id) WHERE is_low;

-- The texts that a search of shipments looks through. A table of its own: shipments change with every stage, these never.
CREATE TABLE shipment_texts (
  shipment_id  integer PRIMARY KEY REFERENCES shipments (id) ON DELETE CASCADE,
  -- tracking number, product name and reference, in lower case
  content      text NOT NULL
);
CREATE FUNCTION keep_shipment_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shipment_texts (shipment_id, content)
    VALUES (NEW.id, lower(concat_ws(' ', NEW.tracking_number, NEW.product_name, NEW.reference)))
    ON CONFLICT (shipment_id) DO UPDATE SET content = excluded.content;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_text AFTER INSERT OR UPDATE OF tracking_number, product_name, reference ON shipments
  FOR EACH ROW EXECUTE FUNCTION keep_shipment_text();
INSERT INTO shipment_texts (shipment_id, content)
  SELECT id, lower(concat_ws(' ', tracking_number, product_name, reference)) FROM shipments;

-- Indexes of groups of three letters find a part of a text. pg_trgm comes with PostgreSQL; a server that lacks it, or does
-- not let this role have it, searches as before: it reads every row.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX shipment_texts_content ON shipment_texts USING gin (content gin_trgm_ops);
  CREATE INDEX locations_name ON locations USING gin (lower(name) gin_trgm_ops);
  CREATE INDEX items_name ON items USING gin (lower(name) gin_trgm_ops);
  CREATE INDEX vehicles_name ON vehicles USING gin (lower(name) gin_trgm_ops);
EXCEPTION
  WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE NOTICE 'no index for parts of names: %', SQLERRM;
END $$;
