-- Up Migration
-- Shipments that set limits of temperature, humidity or shock: their probes' readings are followed.
CREATE INDEX shipments_watched ON shipments (id)
  WHERE conditions IS NOT NULL AND status NOT IN ('delivered', 'returned', 'cancelled');
-- The devices mounted on a shipment itself, now or before.
CREATE INDEX device_mounts_shipment ON device_mounts (((mount ->> 'shipment_id')::integer)) WHERE mount ? 'shipment_id';
