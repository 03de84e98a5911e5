-- Up Migration
-- What a piece of an item weighs on one scale, learnt from pieces a person has counted: it holds from `since` on, and
-- readings from before keep the count they had.
CREATE TABLE calibrations (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id          text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  item_id            integer NOT NULL REFERENCES items (id) ON DELETE CASCADE,
  -- the first instant after the newest reading it was learnt from
  since              timestamptz NOT NULL,
  pieces             integer NOT NULL CHECK (pieces > 0),
  unit_weight_grams  double precision NOT NULL CHECK (unit_weight_grams > 0),
  -- standard deviation of the unit weight, as the noise of the readings leaves it
  spread_grams       double precision NOT NULL CHECK (spread_grams >= 0),
  gross_grams        double precision NOT NULL,
  tare_grams         double precision NOT NULL,
  readings           integer NOT NULL,
  actor_id           integer,
  created_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (device_id, item_id, since)
);
CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON calibrations FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
