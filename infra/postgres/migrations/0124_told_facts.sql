-- Up Migration
-- Other systems are told of facts that are in no custody log: tags that passed a gate, and goods out of their limits. The statement that
-- records, withdraws or voids one leaves it for the relay ('fact.changed', by the id of the fact).

-- What has been told of a fact, as it stands.
CREATE TABLE told_facts (
  fact_id   bigint PRIMARY KEY,
  -- how often it was told
  revision  integer NOT NULL,
  -- what it said; null: it was taken back
  said      jsonb
);

-- Units that are packed and unpacked, by whomever.
CREATE FUNCTION tell_of_unit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (event, record_id) VALUES (
    CASE TG_OP WHEN 'INSERT' THEN 'handling_unit.packed' ELSE 'handling_unit.unpacked' END, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_of_packing AFTER INSERT ON handling_units FOR EACH ROW EXECUTE FUNCTION tell_of_unit();
CREATE TRIGGER tell_of_unpacking AFTER UPDATE OF unpacked_at ON handling_units FOR EACH ROW
  WHEN (OLD.unpacked_at IS NULL AND NEW.unpacked_at IS NOT NULL) EXECUTE FUNCTION tell_of_unit();
