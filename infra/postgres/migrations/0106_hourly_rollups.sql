-- Up Migration
-- Hourly sums of what came to places and left them, and of what stock went in and out. A worker makes them (ingest/rollups/).

-- Shipments that came to a place, or left it, in an hour.
CREATE TABLE place_hours (
  -- 0: on the road, or nobody knows
  location_id    integer NOT NULL,
  hour           timestamptz NOT NULL,
  stage          text NOT NULL,
  -- 0: no owner
  owner_id       integer NOT NULL,
  shipments_in   integer NOT NULL,
  units_in       bigint NOT NULL,
  shipments_out  integer NOT NULL,
  units_out      bigint NOT NULL,
  PRIMARY KEY (location_id, hour, stage, owner_id)
);
-- A period everywhere, and what is older than is kept.
CREATE INDEX place_hours_hour ON place_hours (hour, stage, location_id);

-- Stock that came to a position, or left it, in an hour.
CREATE TABLE stock_hours (
  inventory_item_id  integer NOT NULL,
  hour               timestamptz NOT NULL,
  units_in           bigint NOT NULL,
  units_out          bigint NOT NULL,
  -- by counts of people, first counts and reversals: no goods have moved
  units_corrected    bigint NOT NULL,
  -- all three, and each times the seconds of the hour before it: the mean level follows from these
  net_units          bigint NOT NULL,
  net_unit_seconds   double precision NOT NULL,
  PRIMARY KEY (inventory_item_id, hour)
);
CREATE INDEX stock_hours_hour ON stock_hours (hour);

-- Hours that must be summed again. Rows are only added, so that no commit waits for another; the worker takes them.
CREATE TABLE place_hours_due (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  location_id  integer NOT NULL,
  hour         timestamptz NOT NULL,
  since        timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE stock_hours_due (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inventory_item_id  integer NOT NULL,
  hour               timestamptz NOT NULL,
  since              timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION hour_of(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT date_trunc('hour', at, 'UTC') $$;

-- The hours of a stay are those in which it began and ended.
CREATE FUNCTION stays_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO place_hours_due (location_id, hour)
      SELECT DISTINCT coalesce(location_id, 0), hour_of(at) FROM stays_before, unnest(ARRAY[from_at, to_at]) AS at WHERE at IS NOT NULL;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO place_hours_due (location_id, hour)
      SELECT DISTINCT coalesce(location_id, 0), hour_of(at) FROM stays_after, unnest(ARRAY[from_at, to_at]) AS at WHERE at IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER stays_added AFTER INSERT ON shipment_stays REFERENCING NEW TABLE AS stays_after
  FOR EACH STATEMENT EXECUTE FUNCTION stays_changed();
CREATE TRIGGER stays_changed AFTER UPDATE ON shipment_stays REFERENCING OLD TABLE AS stays_before NEW TABLE AS stays_after
  FOR EACH STATEMENT EXECUTE FUNCTION stays_changed();
CREATE TRIGGER stays_removed AFTER DELETE ON shipment_stays REFERENCING OLD TABLE AS stays_before
  FOR EACH STATEMENT EXECUTE FUNCTION stays_changed();

CREATE FUNCTION movements_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO stock_hours_due (inventory_item_id, hour) SELECT DISTINCT inventory_item_id, hour_of(at) FROM moved_before;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO stock_hours_due (inventory_item_id, hour) SELECT DISTINCT inventory_item_id, hour_of(at) FROM moved_after;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER movements_added AFTER INSERT ON movements REFERENCING NEW TABLE AS moved_after
  FOR EACH STATEMENT EXECUTE FUNCTION movements_changed();
CREATE TRIGGER movements_changed AFTER UPDATE ON movements REFERENCING OLD TABLE AS moved_before NEW TABLE AS moved_after
  FOR EACH STATEMENT EXECUTE FUNCTION movements_changed();
CREATE TRIGGER movements_removed AFTER DELETE ON movements REFERENCING OLD TABLE AS moved_before
  FOR EACH STATEMENT EXECUTE FUNCTION movements_changed();

-- Movements from before there were sums.
INSERT INTO stock_hours_due (inventory_item_id, hour) SELECT DISTINCT inventory_item_id, hour_of(at) FROM movements;
-- The movements of a position in an hour.
CREATE INDEX movements_position_at ON movements (inventory_item_id, at);
