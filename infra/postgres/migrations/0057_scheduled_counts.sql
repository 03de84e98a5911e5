-- Up Migration
-- Counts by schedule: what is worth most, and moves most, is counted most often.

ALTER TABLE cycle_counts DROP CONSTRAINT cycle_counts_reason_check;
ALTER TABLE cycle_counts ADD CONSTRAINT cycle_counts_reason_check CHECK (reason IN ('disagreement', 'asked', 'scheduled', 'overdrawn',
  'overflow', 'below_tare', 'odd_weight', 'unsettled', 'zero_off', 'retared', 'reader_silent'));
-- When a position was last counted.
CREATE INDEX cycle_counts_position ON cycle_counts (inventory_item_id, closed_at) WHERE state = 'counted';
