-- Up Migration
-- A stock position without a reorder point of its own takes that of the same item at the nearest location above it.

-- `reorder_point` stays the one that applies, so that nothing that reads it changes, and no index. Positions of before keep what
-- they have as their own, 0 too: docs/decisions/25-reorder-points.md.
ALTER TABLE inventory_items
  ADD COLUMN inherits_reorder_point    boolean NOT NULL DEFAULT false,
  -- of one that inherits: where it comes from; null: nowhere above there is one, and 0 applies
  ADD COLUMN reorder_point_location_id integer;

-- The reorder point of an owner's item that applies at a location which has none of its own: no row when there is none above.
-- These functions see all locations and positions, whoever asks.
CREATE FUNCTION inherited_reorder_point(of_item integer, of_owner integer, at_location integer)
RETURNS TABLE (quantity integer, place integer) LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH RECURSIVE above AS (
    SELECT l.parent_id AS id, 1 AS height FROM locations l WHERE l.id = at_location
    UNION ALL SELECT l.parent_id, a.height + 1 FROM above a JOIN locations l ON l.id = a.id
  )
  SELECT i.reorder_point, i.location_id FROM above a JOIN inventory_items i ON i.location_id = a.id AND i.item_id = of_item
  WHERE i.condition = 'good' AND i.owner_id IS NOT DISTINCT FROM of_owner AND NOT i.inherits_reorder_point
  ORDER BY a.height LIMIT 1
$$;

-- One change of what is inherited at a time, and none while positions are added that inherit: each sees what the others have done.
CREATE FUNCTION lock_reorder_points() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtext('waystock reorder points'))
$$;

-- Has positions that inherit take what applies now, and tells caches, viewers and the alert engine. Goods that are damaged or on
-- hold are never reordered.
CREATE FUNCTION renew_reorder_points(of_positions integer[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  renewed integer[];
BEGIN
  WITH differing AS MATERIALIZED (
    SELECT i.id, coalesce(n.quantity, 0) AS quantity, n.place
    FROM inventory_items i LEFT JOIN LATERAL inherited_reorder_point(i.item_id, i.owner_id, i.location_id) n ON i.condition = 'good'
    WHERE i.id = ANY (of_positions) AND (i.reorder_point, i.reorder_point_location_id) IS DISTINCT FROM (coalesce(n.quantity, 0), n.place)
    ORDER BY i.id FOR NO KEY UPDATE OF i
  ), changed AS (
    UPDATE inventory_items i SET reorder_point = d.quantity, reorder_point_location_id = d.place, updated_at = now(), version = i.version + 1
    FROM differing d WHERE i.id = d.id RETURNING i.id
  ) SELECT array_agg(id ORDER BY id) INTO renewed FROM changed;
  IF renewed IS NOT NULL THEN
    -- A notice holds less than 8,000 bytes.
    PERFORM pg_notify('changes', json_build_object('stock', CASE WHEN cardinality(renewed) <= 700 THEN to_json(renewed) END)::text);
  END IF;
END $$;

-- Of all positions of an item. To be called where an update has changed the reorder point of one, whether it inherits, or its owner:
-- a row trigger for updates would have every commit of readings read each row once more.
CREATE FUNCTION renew_reorder_points_of(of_item integer) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_reorder_points();
  PERFORM renew_reorder_points(ARRAY(SELECT id FROM inventory_items WHERE item_id = of_item AND inherits_reorder_point));
END $$;

CREATE FUNCTION inherit_reorder_point() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('waystock reorder points'));
  NEW.reorder_point := 0;
  IF NEW.condition = 'good' THEN
    SELECT quantity, place INTO NEW.reorder_point, NEW.reorder_point_location_id
      FROM inherited_reorder_point(NEW.item_id, NEW.owner_id, NEW.location_id);
    NEW.reorder_point := coalesce(NEW.reorder_point, 0);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER inherit_reorder_point BEFORE INSERT ON inventory_items
  FOR EACH ROW WHEN (NEW.inherits_reorder_point) EXECUTE FUNCTION inherit_reorder_point();

CREATE FUNCTION own_reorder_point_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM renew_reorder_points_of(CASE TG_OP WHEN 'DELETE' THEN OLD.item_id ELSE NEW.item_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER own_reorder_point_added AFTER INSERT ON inventory_items
  FOR EACH ROW WHEN (NOT NEW.inherits_reorder_point) EXECUTE FUNCTION own_reorder_point_changed();
CREATE TRIGGER own_reorder_point_removed AFTER DELETE ON inventory_items
  FOR EACH ROW WHEN (NOT OLD.inherits_reorder_point) EXECUTE FUNCTION own_reorder_point_changed();

CREATE FUNCTION location_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_reorder_points();
  PERFORM renew_reorder_points(ARRAY(
    WITH RECURSIVE within AS (SELECT NEW.id AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
    SELECT i.id FROM within w JOIN inventory_items i ON i.location_id = w.id WHERE i.inherits_reorder_point));
  RETURN NULL;
END $$;
CREATE TRIGGER location_moved AFTER UPDATE OF parent_id ON locations
  FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION location_moved();
