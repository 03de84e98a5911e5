-- Up Migration
-- The way that a shipment of high value is to take: {"type": "LineString", "coordinates": [[lon, lat], …], "width_m"}.
ALTER TABLE shipments ADD COLUMN route jsonb;
