-- Up Migration
-- Single pieces with a serial number: where each is, from scans of its barcode and from reads of its tag.

-- One piece of an item, by GTIN and serial (AI 01 and 21, or an SGTIN). Scans and reads are kept apart, so that each is the
-- fold of its own facts; where the piece is follows from the later of the two.
CREATE TABLE serials (
  id                    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id               integer NOT NULL REFERENCES items (id) ON DELETE CASCADE,
  -- fourteen digits
  gtin                  text NOT NULL,
  serial                text NOT NULL,
  lot                   text,
  -- of its tag, once that was read
  epc                   text,
  scanned_state         text CHECK (scanned_state IN ('there', 'picked')),
  scanned_location_id   integer,
  scanned_at            timestamptz,
  read_state            text CHECK (read_state IN ('there', 'left', 'unseen', 'aboard')),
  read_location_id      integer,
  read_vehicle_id       integer,
  read_at               timestamptz,
  -- there: at the location; picked: taken from it by a person; left: read going out of it; unseen: no longer read there; aboard: on a vehicle
  state                 text GENERATED ALWAYS AS (
    CASE WHEN scanned_at IS NULL OR read_at > scanned_at THEN read_state ELSE scanned_state END) STORED,
  -- where it is, or was last
  location_id           integer GENERATED ALWAYS AS (
    CASE WHEN scanned_at IS NULL OR read_at > scanned_at THEN coalesce(read_location_id, scanned_location_id)
      ELSE coalesce(scanned_location_id, read_location_id) END) STORED,
  vehicle_id            integer GENERATED ALWAYS AS (
    CASE WHEN scanned_at IS NULL OR read_at > scanned_at THEN read_vehicle_id END) STORED,
  -- since when
  since                 timestamptz GENERATED ALWAYS AS (greatest(scanned_at, read_at)) STORED,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  version               bigint NOT NULL DEFAULT 1,
  UNIQUE (gtin, serial)
) WITH (fillfactor = 80);
-- The pieces of an item, of a location and of a lot, page by page.
CREATE INDEX serials_item ON serials (item_id, id);
CREATE INDEX serials_location ON serials (location_id, id);
CREATE INDEX serials_lot ON serials (lot, id) WHERE lot IS NOT NULL;
-- What was picked, has left or is aboard.
CREATE INDEX serials_state ON serials (state, id);
-- A serial alone, as it is printed on the piece, finds it.
CREATE INDEX serials_serial ON serials (serial);
