-- Up Migration
-- What a card that belongs to no driver is called. Whoever knows its whole number can print one, so people are shown its end, at most a
-- third of it. The same as cardName in ingest/domain/vehicle/card-name.ts.
CREATE FUNCTION card_name(token text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$SELECT 'card …' || right(token, least(4, length(token) / 3))$$;
