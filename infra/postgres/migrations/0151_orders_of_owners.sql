-- Up Migration
-- Who is limited to owners sees the orders of their goods.
CREATE INDEX orders_owner ON orders (owner_id, id) WHERE owner_id IS NOT NULL;
