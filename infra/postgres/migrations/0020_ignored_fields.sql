-- Up Migration
-- Fields that a device sends and its decoder does not use: a JSON array of {kind, field, count, hint}, at most 33. NULL: none.
ALTER TABLE device_states ADD COLUMN ignored_fields json;
