-- Up Migration
-- Stock positions, tagged units, cycle counts and orders.

-- The stock position of one item at one location. quantity, measured_at and fold are the fold of the position's facts.
CREATE TABLE inventory_items (
  id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id           integer NOT NULL REFERENCES items (id),
  location_id       integer NOT NULL REFERENCES locations (id),
  owner_id          integer,
  quantity          integer NOT NULL DEFAULT 0,
  reserved          integer NOT NULL DEFAULT 0,
  condition         text NOT NULL DEFAULT 'good',
  reorder_point     integer NOT NULL DEFAULT 0 CHECK (reorder_point >= 0),
  -- the source whose counts are the level
  source            text NOT NULL DEFAULT 'ledger' CHECK (source IN ('ledger', 'scale', 'rfid')),
  measured_at       timestamptz,
  -- the state after the newest fact, so that the next fact in order needs no earlier ones
  fold              jsonb,
  -- since when (epoch milliseconds) a source disagrees with the level; null for nearly all positions, so that updates
  -- rarely touch the index
  differs_since_ms  bigint GENERATED ALWAYS AS ((fold ->> 'differsSince')::bigint) STORED,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  version           bigint NOT NULL DEFAULT 0,
  UNIQUE (item_id, location_id)
) WITH (fillfactor = 80);
-- Positions by reorder point.
CREATE INDEX inventory_items_reorder_point ON inventory_items (reorder_point);
-- GET /inventory-items?quantity=10: at most so many.
CREATE INDEX inventory_items_quantity ON inventory_items (quantity, id);
-- The stock of a location, page by page.
CREATE INDEX inventory_items_location ON inventory_items (location_id, id);
-- Reconciliation finds positions whose sources have disagreed for long.
CREATE INDEX inventory_items_differs_since ON inventory_items (differs_since_ms) WHERE differs_since_ms IS NOT NULL;
-- The registry holds which positions exist, not their levels: those change with every batch.
CREATE TRIGGER registry_changed AFTER INSERT OR DELETE ON inventory_items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed_source AFTER UPDATE OF source ON inventory_items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

-- When a tagged unit of an item was at which location; a null to_at: it still is. This is the fold of the tag's facts. The
-- count of an item at a location at a time is the number of dwells that hold then.
CREATE TABLE unit_dwells (
  epc             text NOT NULL,
  item_id         integer NOT NULL,
  location_id     integer NOT NULL,
  from_at         timestamptz NOT NULL,
  to_at           timestamptz,
  -- keys of the facts that began and ended it
  arrival_fact    text NOT NULL,
  departure_fact  text,
  PRIMARY KEY (epc, from_at)
);
-- The units of an item at a location.
CREATE INDEX unit_dwells_place ON unit_dwells (item_id, location_id, from_at);

-- A request to count one stock position, because its sources disagree or because a person asked for it.
CREATE TABLE cycle_counts (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id) ON DELETE CASCADE,
  -- agreed: the sources agree again, nobody had to count
  state              text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'counted', 'agreed')),
  reason             text NOT NULL CHECK (reason IN ('disagreement', 'asked')),
  -- the source that is probably wrong
  suspect            text CHECK (suspect IN ('ledger', 'scale', 'rfid')),
  -- the count of each source when the cycle count was opened: {"ledger", "scale", "rfid"}
  source_counts      jsonb NOT NULL DEFAULT '{}',
  differs_since      timestamptz,
  counted_quantity   integer,
  actor_id           integer,
  opened_at          timestamptz NOT NULL DEFAULT now(),
  closed_at          timestamptz,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1
);
-- At most one open count per stock position.
CREATE UNIQUE INDEX cycle_counts_open ON cycle_counts (inventory_item_id) WHERE state = 'open';

CREATE TABLE orders (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('customer', 'restock')),
  status       text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'approved', 'sent', 'partial', 'received', 'closed', 'cancelled')),
  customer_id  integer,
  supplier_id  integer,
  location_id  integer REFERENCES locations (id),
  reference    text,
  order_date   timestamptz NOT NULL DEFAULT now(),
  created_by   integer REFERENCES users (id),
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1
);
-- The orders of a customer by date.
CREATE INDEX orders_customer_date ON orders (customer_id, order_date);
-- Lists by kind and status, page by page.
CREATE INDEX orders_status ON orders (kind, status, id);

CREATE TABLE order_lines (
  order_id   integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  line       integer NOT NULL,
  item_id    integer NOT NULL REFERENCES items (id),
  quantity   integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, line)
);
