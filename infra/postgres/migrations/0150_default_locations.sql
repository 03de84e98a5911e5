-- Up Migration
-- Where goods are of which only the stage is told. The API makes one location for each stage when it starts for the first time; a row
-- whose location was deleted stays, so that it is not made again.
CREATE TABLE default_locations (
  stage        text PRIMARY KEY CHECK (stage IN ('production', 'storage', 'transportation', 'delivery')),
  location_id  integer REFERENCES locations (id) ON DELETE SET NULL
);
CREATE INDEX default_locations_location ON default_locations (location_id);
