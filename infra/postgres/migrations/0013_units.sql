-- Up Migration
-- From when to when (null: still) a tagged unit of an item was where: the fold of its tag's facts. How many there are of
-- an item at a place at any time is how many stays hold then.
CREATE TABLE unit_stays (
  epc          text NOT NULL,
  item_id      integer NOT NULL,
  location_id  integer NOT NULL,
  from_at      timestamptz NOT NULL,
  to_at        timestamptz,
  -- keys of the facts that began and ended it
  came_by      text NOT NULL,
  left_by      text,
  PRIMARY KEY (epc, from_at)
);
CREATE INDEX unit_stays_place ON unit_stays (item_id, location_id, from_at);
