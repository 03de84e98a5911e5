-- Up Migration
-- Imports of CSV and JSON: what was sent, how far it has come, and what was wrong with it.

CREATE TABLE imports (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind               text NOT NULL,
  -- `running` of one whose process has died: `alive_at` grows old, and it is shown as interrupted
  state              text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'interrupted')),
  dry_run            boolean NOT NULL,
  file_name          text,
  format             jsonb NOT NULL,
  -- bytes of the file, and how many of them have been read
  size_bytes         bigint NOT NULL,
  read_bytes         bigint NOT NULL DEFAULT 0,
  -- rows: created, updated, unchanged and refused together
  rows               integer NOT NULL DEFAULT 0,
  created            integer NOT NULL DEFAULT 0,
  updated            integer NOT NULL DEFAULT 0,
  unchanged          integer NOT NULL DEFAULT 0,
  refused            integer NOT NULL DEFAULT 0,
  -- why nothing more was read, of one that failed
  problem            text,
  -- for people: `user:7`, as in the audit
  actor              text NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  alive_at           timestamptz NOT NULL DEFAULT now(),
  ended_at           timestamptz
);

-- What is wrong with which row: the first thousand of an import.
CREATE TABLE import_errors (
  import_id  integer NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  place      integer NOT NULL,
  line       integer NOT NULL,
  field      text,
  message    text NOT NULL,
  PRIMARY KEY (import_id, place)
);

-- Rows of a file name these by their names.
CREATE INDEX locations_named ON locations (name);
CREATE INDEX parties_named ON parties (name);
CREATE INDEX orders_reference ON orders (reference) WHERE reference IS NOT NULL;

-- Every new item looks for its codes among the packs of all others. The list of entries that are not sorted in yet would be read whole
-- each time, and an import makes it long.
ALTER INDEX items_packs SET (fastupdate = off);
