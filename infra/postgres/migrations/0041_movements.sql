-- Up Migration
-- The ledger of stock, and positions by owner and condition.

-- What each fact changed the level of a stock position by. The level is the sum of `delta`.
CREATE TABLE movements (
  -- of its fact; what was there before there were movements has a number of its own
  id                 bigint PRIMARY KEY,
  inventory_item_id  integer NOT NULL,
  at                 timestamptz NOT NULL,
  delta              integer NOT NULL,
  -- afterwards
  level              integer NOT NULL CHECK (level >= 0),
  -- what could not be taken (negative) or put (positive)
  unfit              integer NOT NULL DEFAULT 0
);
-- The movements of a position, page by page, and their sum.
CREATE INDEX movements_position ON movements (inventory_item_id, id);

-- Levels of before begin with one movement; when a position is folded again, those of its facts replace it.
INSERT INTO movements (id, inventory_item_id, at, delta, level)
  SELECT nextval(pg_get_serial_sequence('facts', 'id')), id, coalesce(measured_at, updated_at), quantity, quantity
  FROM inventory_items WHERE quantity > 0 ORDER BY id;

-- The last comparison of all levels with the sums of their movements.
CREATE TABLE ledger_checks (
  -- allows one row only
  singleton    boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  checked_at   timestamptz NOT NULL,
  positions    integer NOT NULL,
  -- positions whose level is not the sum: the number, and the first of them
  different    integer NOT NULL,
  examples     integer[] NOT NULL DEFAULT '{}'
);

-- Goods of each owner, and damaged goods or goods on hold, are positions of their own. One position of an item at a location
-- is the one that sensors and scanners count: the first that was good.
ALTER TABLE inventory_items DROP CONSTRAINT inventory_items_item_id_location_id_key;
ALTER TABLE inventory_items
  ADD COLUMN is_main boolean NOT NULL DEFAULT true,
  ADD CHECK (condition IN ('good', 'damaged', 'hold'));
CREATE UNIQUE INDEX inventory_items_main ON inventory_items (item_id, location_id) WHERE is_main;
CREATE UNIQUE INDEX inventory_items_place ON inventory_items (item_id, location_id, coalesce(owner_id, 0), condition);

-- Goods that cannot be sold are not low.
ALTER TABLE inventory_items DROP COLUMN is_low;
ALTER TABLE inventory_items ADD COLUMN is_low boolean GENERATED ALWAYS AS
  (measured_at IS NOT NULL AND condition = 'good' AND greatest(quantity, 0) - reserved <= reorder_point) STORED;
CREATE INDEX inventory_items_low ON inventory_items (id) WHERE is_low;

-- More was put than can be counted: a person must look.
ALTER TABLE cycle_counts DROP CONSTRAINT cycle_counts_reason_check;
ALTER TABLE cycle_counts ADD CONSTRAINT cycle_counts_reason_check CHECK (reason IN ('disagreement', 'asked', 'overdrawn', 'overflow',
  'below_tare', 'odd_weight', 'unsettled', 'zero_off', 'retared', 'reader_silent'));
