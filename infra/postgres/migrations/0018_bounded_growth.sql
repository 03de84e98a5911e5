-- Up Migration
-- What strangers and broken firmware can make grow is bounded (docs/decisions/20-growth.md).

-- How many messages a source sent in an hour that were to go to quarantine. The first are kept, the rest are counted.
CREATE TABLE quarantine_hours (
  -- a device; '' stands for all devices that are not registered
  source    text NOT NULL,
  -- of receipt
  hour      timestamptz NOT NULL,
  messages  bigint NOT NULL,
  bytes     bigint NOT NULL,
  kept      bigint NOT NULL,
  PRIMARY KEY (source, hour)
);
CREATE INDEX quarantine_hours_age ON quarantine_hours (hour);
-- Cleanup deletes by age.
CREATE INDEX quarantine_age ON quarantine (received_at);

-- A device has at most one error report that waits for it: later errors join it. Of several that wait, the newest stays.
DELETE FROM device_messages WHERE channel = 'errors' AND delivered_at IS NOT NULL;
DELETE FROM device_messages m USING device_messages newer
  WHERE m.channel = 'errors' AND newer.channel = 'errors' AND newer.device_id = m.device_id AND newer.id > m.id;
CREATE UNIQUE INDEX device_messages_open_report ON device_messages (device_id) WHERE channel = 'errors' AND delivered_at IS NULL;
CREATE INDEX device_messages_expiry ON device_messages (expires_at);

-- Two reports as one: their numbers added, and the first errors of both.
CREATE FUNCTION merged_error_report(waiting jsonb, added jsonb, most integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object(
    'quarantined', coalesce((waiting ->> 'quarantined')::bigint, 0) + coalesce((added ->> 'quarantined')::bigint, 0),
    'errors', (SELECT coalesce(jsonb_agg(e ORDER BY n), '[]') FROM (
      SELECT e, n FROM jsonb_array_elements(coalesce(waiting -> 'errors', '[]') || coalesce(added -> 'errors', '[]'))
        WITH ORDINALITY AS t (e, n) ORDER BY n LIMIT most) AS first))
$$;
