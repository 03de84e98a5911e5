-- Up Migration
-- What the job proposed last in a draft: where the draft says something else, a person has changed it.
ALTER TABLE orders ADD COLUMN proposed_quantity integer;
UPDATE orders o SET proposed_quantity = l.quantity FROM order_lines l
  WHERE l.order_id = o.id AND l.line = 1 AND o.made_for IS NOT NULL AND o.status = 'draft';
