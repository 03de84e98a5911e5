-- Up Migration
-- Restock orders are received by what sensors, scans, people and shipments tell; pages hear of orders.

ALTER TABLE orders
  -- when it was sent to the supplier: goods that arrive from then on may be of it
  ADD COLUMN sent_at       timestamptz,
  -- up to which version of its stock positions and shipments its receipts were settled
  ADD COLUMN receipts_seen bigint NOT NULL DEFAULT 0;
UPDATE orders SET sent_at = updated_at WHERE kind = 'restock' AND status IN ('sent', 'partial', 'received');

-- How much of what was received of the item each source has told of.
ALTER TABLE order_lines ADD COLUMN received_by jsonb NOT NULL DEFAULT '{}';

-- What people received before names its order in the key only.
UPDATE facts SET data = data || jsonb_build_object('order', split_part(key, ':', 2)::int)
  WHERE type = 'adjusted' AND rule = 'person' AND key ~ '^received:[0-9]{1,9}:';

-- The orders that a location has waited for, and the shipments of an order.
CREATE INDEX orders_awaited ON orders (location_id, sent_at) WHERE kind = 'restock' AND sent_at IS NOT NULL;
CREATE INDEX orders_to_settle ON orders (id) WHERE kind = 'restock' AND status IN ('sent', 'partial', 'received');
CREATE INDEX shipments_order ON shipments (order_id) WHERE order_id IS NOT NULL;
-- The live view asks for the changes since a time.
CREATE INDEX orders_updated ON orders (updated_at, id);

-- Tells viewers, caches and the alert engine that orders have changed, and the stock that is on order with them.
CREATE FUNCTION notify_orders(changed integer[], positions integer[]) RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
  -- A notice holds less than 8,000 bytes.
  SELECT pg_notify('changes', (jsonb_build_object('orders', CASE WHEN cardinality(changed) <= 300 THEN to_jsonb(changed) END)
    || CASE WHEN positions IS NULL THEN '{}' ELSE jsonb_build_object('stock', CASE WHEN cardinality(positions) <= 300 THEN to_jsonb(positions) END) END)::text)
  WHERE changed IS NOT NULL
$$;

-- By triggers, because orders are changed by people, imports and workers alike, and seldom.
CREATE FUNCTION orders_added() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM notify_orders((SELECT array_agg(id ORDER BY id) FROM added), NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER notify_added AFTER INSERT ON orders REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_added();

CREATE FUNCTION orders_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM notify_orders((SELECT array_agg(n.id ORDER BY n.id) FROM after n JOIN before b ON b.id = n.id WHERE n.version <> b.version), (
    SELECT array_agg(DISTINCT i.id) FROM (
        SELECT id, location_id FROM before WHERE kind = 'restock' UNION SELECT id, location_id FROM after WHERE kind = 'restock') o
      JOIN order_lines l ON l.order_id = o.id JOIN inventory_items i ON i.item_id = l.item_id AND i.location_id = o.location_id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_changed AFTER UPDATE ON orders REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION orders_changed();

CREATE FUNCTION order_lines_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM notify_orders((SELECT array_agg(DISTINCT order_id) FROM lines), (
    SELECT array_agg(DISTINCT i.id) FROM lines l JOIN orders o ON o.id = l.order_id AND o.kind = 'restock'
      JOIN inventory_items i ON i.item_id = l.item_id AND i.location_id = o.location_id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_added AFTER INSERT ON order_lines REFERENCING NEW TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION order_lines_changed();
CREATE TRIGGER notify_changed AFTER UPDATE ON order_lines REFERENCING NEW TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION order_lines_changed();
CREATE TRIGGER notify_removed AFTER DELETE ON order_lines REFERENCING OLD TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION order_lines_changed();
