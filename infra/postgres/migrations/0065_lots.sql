-- Up Migration
-- Lots beside the ledger: what of a stock position is of which lot, and where a lot was.

-- A lot (batch) of an item. Scans, receipts and the contents of shipments make it when they first name it.
CREATE TABLE lots (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id            integer NOT NULL REFERENCES items (id),
  -- GS1 AI 10; capitals matter
  number             text NOT NULL CHECK (number <> ''),
  -- the last day on which it may be used
  expires_on         date,
  -- whether a person has said the date: labels do not change it then
  is_expiry_stated   boolean NOT NULL DEFAULT false,
  -- who it was received from
  supplier_id        integer REFERENCES parties (id),
  -- what must be so before it is released from a hold
  release_condition  text,
  -- since when it is on hold, and why
  held_at            timestamptz,
  hold_reason        text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1,
  UNIQUE (item_id, number),
  CHECK ((held_at IS NULL) = (hold_reason IS NULL))
);
-- What expires next.
CREATE INDEX lots_expiry ON lots (expires_on, id) WHERE expires_on IS NOT NULL;
-- Lots by how their number begins.
CREATE INDEX lots_number ON lots (lower(number) text_pattern_ops, id);
-- The lots on hold, whose goods are moved out of what is available.
CREATE INDEX lots_held ON lots (id) WHERE held_at IS NOT NULL;

-- Who held a lot and who released it, and why.
CREATE TABLE lot_holds (
  id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lot_id          integer NOT NULL REFERENCES lots (id) ON DELETE CASCADE,
  reason          text NOT NULL,
  held_at         timestamptz NOT NULL DEFAULT now(),
  held_by         integer,
  release_reason  text,
  released_at     timestamptz,
  released_by     integer
);
-- At most one hold of a lot is open.
CREATE UNIQUE INDEX lot_holds_open ON lot_holds (lot_id) WHERE released_at IS NULL;
-- The holds of a lot.
CREATE INDEX lot_holds_lot ON lot_holds (lot_id, id);

-- How much of a stock position is known to be of which lot: the fold of its facts. What is left of the level has no lot that
-- is known.
CREATE TABLE stock_lots (
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id) ON DELETE CASCADE,
  item_id            integer NOT NULL,
  lot                text NOT NULL,
  quantity           integer NOT NULL CHECK (quantity > 0),
  -- when the first of it came
  since              timestamptz NOT NULL,
  PRIMARY KEY (inventory_item_id, lot)
);
-- Where a lot is.
CREATE INDEX stock_lots_lot ON stock_lots (item_id, lot, inventory_item_id);

-- What each fact changed the quantity of a lot at a stock position by; the quantity is the sum of `delta`.
CREATE TABLE lot_movements (
  -- of its fact
  id                 bigint NOT NULL,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id) ON DELETE CASCADE,
  item_id            integer NOT NULL,
  lot                text NOT NULL,
  at                 timestamptz NOT NULL,
  delta              integer NOT NULL,
  -- afterwards
  quantity           integer NOT NULL CHECK (quantity >= 0),
  PRIMARY KEY (id, lot)
);
-- Where a lot was, and its history page by page.
CREATE INDEX lot_movements_lot ON lot_movements (item_id, lot, id);
-- A position that is folded again writes its movements anew.
CREATE INDEX lot_movements_position ON lot_movements (inventory_item_id, id);

-- What of a shipment's goods is of which lot. What is in its handling units follows from their contents.
CREATE TABLE shipment_lots (
  id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id       integer NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
  handling_unit_id  integer REFERENCES handling_units (id) ON DELETE CASCADE,
  item_id           integer NOT NULL REFERENCES items (id),
  lot               text NOT NULL,
  quantity          integer NOT NULL CHECK (quantity > 0)
);
-- The lots of a shipment, page by page; each once, and once in each of its units.
CREATE INDEX shipment_lots_shipment ON shipment_lots (shipment_id, id);
CREATE UNIQUE INDEX shipment_lots_place ON shipment_lots (shipment_id, item_id, lot, coalesce(handling_unit_id, 0));
-- The shipments that carried a lot.
CREATE INDEX shipment_lots_lot ON shipment_lots (item_id, lot, shipment_id);
-- The lots in a handling unit.
CREATE INDEX shipment_lots_unit ON shipment_lots (handling_unit_id) WHERE handling_unit_id IS NOT NULL;

-- Whoever packs a unit need not know that recalls read the lots of its contents from elsewhere.
CREATE FUNCTION lots_of_handling_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM public.shipment_lots WHERE handling_unit_id = NEW.id;
  INSERT INTO public.shipment_lots (shipment_id, handling_unit_id, item_id, lot, quantity)
    SELECT NEW.shipment_id, NEW.id, (c ->> 'item_id')::integer, c ->> 'lot', sum((c ->> 'quantity')::integer)
    FROM jsonb_array_elements(NEW.contents) c WHERE c ? 'lot' GROUP BY 3, 4 ORDER BY 3, 4;
  RETURN NULL;
END $$;
CREATE TRIGGER lots_of_new_unit AFTER INSERT ON handling_units
  FOR EACH ROW WHEN (NEW.contents <> '[]') EXECUTE FUNCTION lots_of_handling_unit();
CREATE TRIGGER lots_of_changed_unit AFTER UPDATE OF contents, shipment_id ON handling_units
  FOR EACH ROW EXECUTE FUNCTION lots_of_handling_unit();
