-- Up Migration
-- What is wrong with a shipment now: the risks of each row of a list, and the list by risk, page by page.
CREATE INDEX alerts_open_of_shipments ON alerts (shipment_id, type) WHERE shipment_id IS NOT NULL AND state <> 'resolved';

-- A shipment shows its risks. That they have changed is told as a change of it, whoever opens and resolves its alerts.
CREATE FUNCTION risks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('changes', json_build_object('shipments', json_build_array(NEW.shipment_id))::text);
  RETURN NULL;
END $$;
CREATE TRIGGER risk_opened AFTER INSERT ON alerts FOR EACH ROW
  WHEN (NEW.shipment_id IS NOT NULL) EXECUTE FUNCTION risks_changed();
CREATE TRIGGER risk_changed AFTER UPDATE OF state ON alerts FOR EACH ROW
  WHEN (NEW.shipment_id IS NOT NULL AND (OLD.state = 'resolved') <> (NEW.state = 'resolved')) EXECUTE FUNCTION risks_changed();
