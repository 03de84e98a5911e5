-- Up Migration
-- Orders that are placed here are made in the ERP, too. What they do to a level is told by their own deliveries and receipts while they
-- are there; of one that was taken back, or that a person has left out, it is told as a movement again.
CREATE OR REPLACE FUNCTION erp_stock_by_orders(connection integer, of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE within AS (
    SELECT at_location AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
  SELECT (SELECT coalesce(sum(l.received - l.scrapped), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.kind = 'restock' AND l.item_id = of_item AND o.location_id IN (SELECT id FROM within)
        AND EXISTS (SELECT FROM erp_documents d WHERE d.connection_id = connection AND d.kind = 'purchase' AND d.local_id = o.id
          AND (d.direction = 'in' OR d.state IN ('waiting', 'sent', 'failed'))))::bigint
    - (SELECT coalesce(sum(p.quantity), 0) FROM picks p JOIN inventory_items i ON i.id = p.inventory_item_id
      WHERE i.item_id = of_item AND i.owner_id IS NULL AND i.location_id IN (SELECT id FROM within)
        AND EXISTS (SELECT FROM erp_documents d WHERE d.connection_id = connection AND d.kind = 'sale' AND d.local_id = p.order_id
          AND (d.direction = 'in' OR d.state IN ('waiting', 'sent', 'failed'))))::bigint
$$;
