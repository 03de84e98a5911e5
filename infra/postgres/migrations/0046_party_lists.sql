-- Up Migration
-- Parties are found by their number or address, or by a part of their name (0035 tells why the latter may be refused).
CREATE INDEX parties_reference ON parties (reference) WHERE reference IS NOT NULL;
CREATE INDEX parties_email ON parties (email) WHERE email IS NOT NULL;
-- Limits to owners: all other parties are common to all.
CREATE INDEX parties_not_owner ON parties (id) WHERE NOT roles @> '["owner"]';
DO $$
BEGIN
  CREATE INDEX parties_name ON parties USING gin (lower(name) gin_trgm_ops);
EXCEPTION
  WHEN undefined_object OR feature_not_supported THEN
    RAISE NOTICE 'no index for parts of names: %', SQLERRM;
END $$;
