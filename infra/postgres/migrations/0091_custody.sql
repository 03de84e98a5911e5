-- Up Migration
-- The custody log: in whose hands a shipment was, entry by entry. Nothing is rewritten: what turns out to have been otherwise is a
-- new entry that names the first one. Each entry has the hash of the one before it (ingest/decisions/custody.ts).

CREATE TABLE custody_entries (
  shipment_id     integer NOT NULL REFERENCES shipments (id),
  -- 1, 2, … without gaps
  position        integer NOT NULL CHECK (position > 0),
  -- of the entry that this one corrects or withdraws; its own for one that tells something new
  first_position  integer NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('recorded', 'corrected', 'withdrawn')),
  -- the fact behind it, by its stable key, with the type of the event
  event_key       text NOT NULL,
  -- what was hashed, letter by letter
  content         json NOT NULL,
  -- SHA-256 of the entry before, of the shipment's first entry: of no bytes
  prev_hash       bytea NOT NULL,
  -- SHA-256 of prev_hash in hexadecimal digits, a line feed, and content
  hash            bytea NOT NULL,
  PRIMARY KEY (shipment_id, position),
  CHECK ((kind = 'recorded') = (first_position = position))
);

CREATE FUNCTION custody_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the custody log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER custody_append_only BEFORE UPDATE OR DELETE ON custody_entries
  FOR EACH ROW EXECUTE FUNCTION custody_append_only();
CREATE TRIGGER custody_no_truncate BEFORE TRUNCATE ON custody_entries
  FOR EACH STATEMENT EXECUTE FUNCTION custody_append_only();

-- Where the log of a shipment ends. Shipments of earlier versions get theirs from a worker (ingest/reprocessing/custody-start.ts).
CREATE TABLE custody_heads (
  shipment_id  integer PRIMARY KEY REFERENCES shipments (id),
  position     integer NOT NULL,
  hash         bytea NOT NULL,
  -- of what the log says in all: a fold that says the same writes nothing
  digest       text NOT NULL
) WITH (fillfactor = 50);
