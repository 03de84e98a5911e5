-- Up Migration
-- Pictures and files of things. They lie in Postgres, so that one backup holds everything.

CREATE TABLE attachments (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id      integer REFERENCES items ON DELETE CASCADE,
  location_id  integer REFERENCES locations ON DELETE CASCADE,
  party_id     integer REFERENCES parties ON DELETE CASCADE,
  shipment_id  integer REFERENCES shipments ON DELETE CASCADE,
  vehicle_id   integer REFERENCES vehicles ON DELETE CASCADE,
  name         text NOT NULL CHECK (name <> ''),
  -- as the content shows it
  media_type   text NOT NULL,
  size_bytes   integer NOT NULL CHECK (size_bytes > 0),
  sha256       bytea NOT NULL,
  -- who added it, as in the audit
  added_by     text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  CHECK (num_nonnulls(item_id, location_id, party_id, shipment_id, vehicle_id) = 1)
);
CREATE INDEX attachments_item ON attachments (item_id, id) WHERE item_id IS NOT NULL;
CREATE INDEX attachments_location ON attachments (location_id, id) WHERE location_id IS NOT NULL;
CREATE INDEX attachments_party ON attachments (party_id, id) WHERE party_id IS NOT NULL;
CREATE INDEX attachments_shipment ON attachments (shipment_id, id) WHERE shipment_id IS NOT NULL;
CREATE INDEX attachments_vehicle ON attachments (vehicle_id, id) WHERE vehicle_id IS NOT NULL;

-- The content, in pieces: it is written and read piece by piece, so that a large file takes no more memory than a small one.
CREATE TABLE attachment_pieces (
  attachment_id  integer NOT NULL REFERENCES attachments ON DELETE CASCADE,
  -- 0, 1, …
  place          integer NOT NULL,
  bytes          bytea NOT NULL,
  PRIMARY KEY (attachment_id, place)
);
-- Pictures and PDFs are compressed already.
ALTER TABLE attachment_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;
