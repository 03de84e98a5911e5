-- Up Migration
-- Written with every batch, and read as a whole by nothing but ingest: taking them apart to look at them, as Postgres does
-- with json and jsonb, was half of what a device's row cost.
ALTER TABLE device_states ALTER COLUMN signal DROP DEFAULT;
ALTER TABLE device_states ALTER COLUMN signal TYPE text;
ALTER TABLE device_states ALTER COLUMN signal SET DEFAULT '{}';
ALTER TABLE device_states ALTER COLUMN latest DROP DEFAULT;
ALTER TABLE device_states ALTER COLUMN latest TYPE json;
ALTER TABLE device_states ALTER COLUMN latest SET DEFAULT '{}';
ALTER TABLE tag_states ALTER COLUMN signal TYPE text;
