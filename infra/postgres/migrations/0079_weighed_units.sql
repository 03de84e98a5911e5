-- Up Migration
-- Boxes and pallets are weighed when they are packed.

ALTER TABLE order_units
  -- gross, as a person or a scale has told; null: not weighed
  ADD COLUMN weight_grams          double precision CHECK (weight_grams > 0),
  -- of the empty box or pallet
  ADD COLUMN packaging_grams       double precision CHECK (packaging_grams >= 0),
  -- what it should weigh with its packaging; null: of one of its items the unit weight is not known
  ADD COLUMN expected_weight_grams double precision,
  -- the scale that told the weight, and when it measured it
  ADD COLUMN scale_id              text REFERENCES devices (id),
  ADD COLUMN weighed_at            timestamptz,
  -- why it was packed with a weight that differs
  ADD COLUMN weight_reason         text;
