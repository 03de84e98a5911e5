-- Up Migration
-- With which role and limits an answer was given that is kept for repeats: to other rights it is not shown again. Null: not
-- known, from before.
ALTER TABLE idempotency_keys ADD COLUMN rights text;
