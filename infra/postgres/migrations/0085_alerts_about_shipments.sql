-- Up Migration
-- What a shipment asks for: alerts about shipments, and what they follow from.
ALTER TABLE shipments ADD COLUMN profiles text[] NOT NULL DEFAULT '{}'
  CHECK (profiles <@ ARRAY['time_sensitive', 'high_value', 'cold_chain']);
-- The list by profile, page by page.
CREATE INDEX shipments_profiles ON shipments USING gin (profiles) WHERE profiles <> '{}';

ALTER TABLE alerts ADD COLUMN shipment_id integer REFERENCES shipments (id) ON DELETE CASCADE;
CREATE INDEX alerts_shipment ON alerts (shipment_id, id) WHERE shipment_id IS NOT NULL;

INSERT INTO alert_rules (name, type, severity, enabled) VALUES
  ('Too warm, too cold, too damp or dropped', 'excursion', 'critical', true),
  ('A shipment has left its route', 'off_route', 'critical', true),
  ('A stop that nobody has planned', 'unscheduled_stop', 'warning', true),
  ('Goods and truck are apart', 'separation', 'critical', true),
  ('Light on goods that are under way', 'light', 'critical', true),
  ('Nothing is heard of a shipment', 'shipment_silent', 'warning', true);
