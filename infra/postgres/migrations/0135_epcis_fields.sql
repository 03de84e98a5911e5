-- Up Migration
-- Queries by fields of vendors, of ILMD and of sensors find few events without reading all of them.
CREATE INDEX epcis_events_canonical ON epcis_events USING gin (canonical jsonb_path_ops);
