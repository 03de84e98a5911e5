-- Up Migration
-- When the goods of a shipment were in which stage at which place: what dwell, throughput and bottlenecks are told from.

-- The fold of the shipment's facts (ingest/domain/analytics/stays.ts), written with it.
CREATE TABLE shipment_stays (
  shipment_id  integer NOT NULL REFERENCES shipments (id),
  from_at      timestamptz NOT NULL,
  -- null: it still is there
  to_at        timestamptz,
  stage        text NOT NULL,
  -- null: on the road, or nobody knows
  location_id  integer,
  ended_by     text CHECK (ended_by IN ('moved', 'delivered', 'delivered_partly', 'cancelled')),
  -- of the shipment
  owner_id     integer,
  item_id      integer,
  units        integer NOT NULL,
  PRIMARY KEY (shipment_id, from_at),
  CHECK ((to_at IS NULL) = (ended_by IS NULL))
);
-- What came to a place, and what left it, in an hour; and the latest dwells there.
CREATE INDEX shipment_stays_from ON shipment_stays (coalesce(location_id, 0), stage, from_at);
CREATE INDEX shipment_stays_to ON shipment_stays (coalesce(location_id, 0), stage, to_at) INCLUDE (from_at, ended_by);
-- What was there in a window: what still is, and what has left since it began.
CREATE INDEX shipment_stays_open ON shipment_stays (stage, location_id) WHERE to_at IS NULL;
CREATE INDEX shipment_stays_left ON shipment_stays (stage, to_at) WHERE to_at IS NOT NULL;
-- When shipments were delivered.
CREATE INDEX shipment_stays_delivered ON shipment_stays (shipment_id, to_at) INCLUDE (ended_by) WHERE ended_by IN ('delivered', 'delivered_partly');

-- Shipments from before there were stays: a worker folds them.
CREATE TABLE stays_to_derive (
  shipment_id  integer PRIMARY KEY REFERENCES shipments (id)
);
INSERT INTO stays_to_derive (shipment_id) SELECT id FROM shipments;

-- A shipment's stays are of its owner, its product and its size.
CREATE FUNCTION stays_follow_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.shipment_stays SET owner_id = NEW.owner_id, item_id = NEW.item_id, units = NEW.quantity WHERE shipment_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER stays_follow_shipment AFTER UPDATE OF owner_id, item_id, quantity ON shipments FOR EACH ROW
  WHEN ((OLD.owner_id, OLD.item_id, OLD.quantity) IS DISTINCT FROM (NEW.owner_id, NEW.item_id, NEW.quantity))
  EXECUTE FUNCTION stays_follow_shipment();

-- When a shipment was first delivered, and whether all of it was; for those who may see the shipment, wherever that was.
CREATE FUNCTION delivery_of(shipment integer) RETURNS TABLE (delivered_at timestamptz, is_in_full boolean) LANGUAGE sql STABLE AS $$
  SELECT to_at, ended_by = 'delivered' FROM public.shipment_stays
  WHERE shipment_id = shipment AND ended_by IN ('delivered', 'delivered_partly') ORDER BY to_at LIMIT 1
$$;
