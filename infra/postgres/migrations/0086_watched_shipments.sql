-- Up Migration
-- Shipments that set limits of temperature, humidity or shock, or are of high value: the readings about them are followed.
CREATE INDEX shipments_watched ON shipments (id)
  WHERE (conditions IS NOT NULL OR profiles @> '{high_value}') AND status NOT IN ('delivered', 'returned', 'cancelled');
-- The devices mounted on a shipment itself, now or before.
CREATE INDEX device_mounts_shipment ON device_mounts (((mount ->> 'shipment_id')::integer)) WHERE mount ? 'shipment_id';
-- Lists by profile, page by page: an array index would have to be written with every change of a shipment.
DROP INDEX shipments_profiles;
CREATE INDEX shipments_time_sensitive ON shipments (id) WHERE profiles @> '{time_sensitive}';
CREATE INDEX shipments_high_value ON shipments (id) WHERE profiles @> '{high_value}';
CREATE INDEX shipments_cold_chain ON shipments (id) WHERE profiles @> '{cold_chain}';
