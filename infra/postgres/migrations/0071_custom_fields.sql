-- Up Migration
-- Fields that an installation adds to its things, and tags.

CREATE TABLE custom_fields (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  thing       text NOT NULL CHECK (thing IN ('items', 'locations', 'parties', 'shipments', 'vehicles')),
  -- in `attributes`
  name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  label       text NOT NULL,
  type        text NOT NULL CHECK (type IN ('text', 'number', 'date', 'boolean', 'choice')),
  required    boolean NOT NULL DEFAULT false,
  -- of a number
  unit        text CHECK (unit IS NULL OR type = 'number'),
  -- of a choice: an array of texts
  choices     jsonb NOT NULL DEFAULT '[]' CHECK ((choices = '[]') = (type <> 'choice')),
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1,
  UNIQUE (thing, name)
);

ALTER TABLE items     ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]';
ALTER TABLE locations ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]';
ALTER TABLE parties   ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]';
ALTER TABLE shipments ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]';
ALTER TABLE vehicles  ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]';

-- What lists are filtered by: the values of all fields and the tags, each with the ids of the things that have it, in order. A table
-- of its own, because shipments change with every movement and this does not; and because a page of a list then reads the ids it
-- shows, however many things have the value.
CREATE TABLE custom_values (
  thing  text NOT NULL,
  -- '' of a tag
  field  text COLLATE "C" NOT NULL,
  value  text COLLATE "C" NOT NULL,
  id     integer NOT NULL,
  PRIMARY KEY (thing, field, value, id)
);

CREATE FUNCTION custom_values_of(attributes jsonb, tags jsonb) RETURNS TABLE (field text, value text) LANGUAGE sql IMMUTABLE AS $$
  SELECT key, value #>> '{}' FROM jsonb_each(attributes)
  UNION ALL SELECT '', tag FROM jsonb_array_elements_text(tags) tag
$$;

CREATE FUNCTION keep_custom_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND (OLD.attributes <> '{}' OR OLD.tags <> '[]') THEN
    DELETE FROM custom_values v USING custom_values_of(OLD.attributes, OLD.tags) o
      WHERE v.thing = TG_TABLE_NAME AND v.field = o.field AND v.value = o.value AND v.id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' AND (NEW.attributes <> '{}' OR NEW.tags <> '[]') THEN
    INSERT INTO custom_values SELECT TG_TABLE_NAME, n.field, n.value, NEW.id
      FROM custom_values_of(NEW.attributes, NEW.tags) n ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER custom_values AFTER INSERT OR DELETE OR UPDATE OF attributes, tags ON items
  FOR EACH ROW EXECUTE FUNCTION keep_custom_values();
CREATE TRIGGER custom_values AFTER INSERT OR DELETE OR UPDATE OF attributes, tags ON locations
  FOR EACH ROW EXECUTE FUNCTION keep_custom_values();
CREATE TRIGGER custom_values AFTER INSERT OR DELETE OR UPDATE OF attributes, tags ON parties
  FOR EACH ROW EXECUTE FUNCTION keep_custom_values();
CREATE TRIGGER custom_values AFTER INSERT OR DELETE OR UPDATE OF attributes, tags ON shipments
  FOR EACH ROW EXECUTE FUNCTION keep_custom_values();
CREATE TRIGGER custom_values AFTER INSERT OR DELETE OR UPDATE OF attributes, tags ON vehicles
  FOR EACH ROW EXECUTE FUNCTION keep_custom_values();

-- The search finds things by their tags, too: each tag is a text of its own. Nothing has tags yet, so the words that are kept stay right.
CREATE FUNCTION searched_texts(of jsonb, columns text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT of ->> c FROM unnest(columns) c WHERE c <> 'tags'
    UNION ALL SELECT tag FROM jsonb_array_elements_text(CASE WHEN 'tags' = ANY (columns) THEN of -> 'tags' END) tag)
$$;

CREATE OR REPLACE FUNCTION keep_search_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  IF old_row IS NOT NULL THEN
    DELETE FROM search_words w USING search_words_of(searched_texts(old_row, TG_ARGV[1:])) o
      WHERE w.kind = TG_ARGV[0] AND w.later = o.later AND w.words = o.words AND w.id = old_row ->> 'id';
  END IF;
  IF new_row IS NOT NULL THEN
    INSERT INTO search_words SELECT TG_ARGV[0], n.later, n.words, new_row ->> 'id'
      FROM search_words_of(searched_texts(new_row, TG_ARGV[1:])) n ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER search_words ON shipments;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF tracking_number, product_name, reference, tags ON shipments
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('shipment', 'tracking_number', 'product_name', 'reference', 'tags');
DROP TRIGGER search_words ON items;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF sku, name, gtin, barcode, tags ON items
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('item', 'sku', 'name', 'gtin', 'barcode', 'tags');
DROP TRIGGER search_words ON locations;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, barcode, tags ON locations
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('location', 'name', 'barcode', 'tags');
DROP TRIGGER search_words ON vehicles;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, plate, tags ON vehicles
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('vehicle', 'name', 'plate', 'tags');
DROP TRIGGER search_words ON parties;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, reference, email, tags ON parties
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('party', 'name', 'reference', 'email', 'tags');
