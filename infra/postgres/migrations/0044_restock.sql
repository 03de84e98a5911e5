-- Up Migration
-- Restock orders that the platform drafts, and what of an order has arrived.

ALTER TABLE order_lines
  ADD COLUMN received   integer NOT NULL DEFAULT 0 CHECK (received >= 0),
  -- of the rest that will not come
  ADD COLUMN cancelled  integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0);

ALTER TABLE orders
  -- the stock position that a draft was made for; null: a person or a system placed the order
  ADD COLUMN made_for     integer REFERENCES inventory_items (id) ON DELETE SET NULL,
  -- when a person has cancelled such a draft: none is made again on that day
  ADD COLUMN dismissed_at timestamptz;
-- At most one draft for a shortage, and the newest dismissal.
CREATE UNIQUE INDEX orders_draft_for ON orders (made_for) WHERE made_for IS NOT NULL AND status = 'draft';
CREATE INDEX orders_dismissed_for ON orders (made_for, dismissed_at) WHERE dismissed_at IS NOT NULL;
-- What is on order for a location.
CREATE INDEX orders_on_order ON orders (location_id, id) WHERE kind = 'restock' AND status IN ('approved', 'sent', 'partial');
-- Goods on their way to a location.
CREATE INDEX shipments_under_way ON shipments (destination_id, item_id)
  WHERE item_id IS NOT NULL AND status NOT IN ('delivered', 'returned', 'cancelled');

-- Stock positions that are short: since when.
CREATE TABLE shortages (
  inventory_item_id  integer PRIMARY KEY REFERENCES inventory_items (id) ON DELETE CASCADE,
  since              timestamptz NOT NULL DEFAULT now()
);

-- Of approved restock orders for a location, what of an item has not arrived yet.
CREATE FUNCTION on_order(of_item integer, at_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(greatest(l.quantity - l.received - l.cancelled, 0)), 0) FROM orders o JOIN order_lines l ON l.order_id = o.id
  WHERE o.location_id = at_location AND l.item_id = of_item AND o.kind = 'restock' AND o.status IN ('approved', 'sent', 'partial')
$$;

-- Of an item, what is under way to a location and belongs to no restock order.
CREATE FUNCTION in_transit(of_item integer, to_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(s.quantity), 0) FROM shipments s
  WHERE s.destination_id = to_location AND s.item_id = of_item AND s.status NOT IN ('delivered', 'returned', 'cancelled')
    AND NOT EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND o.kind = 'restock')
$$;

-- What was taken from a stock position in the last 90 days: the sum, and the sum of the squares of each day's takings. Neither
-- moves to another place, nor what was taken back. Days: since the first movement, 90 at most.
CREATE FUNCTION demand_of(stock integer) RETURNS TABLE (days double precision, taken double precision, taken_squared double precision)
LANGUAGE sql STABLE AS $$
  SELECT (SELECT ceil(extract(epoch FROM now() - greatest(min(at), now() - interval '90 days')) / 86400) FROM movements WHERE inventory_item_id = stock),
    coalesce(sum(d.taken), 0), coalesce(sum(d.taken * d.taken), 0)
  FROM (
    SELECT -sum(m.delta)::double precision AS taken FROM movements m LEFT JOIN facts f ON f.id = m.id
    WHERE m.inventory_item_id = stock AND m.delta < 0 AND m.at > now() - interval '90 days'
      AND f.data ->> 'transfer' IS NULL AND f.data ->> 'reverses' IS NULL
      AND NOT EXISTS (SELECT FROM facts v WHERE v.key = 'voided:' || m.id AND v.withdrawn_at IS NULL)
    GROUP BY date_trunc('day', m.at AT TIME ZONE 'UTC')) d
$$;
