-- Up Migration
-- One product at one place. quantity, measured_at and source_quantity are the fold of `facts` of subject 'stock:{id}'.
CREATE TABLE inventory_items (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id        integer NOT NULL REFERENCES items (id),
  location_id    integer NOT NULL REFERENCES locations (id),
  owner_id       integer,
  quantity       integer NOT NULL DEFAULT 0,
  reserved       integer NOT NULL DEFAULT 0,
  condition      text NOT NULL DEFAULT 'good',
  reorder_point  integer NOT NULL DEFAULT 0 CHECK (reorder_point >= 0),
  source         text NOT NULL DEFAULT 'ledger' CHECK (source IN ('ledger', 'scale', 'rfid')),
  measured_at    timestamptz,
  -- the fold as of its newest fact, so that the next one in order needs no others
  fold           jsonb,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 0,
  UNIQUE (item_id, location_id)
) WITH (fillfactor = 80);
CREATE INDEX inventory_items_reorder_point ON inventory_items (reorder_point);
CREATE INDEX inventory_items_quantity ON inventory_items (quantity, id);
CREATE INDEX inventory_items_location ON inventory_items (location_id, id);

-- The projection's own updates must not bump the registry: only which positions exist does.
CREATE TRIGGER registry_changed AFTER INSERT OR DELETE ON inventory_items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER registry_changed_source AFTER UPDATE OF source ON inventory_items FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();

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
CREATE INDEX orders_customer_date ON orders (customer_id, order_date);
CREATE INDEX orders_status ON orders (kind, status, id);

CREATE TABLE order_lines (
  order_id   integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  line       integer NOT NULL,
  item_id    integer NOT NULL REFERENCES items (id),
  quantity   integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, line)
);
