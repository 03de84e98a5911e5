-- Up Migration
-- Read and written as a whole and by nothing but ingest: as jsonb, Postgres took every number of a window apart at every
-- batch. A row stays in its page up to the size of one, where its next version finds room too.
ALTER TABLE device_states ALTER COLUMN signal DROP DEFAULT;
ALTER TABLE device_states ALTER COLUMN signal TYPE json USING (signal - 'gps' - 'scale')::json;
ALTER TABLE device_states ALTER COLUMN signal SET DEFAULT '{}';
ALTER TABLE device_states SET (toast_tuple_target = 4080);
ALTER TABLE tag_states ALTER COLUMN signal TYPE json USING signal::json;
ALTER TABLE tag_states SET (toast_tuple_target = 4080);
