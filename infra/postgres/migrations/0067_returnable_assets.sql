-- Up Migration
-- Returnable assets: pallets, crates and containers that go to parties and come back.

CREATE TABLE asset_types (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- of the type, without serial: thirteen digits
  grai         text UNIQUE CHECK (grai ~ '^\d{13}$'),
  name         text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('pallet', 'crate', 'container', 'other')),
  -- of one
  value_cents  bigint CHECK (value_cents >= 0),
  currency     text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1
);

-- What was given to a party, and what came back. The balance of a party is their sum.
CREATE TABLE asset_movements (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  asset_type_id  integer NOT NULL REFERENCES asset_types (id),
  party_id       integer NOT NULL REFERENCES parties (id),
  -- given to the party (positive) or returned by it (negative)
  quantity       integer NOT NULL CHECK (quantity <> 0),
  -- the serials of those that have one; the others have none
  serials        jsonb NOT NULL DEFAULT '[]',
  at             timestamptz NOT NULL,
  -- our place that they left or came to
  location_id    integer REFERENCES locations (id),
  shipment_id    integer REFERENCES shipments (id),
  reference      text,
  -- the movement that this one takes back
  reverses       integer UNIQUE REFERENCES asset_movements (id),
  actor_id       integer,
  recorded_at    timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 1
);
-- The movements of a party and of a type, page by page, and their sums.
CREATE INDEX asset_movements_party ON asset_movements (party_id, asset_type_id, id) INCLUDE (quantity);
CREATE INDEX asset_movements_type ON asset_movements (asset_type_id, id);
-- What left or came to a location.
CREATE INDEX asset_movements_location ON asset_movements (location_id, id) WHERE location_id IS NOT NULL;
-- What went with a shipment.
CREATE INDEX asset_movements_shipment ON asset_movements (shipment_id, id) WHERE shipment_id IS NOT NULL;

-- One asset with a serial of its own, and who has it.
CREATE TABLE assets (
  asset_type_id  integer NOT NULL REFERENCES asset_types (id),
  serial         text NOT NULL,
  -- null: it is with us
  party_id       integer REFERENCES parties (id),
  since          timestamptz NOT NULL,
  movement_id    integer NOT NULL REFERENCES asset_movements (id),
  PRIMARY KEY (asset_type_id, serial)
);
