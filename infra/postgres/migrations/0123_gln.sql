-- Up Migration
-- The number by which partners know a place (GS1 GLN, 13 digits): events about it name it so.

ALTER TABLE locations ADD COLUMN gln text CHECK (gln ~ '^[0-9]{13}$');
CREATE UNIQUE INDEX locations_gln ON locations (gln);
