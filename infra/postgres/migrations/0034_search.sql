-- Up Migration
-- What the search finds things by: each name or code in small letters, from its beginning and from each later word on, so
-- that one range of an index holds all that begin with what was typed. A table of its own, because shipments change with
-- every movement and their names do not.
CREATE TABLE search_words (
  kind   text NOT NULL,
  -- a word within the text, not its beginning
  later  boolean NOT NULL,
  words  text COLLATE "C" NOT NULL,
  id     text NOT NULL,
  PRIMARY KEY (kind, later, words, id)
);

-- The words of these texts, each with what follows it: at most eight of a text, and 64 characters.
CREATE FUNCTION search_words_of(texts text[]) RETURNS TABLE (later boolean, words text) LANGUAGE sql IMMUTABLE AS $$
  WITH RECURSIVE tails (word, tail) AS (
    SELECT 1, lower(btrim(t)) FROM unnest(texts) t WHERE btrim(t) <> ''
    UNION ALL
    SELECT word + 1, regexp_replace(tail, '^[^\s\-_/.,:;()#+]*[\s\-_/.,:;()#+]+', '') FROM tails
      WHERE word < 8 AND tail ~ '^[^\s\-_/.,:;()#+]*[\s\-_/.,:;()#+]+[^\s\-_/.,:;()#+]'
  )
  SELECT DISTINCT word > 1, left(tail, 64) FROM tails
$$;

-- Arguments: the kind, and the columns that hold its names and codes.
CREATE FUNCTION keep_search_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  IF old_row IS NOT NULL THEN
    DELETE FROM search_words w USING search_words_of(ARRAY(SELECT old_row ->> c FROM unnest(TG_ARGV[1:]) c)) o
      WHERE w.kind = TG_ARGV[0] AND w.later = o.later AND w.words = o.words AND w.id = old_row ->> 'id';
  END IF;
  IF new_row IS NOT NULL THEN
    INSERT INTO search_words SELECT TG_ARGV[0], n.later, n.words, new_row ->> 'id'
      FROM search_words_of(ARRAY(SELECT new_row ->> c FROM unnest(TG_ARGV[1:]) c)) n ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF tracking_number, product_name, reference ON shipments
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('shipment', 'tracking_number', 'product_name', 'reference');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF sku, name, gtin, barcode ON items
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('item', 'sku', 'name', 'gtin', 'barcode');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name ON locations
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('location', 'name');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, plate ON vehicles
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('vehicle', 'name', 'plate');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name ON devices
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('device', 'id', 'name');
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF reference ON orders
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('order', 'reference');

INSERT INTO search_words
  SELECT 'shipment', w.later, w.words, s.id::text FROM shipments s, search_words_of(ARRAY[tracking_number, product_name, reference]) w
  UNION ALL SELECT 'item', w.later, w.words, i.id::text FROM items i, search_words_of(ARRAY[sku, name, gtin, barcode]) w
  UNION ALL SELECT 'location', w.later, w.words, l.id::text FROM locations l, search_words_of(ARRAY[l.name::text]) w
  UNION ALL SELECT 'vehicle', w.later, w.words, v.id::text FROM vehicles v, search_words_of(ARRAY[v.name, plate]) w
  UNION ALL SELECT 'device', w.later, w.words, d.id FROM devices d, search_words_of(ARRAY[d.id, d.name]) w
  UNION ALL SELECT 'order', w.later, w.words, o.id::text FROM orders o, search_words_of(ARRAY[reference]) w;
