-- Up Migration
-- People void facts that are wrong: the wrong tag, truck, sensor or person. A void is a fact of its own, of the subject
-- 'fact:{id}'. A fact that is void stays void when its readings are derived again; people may take the void back.

ALTER TABLE facts
  -- the fact of type 'void' that holds; then withdrawn_at is set too
  ADD COLUMN voided_by bigint,
  -- of a fact that is void: its readings, derived again, do not give it any longer either
  ADD COLUMN retracted boolean NOT NULL DEFAULT false;
-- Facts that are derived again are looked up among these: there are few.
CREATE INDEX facts_voided ON facts (key) WHERE voided_by IS NOT NULL;
-- The voids in the history of a shipment.
CREATE INDEX facts_voids ON facts (((data ->> 'shipmentId')::int)) WHERE type = 'void';
-- What a void has taken away.
CREATE INDEX facts_voided_by ON facts (voided_by) WHERE voided_by IS NOT NULL;
