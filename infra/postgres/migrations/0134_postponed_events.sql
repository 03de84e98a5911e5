-- Up Migration
-- A row of the outbox that cannot be told waits, and holds up no other.
ALTER TABLE outbox ADD COLUMN postponed_until timestamptz;
