-- Up Migration
-- A customer's order is picked, packed and shipped; which status may follow which, the API says.
ALTER TABLE orders DROP CONSTRAINT orders_status_check;
ALTER TABLE orders ADD CONSTRAINT orders_status_check
  CHECK (status IN ('draft', 'approved', 'sent', 'picking', 'packed', 'shipped', 'partial', 'received', 'closed', 'cancelled'));
