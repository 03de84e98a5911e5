-- Up Migration
-- What of the registry has changed, and in which version: ingest then reads only that, and a commit is refused only for a
-- change of what it used. Versions are given in the order of commits, because a change locks registry_version until its
-- own commit: whoever has seen a version has seen all changes before it.
-- part and id: 'device' and its id | 'location' and its id | 'stock' and the item's id, a colon, the location's id
CREATE TABLE registry_changes (
  part        text NOT NULL CHECK (part IN ('device', 'location', 'stock')),
  id          text NOT NULL,
  version     bigint NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (part, id)
);
-- Ingest reads what is newer than the version it knows.
CREATE INDEX registry_changes_version ON registry_changes (version);
-- Cleanup deletes what every process has read long since.
CREATE INDEX registry_changes_changed_at ON registry_changes (changed_at);

-- The changes after this version are all in registry_changes; earlier ones are not.
ALTER TABLE registry_version ADD COLUMN complete_after bigint NOT NULL DEFAULT 0;
UPDATE registry_version SET complete_after = version;

-- A shelf's mounting follows from its item and its stock position.
CREATE INDEX device_mounts_item ON device_mounts (((mount ->> 'item_id')::integer)) WHERE mount ? 'item_id';

CREATE FUNCTION registry_changed(changed_part text, ids text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  new_version bigint;
BEGIN
  IF cardinality(ids) = 0 THEN
    RETURN;
  END IF;
  UPDATE registry_version SET version = version + 1 RETURNING version INTO new_version;
  INSERT INTO registry_changes (part, id, version) SELECT DISTINCT changed_part, id, new_version FROM unnest(ids) AS t (id)
    ON CONFLICT (part, id) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at;
  PERFORM pg_notify('registry', changed_part);
END $$;

-- Triggers for each statement, so that 100,000 rows at once are one change. The rows before and after are named `old_rows`
-- and `new_rows`; a trigger with these is for one event only.
CREATE FUNCTION registry_device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registry_changed('device', ARRAY(SELECT id FROM new_rows));
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registry_changed('device', ARRAY(SELECT id FROM old_rows));
  ELSE
    PERFORM registry_changed('device', ARRAY(SELECT coalesce(n.id, o.id) FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
      WHERE (n.id, n.kind, n.decoder) IS DISTINCT FROM (o.id, o.kind, o.decoder)));
  END IF;
  RETURN NULL;
END $$;

-- Of a table with a device_id.
CREATE FUNCTION registry_device_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registry_changed('device', ARRAY(SELECT device_id FROM new_rows));
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registry_changed('device', ARRAY(SELECT device_id FROM old_rows));
  ELSE
    PERFORM registry_changed('device', ARRAY(SELECT device_id FROM old_rows UNION SELECT device_id FROM new_rows));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION registry_location_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registry_changed('location', ARRAY(SELECT id::text FROM new_rows));
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registry_changed('location', ARRAY(SELECT id::text FROM old_rows));
  ELSE
    PERFORM registry_changed('location', ARRAY(SELECT o.id::text FROM old_rows o JOIN new_rows n USING (id)
      WHERE (n.stage, n.geofence) IS DISTINCT FROM (o.stage, o.geofence)));
  END IF;
  RETURN NULL;
END $$;

-- Of an item the registry holds the weight of a unit, in the mountings of shelves.
CREATE FUNCTION registry_item_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  items integer[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    items := ARRAY(SELECT id FROM old_rows);
  ELSE
    items := ARRAY(SELECT o.id FROM old_rows o JOIN new_rows n USING (id)
      WHERE n.unit_weight_grams IS DISTINCT FROM o.unit_weight_grams);
  END IF;
  PERFORM registry_changed('device', ARRAY(SELECT device_id FROM device_mounts
    WHERE mount ? 'item_id' AND (mount ->> 'item_id')::integer = ANY(items)));
  RETURN NULL;
END $$;

CREATE FUNCTION registry_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  positions jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    positions := (SELECT jsonb_agg(jsonb_build_array(item_id, location_id)) FROM new_rows);
  ELSE
    positions := (SELECT jsonb_agg(jsonb_build_array(item_id, location_id)) FROM old_rows);
  END IF;
  PERFORM registry_changed('stock', ARRAY(SELECT (p ->> 0) || ':' || (p ->> 1) FROM jsonb_array_elements(positions) AS t (p)));
  PERFORM registry_changed('device', ARRAY(SELECT m.device_id FROM jsonb_array_elements(positions) AS t (p)
    JOIN device_mounts m ON m.mount ? 'item_id' AND (m.mount ->> 'item_id')::integer = (p ->> 0)::integer
      AND m.mount ->> 'location_id' = p ->> 1));
  RETURN NULL;
END $$;

-- Levels change with every batch, and are none of the registry: this trigger is for an update that names the source.
CREATE FUNCTION registry_stock_source_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM registry_changed('stock', ARRAY[NEW.item_id || ':' || NEW.location_id]);
  RETURN NULL;
END $$;

DROP TRIGGER registry_changed ON devices;
DROP TRIGGER registry_changed ON device_mounts;
DROP TRIGGER registry_changed ON calibrations;
DROP TRIGGER registry_changed ON locations;
DROP TRIGGER registry_changed ON items;
DROP TRIGGER registry_changed ON vehicles;
DROP TRIGGER registry_changed ON inventory_items;
DROP TRIGGER registry_changed_source ON inventory_items;
DROP FUNCTION registry_changed();

CREATE TRIGGER registry_inserted AFTER INSERT ON devices REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_changed();
CREATE TRIGGER registry_updated AFTER UPDATE ON devices REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON devices REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_changed();

CREATE TRIGGER registry_inserted AFTER INSERT ON device_mounts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();
CREATE TRIGGER registry_updated AFTER UPDATE ON device_mounts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON device_mounts REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();

CREATE TRIGGER registry_inserted AFTER INSERT ON calibrations REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();
CREATE TRIGGER registry_updated AFTER UPDATE ON calibrations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON calibrations REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_device_part_changed();

CREATE TRIGGER registry_inserted AFTER INSERT ON locations REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_location_changed();
CREATE TRIGGER registry_updated AFTER UPDATE ON locations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_location_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON locations REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_location_changed();

CREATE TRIGGER registry_updated AFTER UPDATE ON items REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_item_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON items REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_item_changed();

CREATE TRIGGER registry_inserted AFTER INSERT ON inventory_items REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_stock_changed();
CREATE TRIGGER registry_deleted AFTER DELETE ON inventory_items REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION registry_stock_changed();
CREATE TRIGGER registry_source_changed AFTER UPDATE OF source ON inventory_items
  FOR EACH ROW WHEN (OLD.source IS DISTINCT FROM NEW.source) EXECUTE FUNCTION registry_stock_source_changed();
