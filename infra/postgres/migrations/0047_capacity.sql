-- Up Migration
-- How much room a location has, beside capacity_units, and how much of it goods take.

ALTER TABLE locations
  ADD COLUMN capacity_litres     double precision CHECK (capacity_litres > 0),
  ADD COLUMN capacity_kilograms  double precision CHECK (capacity_kilograms > 0);
-- Locations with a capacity, page by page.
CREATE INDEX locations_with_capacity ON locations (id)
  WHERE num_nonnulls(capacity_units, capacity_litres, capacity_kilograms) > 0;

-- The alert engine reads again whose capacity counts for which stock.
CREATE FUNCTION capacities_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('capacities', '');
  RETURN NULL;
END $$;
CREATE TRIGGER capacities_changed AFTER INSERT OR DELETE OR UPDATE OF parent_id, capacity_units, capacity_litres, capacity_kilograms
  ON locations FOR EACH STATEMENT EXECUTE FUNCTION capacities_changed();

ALTER TABLE items ADD COLUMN unit_volume_litres double precision CHECK (unit_volume_litres > 0);

-- What a location and everything below it hold. Positions that nobody has measured are not counted, and volume and weight only
-- of items whose own are known: the other columns say how much is left out.
CREATE FUNCTION stock_within(place integer) RETURNS TABLE (
  locations_below integer, positions integer, positions_not_measured integer,
  units double precision, units_here double precision,
  litres double precision, litres_here double precision, units_without_volume double precision,
  kilograms double precision, kilograms_here double precision, units_without_weight double precision,
  measured_at timestamptz, changed_at timestamptz)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE within AS (
    SELECT place AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id
  ), stock AS (
    SELECT i.location_id = place AS here, i.measured_at, i.updated_at, greatest(i.quantity, 0)::double precision AS units,
      greatest(i.quantity, 0) * t.unit_volume_litres AS litres, greatest(i.quantity, 0) * t.unit_weight_grams / 1000 AS kilograms
    FROM within w JOIN inventory_items i ON i.location_id = w.id JOIN items t ON t.id = i.item_id
  )
  SELECT (SELECT count(*)::integer - 1 FROM within), count(*)::integer, (count(*) FILTER (WHERE s.measured_at IS NULL))::integer,
    coalesce(sum(s.units), 0), coalesce(sum(s.units) FILTER (WHERE s.here), 0),
    coalesce(sum(s.litres), 0), coalesce(sum(s.litres) FILTER (WHERE s.here), 0), coalesce(sum(s.units) FILTER (WHERE s.litres IS NULL), 0),
    coalesce(sum(s.kilograms), 0), coalesce(sum(s.kilograms) FILTER (WHERE s.here), 0), coalesce(sum(s.units) FILTER (WHERE s.kilograms IS NULL), 0),
    max(s.measured_at), max(s.updated_at)
  FROM stock s
$$;

-- What came into a location and everything below it less what left, since a time: the levels of now less those of then. And since
-- when anything is recorded of it. What the first count of a position found was there before: it is no inflow. Of each position a
-- few rows are read, however often it has changed.
CREATE FUNCTION net_inflow_within(place integer, since timestamptz) RETURNS TABLE (
  first_at timestamptz, units double precision, litres double precision, kilograms double precision)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE within AS (
    SELECT place AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id
  ), flows AS (
    SELECT least(f.at, o.at) AS first_at, t.unit_volume_litres, t.unit_weight_grams,
      greatest(i.quantity, 0)::double precision - coalesce(b.level, o.level, f.level_before, greatest(i.quantity, 0)) AS net
    FROM within w JOIN inventory_items i ON i.location_id = w.id JOIN items t ON t.id = i.item_id
      -- the level of then
      LEFT JOIN LATERAL (SELECT m.level FROM facts e JOIN movements m ON m.id = e.id
        WHERE e.subject = 'stock:' || i.id AND e.at <= since ORDER BY e.at DESC, e.id DESC LIMIT 1) b ON true
      -- what was there before there were movements
      LEFT JOIN LATERAL (SELECT m.at, m.level FROM (SELECT * FROM movements m WHERE m.inventory_item_id = i.id ORDER BY m.id LIMIT 1) m
        WHERE NOT EXISTS (SELECT FROM facts e WHERE e.id = m.id)) o ON true
      -- the first movement
      LEFT JOIN LATERAL (SELECT m.at, CASE WHEN e.type = 'counted' THEN m.level ELSE 0 END AS level_before
        FROM facts e JOIN movements m ON m.id = e.id WHERE e.subject = 'stock:' || i.id ORDER BY e.at, e.id LIMIT 1) f ON true
  )
  SELECT min(first_at), coalesce(sum(net), 0), coalesce(sum(net * unit_volume_litres), 0), coalesce(sum(net * unit_weight_grams / 1000), 0)
  FROM flows
$$;

INSERT INTO alert_rules (name, type, severity, enabled) VALUES ('A place is nearly full', 'capacity', 'warning', true);
