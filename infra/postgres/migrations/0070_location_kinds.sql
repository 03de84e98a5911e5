-- Up Migration
-- What a place is for, and which goods may lie there: goods are put away by both.

ALTER TABLE locations
  ADD COLUMN kind              text CHECK (kind IN ('receiving', 'quality', 'storage', 'picking', 'shipping', 'shop_floor')),
  -- in small letters; of one without, that of the nearest location above counts
  ADD COLUMN storage_category  text CHECK (storage_category <> '');
-- Lists by kind.
CREATE INDEX locations_kind ON locations (kind, id) WHERE kind IS NOT NULL;

-- What the goods need. Compared with that of a place.
ALTER TABLE items ADD COLUMN storage_category text CHECK (storage_category <> '');
