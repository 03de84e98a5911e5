-- Up Migration
-- A scan of the customer's reference finds its shipment, and so does a list.
CREATE INDEX shipments_reference ON shipments (reference) WHERE reference IS NOT NULL;
