-- Up Migration
-- Stock as an ERP is told of it. What orders of the ERP do to the level is told by their own documents (deliveries, receipts), so a
-- movement of its own is posted for the rest only. What was posted is never changed: a later difference is a movement of its own.

-- The stock of an item at a place and below, without owner, whatever its condition.
CREATE FUNCTION erp_stock(of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE within AS (
    SELECT at_location AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
  SELECT coalesce(sum(greatest(i.quantity, 0)), 0)::bigint FROM inventory_items i
  WHERE i.item_id = of_item AND i.owner_id IS NULL AND i.location_id IN (SELECT id FROM within)
$$;

-- What orders that came from this ERP have changed it by: received less picked.
CREATE FUNCTION erp_stock_by_orders(connection integer, of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE within AS (
    SELECT at_location AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
  SELECT (SELECT coalesce(sum(l.received - l.scrapped), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.kind = 'restock' AND l.item_id = of_item AND o.location_id IN (SELECT id FROM within)
        AND EXISTS (SELECT FROM erp_documents d WHERE d.connection_id = connection AND d.kind = 'purchase' AND d.local_id = o.id))::bigint
    - (SELECT coalesce(sum(p.quantity), 0) FROM picks p JOIN inventory_items i ON i.id = p.inventory_item_id
      WHERE i.item_id = of_item AND i.owner_id IS NULL AND i.location_id IN (SELECT id FROM within)
        AND EXISTS (SELECT FROM erp_documents d WHERE d.connection_id = connection AND d.kind = 'sale' AND d.local_id = p.order_id))::bigint
$$;

-- What deliveries and receipts that were made there have changed its level by.
CREATE FUNCTION told_by_orders(connection integer, of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(CASE d.kind WHEN 'receipt' THEN l.pieces ELSE -l.pieces END), 0)::bigint
  FROM erp_documents d CROSS JOIN jsonb_to_recordset(d.content -> 'lines') AS l (item int, pieces int)
  WHERE d.connection_id = connection AND d.direction = 'out' AND d.kind IN ('delivery', 'receipt') AND d.state = 'sent' AND l.item = of_item
    AND EXISTS (SELECT FROM erp_connections e, jsonb_to_recordset(e.options -> 'warehouses') AS w (external_id text, location_id int)
      WHERE e.id = connection AND w.location_id = at_location AND w.external_id = d.content ->> 'warehouseId')
$$;
