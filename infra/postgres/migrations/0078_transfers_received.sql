-- Up Migration
-- A transfer is received by whoever counts its goods, as a restock order is: a scale, a scanner or a person.

ALTER TABLE orders
  -- where goods that are awaited become stock
  ADD COLUMN receives_at integer GENERATED ALWAYS AS (CASE kind WHEN 'restock' THEN location_id WHEN 'transfer' THEN ship_to_id END) STORED;
-- Of a transfer: good pieces that a person had received before receipts followed from facts.
ALTER TABLE order_lines ADD COLUMN received_before integer NOT NULL DEFAULT 0;
UPDATE order_lines l SET received_before = greatest(l.received - l.damaged - l.scrapped, 0)
  FROM orders o WHERE o.id = l.order_id AND o.kind = 'transfer' AND l.received > 0;
-- For a transfer, `sent_at` is when its first goods were shipped. What nobody has received of may be counted from now on.
UPDATE orders o SET sent_at = (SELECT min(s.created_at) FROM shipments s WHERE s.order_id = o.id)
  WHERE o.kind = 'transfer' AND o.status = 'shipped';

DROP INDEX orders_awaited;
CREATE INDEX orders_awaited ON orders (receives_at, sent_at) WHERE receives_at IS NOT NULL AND sent_at IS NOT NULL;
DROP INDEX orders_to_settle;
CREATE INDEX orders_to_settle ON orders (id) WHERE receives_at IS NOT NULL AND status IN ('sent', 'shipped', 'partial', 'received');
