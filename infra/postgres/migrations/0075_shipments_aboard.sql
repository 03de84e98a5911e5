-- Up Migration
-- Shipments of products that a vehicle carries to a place: their arrivals are estimated, page by page. One that no vehicle carries has
-- no estimate.
CREATE INDEX shipments_aboard ON shipments (id) INCLUDE (vehicle_id)
  WHERE item_id IS NOT NULL AND destination_id IS NOT NULL AND vehicle_id IS NOT NULL AND status NOT IN ('delivered', 'returned', 'cancelled');
DELETE FROM arrival_estimates a USING shipments s WHERE s.id = a.shipment_id AND s.vehicle_id IS NULL;
