-- Up Migration
-- A rule that is switched off resolves thousands of alerts by one statement: one notice tells of all their shipments. A notice holds
-- less than 8,000 bytes; beyond that it says that any may have changed.
DROP TRIGGER risk_opened ON alerts;
DROP TRIGGER risk_changed ON alerts;
CREATE OR REPLACE FUNCTION risks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed integer[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT n.shipment_id) INTO changed FROM new_alerts n WHERE n.shipment_id IS NOT NULL;
  ELSE
    SELECT array_agg(DISTINCT n.shipment_id) INTO changed FROM new_alerts n JOIN old_alerts o USING (id)
    WHERE n.shipment_id IS NOT NULL AND (o.state = 'resolved') <> (n.state = 'resolved');
  END IF;
  IF changed IS NOT NULL THEN
    PERFORM pg_notify('changes', json_build_object('shipments', CASE WHEN cardinality(changed) <= 700 THEN to_json(changed) END)::text);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER risk_opened AFTER INSERT ON alerts REFERENCING NEW TABLE AS new_alerts
  FOR EACH STATEMENT EXECUTE FUNCTION risks_changed();
CREATE TRIGGER risk_changed AFTER UPDATE ON alerts REFERENCING OLD TABLE AS old_alerts NEW TABLE AS new_alerts
  FOR EACH STATEMENT EXECUTE FUNCTION risks_changed();
