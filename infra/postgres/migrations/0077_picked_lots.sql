-- Up Migration
-- Of which lots the goods are that an order takes along: those of the fact that took them from their place.
ALTER TABLE picks
  -- null: picked before this was kept
  ADD COLUMN fact_key  text,
  -- what of it has left with a shipment; the oldest picks leave first
  ADD COLUMN shipped   integer NOT NULL DEFAULT 0 CHECK (shipped >= 0);
