-- Up Migration
-- Goods of an order become stock of the order's owner. Until now those of every restock order went to the main position, and were on
-- order for all positions of the item at the place.

ALTER TABLE orders
  -- Whether good goods go to the main position. null: by the kind of the order, and by whether it has an owner
  ADD COLUMN takes_in_main boolean;
-- What has come of orders with an owner was put into the main position: the rest goes there, too, so that it is one receipt.
UPDATE orders o SET takes_in_main = true
  WHERE o.kind = 'restock' AND o.owner_id IS NOT NULL AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.received > 0);
-- What the platform has drafted for another position, and nothing has come of, is of the owner of that position.
UPDATE orders o SET owner_id = i.owner_id, takes_in_main = CASE WHEN i.owner_id IS NULL THEN false END, updated_at = now(), version = o.version + 1
  FROM inventory_items i
  WHERE i.id = o.made_for AND i.condition = 'good' AND (i.owner_id IS NOT NULL OR NOT i.is_main)
    AND o.kind = 'restock' AND o.owner_id IS NULL AND o.status IN ('draft', 'approved', 'sent')
    AND NOT EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.received > 0);

-- Whether good goods go to the main position, whoever owns what lies there, rather than to that of their owner. Between our own places,
-- and when they come back, goods without an owner stay goods without an owner. No kind: of no order.
CREATE FUNCTION goes_to_main(order_kind text, goods_owner integer, in_main boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(in_main, goods_owner IS NULL AND order_kind IS DISTINCT FROM 'transfer' AND order_kind IS DISTINCT FROM 'return')
$$;

-- THE RULE: whether a stock position of the item and place takes in good goods. At most one position does. Simple enough for Postgres to
-- put it into the query that calls it.
CREATE FUNCTION takes_in(order_kind text, goods_owner integer, in_main boolean, is_main boolean, position_owner integer, condition text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN goes_to_main(order_kind, goods_owner, in_main) THEN is_main
    ELSE condition = 'good' AND position_owner IS NOT DISTINCT FROM goods_owner END
$$;

-- What is asked of the orders for a place is in the indexes by which they are found.
DROP INDEX orders_on_order, orders_transfers_to;
CREATE INDEX orders_on_order ON orders (location_id, id) INCLUDE (owner_id, takes_in_main)
  WHERE kind = 'restock' AND status IN ('approved', 'sent', 'partial');
CREATE INDEX orders_transfers_to ON orders (ship_to_id, id) INCLUDE (owner_id, takes_in_main)
  WHERE kind = 'transfer' AND status IN ('approved', 'picking', 'packed', 'shipped', 'partial');

-- Of approved restock orders, and of transfers, what has not arrived yet of what a stock position takes in. The function of item and
-- location stays for nodes of the version before.
CREATE FUNCTION on_order(stock integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (SELECT coalesce(sum(greatest(l.quantity - l.received - l.cancelled, 0)), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.location_id = i.location_id AND l.item_id = i.item_id AND o.kind = 'restock' AND o.status IN ('approved', 'sent', 'partial')
        AND takes_in('restock', o.owner_id, o.takes_in_main, i.is_main, i.owner_id, i.condition))
    + (SELECT coalesce(sum(greatest(l.quantity - l.received - l.missing - l.cancelled, 0)), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.ship_to_id = i.location_id AND l.item_id = i.item_id AND o.kind = 'transfer'
        AND o.status IN ('approved', 'picking', 'packed', 'shipped', 'partial')
        AND takes_in('transfer', o.owner_id, o.takes_in_main, i.is_main, i.owner_id, i.condition))
  FROM inventory_items i WHERE i.id = stock
$$;

-- What is under way to a stock position, belongs to no restock order or transfer, and comes before goods that were ordered now: goods
-- of the shipment's owner, else of the owner of its order.
CREATE FUNCTION in_transit(stock integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (SELECT coalesce(sum(s.quantity), 0) FROM (
      SELECT id, order_id, owner_id, quantity FROM shipments
        WHERE destination_id = i.location_id AND item_id = i.item_id AND status NOT IN ('delivered', 'returned', 'cancelled')
      UNION ALL
      SELECT h.id, h.order_id, h.owner_id, l.quantity FROM shipments h JOIN shipment_lines l ON l.shipment_id = h.id
        WHERE h.destination_id = i.location_id AND h.line_count > 1 AND h.status NOT IN ('delivered', 'returned', 'cancelled')
          AND l.item_id = i.item_id
    ) s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id LEFT JOIN public.orders o ON o.id = s.order_id
    WHERE coalesce(a.in_time, true) AND coalesce(o.kind NOT IN ('restock', 'transfer'), true)
      AND takes_in(o.kind, coalesce(s.owner_id, o.owner_id), NULL, i.is_main, i.owner_id, i.condition))
  FROM inventory_items i WHERE i.id = stock
$$;
