-- Up Migration
-- Shipments of several products. A shipment of one product says it in its own row and has no lines here, so that nothing changes for
-- those that there are; one of several has `item_id` null, and `quantity` is the sum of its lines.
ALTER TABLE shipments ADD COLUMN line_count smallint NOT NULL DEFAULT 1 CHECK (line_count > 0);

CREATE TABLE shipment_lines (
  shipment_id   integer NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
  -- 1, 2, …
  line          smallint NOT NULL CHECK (line > 0),
  item_id       integer REFERENCES items (id),
  product_name  varchar(255) NOT NULL,
  quantity      integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (shipment_id, line)
);
-- An item that is removed must be in none.
CREATE INDEX shipment_lines_item ON shipment_lines (item_id, shipment_id) WHERE item_id IS NOT NULL;

-- What ingest knows of the goods of shipments: of each product how many.
CREATE VIEW shipment_goods AS
  SELECT id AS shipment_id, item_id, quantity FROM shipments WHERE line_count = 1 AND item_id IS NOT NULL
  UNION ALL
  SELECT shipment_id, item_id, sum(quantity)::integer FROM shipment_lines WHERE item_id IS NOT NULL GROUP BY shipment_id, item_id;

-- Goods on their way to a location, of shipments of several products.
CREATE INDEX shipments_of_lines_under_way ON shipments (destination_id)
  WHERE line_count > 1 AND status NOT IN ('delivered', 'returned', 'cancelled');
CREATE OR REPLACE FUNCTION in_transit(of_item integer, to_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(s.quantity), 0) FROM (
    SELECT id, order_id, quantity FROM shipments
      WHERE destination_id = to_location AND item_id = of_item AND status NOT IN ('delivered', 'returned', 'cancelled')
    UNION ALL
    SELECT h.id, h.order_id, l.quantity FROM shipments h JOIN shipment_lines l ON l.shipment_id = h.id
      WHERE h.destination_id = to_location AND h.line_count > 1 AND h.status NOT IN ('delivered', 'returned', 'cancelled')
        AND l.item_id = of_item
  ) s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id
  WHERE coalesce(a.in_time, true) AND NOT EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND o.kind IN ('restock', 'transfer'))
$$;

-- Arrivals are estimated of shipments of several products too.
DROP INDEX shipments_aboard;
CREATE INDEX shipments_aboard ON shipments (id) INCLUDE (vehicle_id)
  WHERE (item_id IS NOT NULL OR line_count > 1) AND destination_id IS NOT NULL AND vehicle_id IS NOT NULL
    AND status NOT IN ('delivered', 'returned', 'cancelled');
