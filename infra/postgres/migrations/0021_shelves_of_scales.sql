-- Up Migration
-- The scale whose mounting made the stock position; null once a person has added it too. Such a position goes with its
-- scale if nothing was ever counted there.
ALTER TABLE inventory_items ADD COLUMN made_for text;
