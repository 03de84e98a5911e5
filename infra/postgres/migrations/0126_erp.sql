-- Up Migration
-- Other systems that hold the same items, orders and stock (ERP): what is known there by which name, and where the two differ.

CREATE TABLE erp_connections (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- begins the ids of what is made there, so that two platforms may use one ERP
  key            text NOT NULL UNIQUE DEFAULT 'ws' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 10),
  name           varchar(255) NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('odoo', 'erpnext', 'generic')),
  url            text NOT NULL,
  database       text,
  -- JSON; one of the two is null. Both: it needs none
  credentials        bytea,
  sealed_credentials bytea,
  options        jsonb NOT NULL DEFAULT '{}',
  enabled        boolean NOT NULL DEFAULT true,
  -- in whose name documents of the ERP become orders and facts here
  api_client_id  integer NOT NULL REFERENCES api_clients (id),
  next_sync_at   timestamptz NOT NULL DEFAULT now(),
  -- looks for what was deleted there in the next pass, however lately it has
  checks_all     boolean NOT NULL DEFAULT false,
  last_synced_at timestamptz,
  -- in words; null: all is well. A connection that was stopped is tried again when it is changed or somebody asks for it
  problem        text,
  failing_since  timestamptz,
  attempts       integer NOT NULL DEFAULT 0,
  is_stopped     boolean NOT NULL DEFAULT false,
  -- the process that works on it, and until when nobody else may
  claim          uuid,
  claimed_until  timestamptz,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 1
);
CREATE INDEX erp_connections_due ON erp_connections (next_sync_at) WHERE enabled AND NOT is_stopped;

-- How far each kind of document was read.
CREATE TABLE erp_cursors (
  connection_id   integer NOT NULL REFERENCES erp_connections (id) ON DELETE CASCADE,
  kind            text NOT NULL,
  -- changes from then on are read, by the clock of the ERP; null: from the beginning
  since           text,
  -- of the pass that is under way: where the next one begins, and the id of the last document that was read
  upto            text,
  after           text,
  is_running      boolean NOT NULL DEFAULT false,
  last_synced_at  timestamptz,
  PRIMARY KEY (connection_id, kind)
);

-- One document on both sides. Made there: it has an external id. Made here: it has a key, by which it is looked up there before it is made.
CREATE TABLE erp_documents (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  connection_id  integer NOT NULL REFERENCES erp_connections (id) ON DELETE CASCADE,
  direction      text NOT NULL CHECK (direction IN ('in', 'out')),
  kind           text NOT NULL CHECK (kind IN ('item', 'location', 'customer', 'supplier', 'sale', 'purchase', 'delivery', 'receipt', 'movement', 'count')),
  local_id       bigint,
  external_id    text,
  -- as people there call it
  number         text,
  key            text,
  -- in: linked, ignored (a person has said so), deleted (there), waiting (for a conflict). out: waiting, sent, failed, reversing, reversed, cancelled
  state          text NOT NULL CHECK (state IN ('linked', 'ignored', 'deleted', 'waiting', 'sent', 'failed', 'reversing', 'reversed', 'cancelled')),
  -- in: what the ERP said when both sides were the same. out: what is sent
  content        jsonb NOT NULL DEFAULT '{}',
  problem        text,
  attempts       integer NOT NULL DEFAULT 0,
  checked_at     timestamptz NOT NULL DEFAULT now(),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  CHECK (num_nonnulls(external_id, key) > 0)
);
CREATE UNIQUE INDEX erp_documents_external ON erp_documents (connection_id, kind, external_id) WHERE direction = 'in';
CREATE UNIQUE INDEX erp_documents_key ON erp_documents (connection_id, key) WHERE key IS NOT NULL;
CREATE INDEX erp_documents_local ON erp_documents (connection_id, kind, local_id);
-- What is to be sent, in order.
CREATE INDEX erp_documents_waiting ON erp_documents (connection_id, id) WHERE direction = 'out' AND state IN ('waiting', 'reversing');
CREATE INDEX erp_documents_checked ON erp_documents (connection_id, checked_at) WHERE direction = 'in' AND state = 'linked';
-- Lists, page by page.
CREATE INDEX erp_documents_list ON erp_documents (connection_id, id);
-- Which connections know an order.
CREATE INDEX erp_documents_order ON erp_documents (local_id) WHERE kind IN ('sale', 'purchase');

-- What of the stock of an item at a place with a warehouse there the ERP was told by movements of its own.
CREATE TABLE erp_levels (
  connection_id  integer NOT NULL REFERENCES erp_connections (id) ON DELETE CASCADE,
  item_id        integer NOT NULL,
  location_id    integer NOT NULL,
  -- the level, without what orders of the ERP have done to it (0127_erp_stock.sql)
  told           bigint NOT NULL,
  -- what documents of its orders have done to it there: received less delivered
  by_orders      bigint NOT NULL DEFAULT 0,
  -- how many movements were made
  movements      integer NOT NULL DEFAULT 0,
  -- what the ERP says, when it was read
  theirs         double precision,
  PRIMARY KEY (connection_id, item_id, location_id)
);

-- What has changed here since the connection was last worked on: a shipment, an order, or the stock of an item.
CREATE TABLE erp_changes (
  connection_id  integer NOT NULL REFERENCES erp_connections (id) ON DELETE CASCADE,
  kind           text NOT NULL CHECK (kind IN ('shipment', 'order', 'item')),
  record_id      bigint NOT NULL,
  PRIMARY KEY (connection_id, kind, record_id)
);

CREATE TABLE erp_conflicts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  connection_id  integer NOT NULL REFERENCES erp_connections (id) ON DELETE CASCADE,
  document_id    bigint REFERENCES erp_documents (id) ON DELETE CASCADE,
  type           text NOT NULL CHECK (type IN ('both_changed', 'deleted_there', 'duplicate', 'unknown_unit', 'unknown_reference', 'unmapped_warehouse',
    'bad_quantity', 'changed_after_shipping', 'level_differs', 'refused', 'not_possible')),
  kind           text NOT NULL,
  local_id       bigint,
  external_id    text,
  -- what it is about, such as the field, or item and place
  subject        text NOT NULL DEFAULT '',
  message        text NOT NULL,
  ours           jsonb NOT NULL DEFAULT 'null',
  theirs         jsonb NOT NULL DEFAULT 'null',
  state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
  -- null: it has gone by itself
  kept           text CHECK (kept IN ('ours', 'theirs')),
  resolved_by    integer,
  resolved_at    timestamptz,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX erp_conflicts_open ON erp_conflicts (connection_id, kind, coalesce(external_id, ''), coalesce(local_id, 0), type, subject) WHERE state = 'open';
CREATE INDEX erp_conflicts_document ON erp_conflicts (document_id);
CREATE INDEX erp_conflicts_connection ON erp_conflicts (connection_id, id);
