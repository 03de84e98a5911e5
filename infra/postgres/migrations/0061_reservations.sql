-- Up Migration
-- Goods that are held for the lines of orders.

-- A row goes when its goods are picked, freed, or held no longer.
CREATE TABLE reservations (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id           integer NOT NULL,
  line               integer NOT NULL,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id),
  quantity           integer NOT NULL CHECK (quantity > 0),
  -- null: until they are picked or freed
  expires_at         timestamptz,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1,
  FOREIGN KEY (order_id, line) REFERENCES order_lines (order_id, line) ON DELETE CASCADE
);
CREATE UNIQUE INDEX reservations_line ON reservations (order_id, line, inventory_item_id);
-- What is held of a stock position, page by page.
CREATE INDEX reservations_position ON reservations (inventory_item_id, id);
CREATE INDEX reservations_expiry ON reservations (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE inventory_items ADD CHECK (reserved >= 0);

-- What positions and lines hold is the sum of their reservations, whoever changes one.
CREATE FUNCTION count_reserved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  -- A change never moves a reservation to another line or position.
  position_id integer := CASE WHEN TG_OP = 'DELETE' THEN OLD.inventory_item_id ELSE NEW.inventory_item_id END;
  change integer := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE NEW.quantity END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.quantity END;
BEGIN
  IF change = 0 THEN
    RETURN NULL;
  END IF;
  UPDATE inventory_items SET reserved = reserved + change, updated_at = now(), version = version + 1 WHERE id = position_id;
  IF TG_OP = 'DELETE' THEN
    UPDATE order_lines SET reserved = reserved + change WHERE order_id = OLD.order_id AND line = OLD.line;
  ELSE
    UPDATE order_lines SET reserved = reserved + change WHERE order_id = NEW.order_id AND line = NEW.line;
  END IF;
  PERFORM pg_notify('changes', jsonb_build_object('stock', jsonb_build_array(position_id))::text);
  RETURN NULL;
END $$;
CREATE TRIGGER count_reserved AFTER INSERT OR UPDATE OR DELETE ON reservations FOR EACH ROW EXECUTE FUNCTION count_reserved();

-- Since when the oldest goods of a stock position lie there, if what came first leaves first. Of a position that changes often
-- the newest 500 arrivals are looked at.
CREATE FUNCTION oldest_since(stock integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT min(a.at) FROM (
    SELECT m.at, sum(m.delta) OVER (ORDER BY m.at DESC, m.id DESC) - m.delta AS younger
    FROM (SELECT id, at, delta FROM movements WHERE inventory_item_id = stock AND delta > 0 ORDER BY id DESC LIMIT 500) m) a
  WHERE a.younger < (SELECT quantity FROM inventory_items WHERE id = stock)
$$;

-- What is on order for a location counts goods that are under way to it from another of our places too.
CREATE OR REPLACE FUNCTION on_order(of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (SELECT coalesce(sum(greatest(l.quantity - l.received - l.cancelled, 0)), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.location_id = at_location AND l.item_id = of_item AND o.kind = 'restock' AND o.status IN ('approved', 'sent', 'partial'))
    + (SELECT coalesce(sum(greatest(l.quantity - l.received - l.missing - l.cancelled, 0)), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.ship_to_id = at_location AND l.item_id = of_item AND o.kind = 'transfer'
        AND o.status IN ('approved', 'picking', 'packed', 'shipped', 'partial'))
$$;
CREATE INDEX orders_transfers_to ON orders (ship_to_id, id)
  WHERE kind = 'transfer' AND status IN ('approved', 'picking', 'packed', 'shipped', 'partial');
CREATE OR REPLACE FUNCTION in_transit(of_item integer, to_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(s.quantity), 0) FROM shipments s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id
  WHERE s.destination_id = to_location AND s.item_id = of_item AND s.status NOT IN ('delivered', 'returned', 'cancelled')
    AND coalesce(a.in_time, true) AND NOT EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND o.kind IN ('restock', 'transfer'))
$$;

-- Stock positions whose goods are on order: of restock orders at their location, of transfers where they go to.
CREATE OR REPLACE FUNCTION orders_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM notify_orders((SELECT array_agg(n.id ORDER BY n.id) FROM after n JOIN before b ON b.id = n.id WHERE n.version <> b.version), (
    SELECT array_agg(DISTINCT i.id) FROM (
        SELECT id, CASE kind WHEN 'restock' THEN location_id ELSE ship_to_id END AS place FROM before WHERE kind IN ('restock', 'transfer')
        UNION SELECT id, CASE kind WHEN 'restock' THEN location_id ELSE ship_to_id END FROM after WHERE kind IN ('restock', 'transfer')) o
      JOIN order_lines l ON l.order_id = o.id JOIN inventory_items i ON i.item_id = l.item_id AND i.location_id = o.place));
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION order_lines_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM notify_orders((SELECT array_agg(DISTINCT order_id) FROM lines), (
    SELECT array_agg(DISTINCT i.id) FROM lines l JOIN orders o ON o.id = l.order_id AND o.kind IN ('restock', 'transfer')
      JOIN inventory_items i ON i.item_id = l.item_id
        AND i.location_id = CASE o.kind WHEN 'restock' THEN o.location_id ELSE o.ship_to_id END));
  RETURN NULL;
END $$;
