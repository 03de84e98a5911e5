-- Up Migration
-- Other systems are told of more: what becomes of alerts and orders, counts that are closed, and (by ingest itself) stock levels.

-- What only the moment of the change knows, e.g. the status before.
ALTER TABLE outbox ADD COLUMN detail jsonb;

-- By triggers, because these are changed by people, imports and workers alike, and seldom.
CREATE FUNCTION tell_of_alert() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (event, alert_id, detail) VALUES (
    CASE NEW.state WHEN 'acknowledged' THEN 'alert.acknowledged' WHEN 'resolved' THEN 'alert.resolved' ELSE 'alert.reopened' END,
    NEW.id, jsonb_build_object('version', NEW.version));
  RETURN NULL;
END $$;
-- Of an alert that comes and goes the first 50 times are told, as its history has them.
CREATE TRIGGER tell_of_alert AFTER UPDATE OF state ON alerts FOR EACH ROW
  WHEN (NEW.notifies AND NEW.times <= 50 AND NEW.state <> OLD.state
    AND (NEW.state IN ('acknowledged', 'resolved') OR OLD.state = 'resolved'))
  EXECUTE FUNCTION tell_of_alert();

CREATE FUNCTION tell_of_order() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (event, record_id, detail) VALUES (
    CASE TG_OP WHEN 'INSERT' THEN 'order.created' ELSE 'order.status_changed' END, NEW.id,
    jsonb_build_object('version', NEW.version, 'status', NEW.status, 'before', CASE TG_OP WHEN 'UPDATE' THEN OLD.status END));
  RETURN NULL;
END $$;
CREATE TRIGGER tell_of_new_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tell_of_order();
CREATE TRIGGER tell_of_status AFTER UPDATE OF status ON orders FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION tell_of_order();

CREATE FUNCTION tell_of_count() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (event, record_id) VALUES ('cycle_count.closed', NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_of_count AFTER UPDATE OF state ON cycle_counts FOR EACH ROW
  WHEN (OLD.state = 'open' AND NEW.state <> 'open') EXECUTE FUNCTION tell_of_count();
