-- Up Migration
-- When what is on its way will be there, by the live position of its vehicle.

-- Where vehicles that carry goods to a place have been in the last hour, about every five minutes.
CREATE TABLE vehicle_trails (
  vehicle_id  integer NOT NULL REFERENCES vehicles (id) ON DELETE CASCADE,
  at          timestamptz NOT NULL,
  lat         double precision NOT NULL,
  lon         double precision NOT NULL,
  PRIMARY KEY (vehicle_id, at)
);

-- Of each shipment of a product that is on its way to a place.
CREATE TABLE arrival_estimates (
  shipment_id       integer PRIMARY KEY REFERENCES shipments (id) ON DELETE CASCADE,
  -- null: it is not known, and why
  eta               timestamptz,
  problem           text,
  -- what it follows from: the straight way to the place, the mean speed of the last hour, over how long that was seen, and how old
  -- the position is
  distance_m        double precision,
  speed_mps         double precision,
  observed_minutes  integer,
  position_at       timestamptz,
  -- false: goods that were ordered now would be there earlier
  in_time           boolean NOT NULL,
  estimated_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((eta IS NULL) = (problem IS NOT NULL))
);

-- Of an item, what is under way to a location, belongs to no restock order, and comes before goods that were ordered now.
CREATE OR REPLACE FUNCTION in_transit(of_item integer, to_location integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(s.quantity), 0) FROM shipments s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id
  WHERE s.destination_id = to_location AND s.item_id = of_item AND s.status NOT IN ('delivered', 'returned', 'cancelled')
    AND coalesce(a.in_time, true) AND NOT EXISTS (SELECT FROM orders o WHERE o.id = s.order_id AND o.kind = 'restock')
$$;
