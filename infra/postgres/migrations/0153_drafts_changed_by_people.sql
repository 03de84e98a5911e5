-- Up Migration
-- What the job proposed last in a draft: where the draft says something else, a person has changed it.
ALTER TABLE orders ADD COLUMN proposed_quantity integer;
UPDATE orders o SET proposed_quantity = l.quantity FROM order_lines l
  WHERE l.order_id = o.id AND l.line = 1 AND o.made_for IS NOT NULL AND o.status = 'draft';

-- Whether a draft orders what the job proposed, in one line.
CREATE FUNCTION is_as_proposed(draft orders) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT count(*) = 1 AND coalesce(sum(l.quantity) = draft.proposed_quantity, false) AND bool_and(l.item_id = i.item_id)
  FROM order_lines l LEFT JOIN inventory_items i ON i.id = draft.made_for WHERE l.order_id = draft.id
$$;
