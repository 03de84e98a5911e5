-- Up Migration
-- A named query that is deleted ends the WebSockets that follow it, in every process that has one.
CREATE FUNCTION notify_epcis_query_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('epcis_queries', OLD.name);
  RETURN NULL;
END $$;

CREATE TRIGGER epcis_queries_end AFTER DELETE ON epcis_queries
  FOR EACH ROW EXECUTE FUNCTION notify_epcis_query_end();
