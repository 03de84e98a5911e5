-- Up Migration
-- Orders that move goods: to customers, between our own places, and back to us.

ALTER TABLE orders DROP CONSTRAINT orders_kind_check;
ALTER TABLE orders ADD CONSTRAINT orders_kind_check CHECK (kind IN ('customer', 'restock', 'transfer', 'return'));
-- Where the goods come from and go to. location_id is the one of the two where the order is worked on first.
ALTER TABLE orders
  ADD COLUMN ship_from_id  integer REFERENCES locations (id),
  ADD COLUMN ship_to_id    integer REFERENCES locations (id),
  -- whose goods; null: goods that have no owner
  ADD COLUMN owner_id      integer;
UPDATE orders SET ship_from_id = location_id WHERE kind = 'customer';
UPDATE orders SET ship_to_id = location_id WHERE kind = 'restock';
-- The orders of a place.
CREATE INDEX orders_ship_from ON orders (ship_from_id, id) WHERE ship_from_id IS NOT NULL;
CREATE INDEX orders_ship_to ON orders (ship_to_id, id) WHERE ship_to_id IS NOT NULL;

-- What has become of each line, in base units. `reserved` is what is held now; the others only grow, unless goods are put back.
ALTER TABLE order_lines
  ADD COLUMN reserved  integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  ADD COLUMN picked    integer NOT NULL DEFAULT 0,
  ADD COLUMN packed    integer NOT NULL DEFAULT 0,
  ADD COLUMN shipped   integer NOT NULL DEFAULT 0 CHECK (shipped >= 0),
  -- of what was received: what is not good
  ADD COLUMN damaged   integer NOT NULL DEFAULT 0 CHECK (damaged >= 0),
  ADD COLUMN scrapped  integer NOT NULL DEFAULT 0 CHECK (scrapped >= 0),
  -- of what was shipped: what was said not to have arrived
  ADD COLUMN missing   integer NOT NULL DEFAULT 0 CHECK (missing >= 0),
  ADD CHECK (shipped <= packed AND packed <= picked),
  ADD CHECK (reserved::bigint + picked + cancelled <= quantity);
