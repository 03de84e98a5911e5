-- Up Migration
-- What is printed on the label of a place: a scan finds the place by it.

ALTER TABLE locations ADD COLUMN barcode text CHECK (barcode <> '');
CREATE UNIQUE INDEX locations_barcode ON locations (barcode);

-- No location has a barcode yet, so the words that are kept stay right.
DROP TRIGGER search_words ON locations;
CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, barcode ON locations
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('location', 'name', 'barcode');
