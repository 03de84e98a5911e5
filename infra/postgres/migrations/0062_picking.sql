-- Up Migration
-- Pick lists, what was picked for which line from where, and what it was packed into.

-- What was taken from a stock position for a line of an order, less what was put back.
CREATE TABLE picks (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id           integer NOT NULL,
  line               integer NOT NULL,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id),
  quantity           integer NOT NULL CHECK (quantity >= 0),
  picked_at          timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (order_id, line) REFERENCES order_lines (order_id, line)
);
CREATE INDEX picks_line ON picks (order_id, line);

CREATE TABLE pick_lists (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'cancelled')),
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  version     bigint NOT NULL DEFAULT 1
);
CREATE INDEX pick_lists_status ON pick_lists (status, id);

-- What to take where, for which line, in walking order.
CREATE TABLE pick_tasks (
  pick_list_id       integer NOT NULL REFERENCES pick_lists (id),
  task               integer NOT NULL,
  order_id           integer NOT NULL,
  line               integer NOT NULL,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id),
  quantity           integer NOT NULL CHECK (quantity > 0),
  picked             integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
  -- what was not there, or is not wanted any more, and why
  short              integer NOT NULL DEFAULT 0 CHECK (short >= 0),
  reason             text,
  PRIMARY KEY (pick_list_id, task),
  CHECK (picked + short <= quantity),
  FOREIGN KEY (order_id, line) REFERENCES order_lines (order_id, line)
);
-- What is still to be picked of a line.
CREATE INDEX pick_tasks_open ON pick_tasks (order_id, line, inventory_item_id) WHERE picked + short < quantity;

-- The pick lists of a place.
CREATE INDEX pick_tasks_position ON pick_tasks (inventory_item_id, pick_list_id);

-- A box or pallet that goods of an order are packed into. It belongs to a shipment once it is shipped.
CREATE TABLE order_units (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id     integer NOT NULL REFERENCES orders (id),
  sscc         text CHECK (sscc ~ '^\d{18}$'),
  -- [{"line", "item_id", "quantity"}]
  contents     jsonb NOT NULL,
  shipment_id  integer REFERENCES shipments (id),
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1
);
CREATE INDEX order_units_order ON order_units (order_id, id);
-- Two units that are not shipped yet do not share a number.
CREATE UNIQUE INDEX order_units_packed ON order_units (sscc) WHERE shipment_id IS NULL;
