-- Up Migration
-- What reads the repository of EPCIS events: named queries, and those who are told of new events that a query finds.

-- A moment as events write it; null for what is none. Fields of vendors may hold anything, and a wrong one must not end a query.
CREATE FUNCTION epcis_moment(value text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF value !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$' THEN
    RETURN NULL;
  END IF;
  RETURN value::timestamptz;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

CREATE TABLE epcis_queries (
  name               text PRIMARY KEY,
  -- as it was sent
  query              jsonb NOT NULL,
  created_by         integer REFERENCES users (id) ON DELETE SET NULL,
  created_by_client  integer REFERENCES api_clients (id) ON DELETE SET NULL,
  created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE epcis_subscriptions (
  id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  query_name             text NOT NULL REFERENCES epcis_queries (name) ON DELETE CASCADE,
  -- It sees what they may see: one of the two.
  created_by             integer REFERENCES users (id) ON DELETE CASCADE,
  created_by_client      integer REFERENCES api_clients (id) ON DELETE CASCADE,
  created_at             timestamptz NOT NULL DEFAULT now(),
  dest                   text NOT NULL,
  -- signs what is sent; both null: nothing does
  signature_token        bytea,
  sealed_signature_token bytea,
  -- null: it is told of each event at once
  schedule               jsonb,
  report_if_empty        boolean NOT NULL,
  initial_record_time    timestamptz NOT NULL,
  -- of the last event of the repository that it is done with
  position               bigint NOT NULL,
  -- of a scheduled run that has begun: the last event that it reports, and whether a document of it has arrived
  run_until              bigint,
  run_reported           boolean NOT NULL DEFAULT false,
  -- when it is due next; of a stream, when it may be tried again
  due_at                 timestamptz NOT NULL DEFAULT now(),
  -- events in one document: fewer for receivers who have said that it was too large
  batch_size             integer NOT NULL,
  -- who is sending now, and until when nobody else may
  claim                  uuid,
  claimed_until          timestamptz,
  -- attempts since the last one that succeeded, and since when they fail
  attempts               integer NOT NULL DEFAULT 0,
  failing_since          timestamptz,
  -- what the receiver said last
  response               text,
  last_notified_at       timestamptz,
  -- the receiver is gone for good (410)
  ended_at               timestamptz,
  CHECK (num_nonnulls(created_by, created_by_client) = 1),
  CHECK (num_nonnulls(signature_token, sealed_signature_token) <= 1)
);
CREATE INDEX epcis_subscriptions_query ON epcis_subscriptions (query_name, created_at, id);
CREATE INDEX epcis_subscriptions_due ON epcis_subscriptions (due_at) WHERE ended_at IS NULL;
CREATE INDEX epcis_subscriptions_user ON epcis_subscriptions (created_by);
CREATE INDEX epcis_subscriptions_client ON epcis_subscriptions (created_by_client);

-- Tokens of next pages that were given back before they had expired.
CREATE TABLE epcis_ended_page_tokens (
  id          uuid PRIMARY KEY,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX epcis_ended_page_tokens_expired ON epcis_ended_page_tokens (expires_at);

-- What events name: EPCs, classes, places, steps, dispositions and their own types, each once for each location and owner of such events.
-- Those who are limited see what their events name.
CREATE TABLE epcis_terms (
  kind         text NOT NULL CHECK (kind IN ('epc', 'class', 'eventType', 'bizStep', 'disposition', 'bizLocation', 'readPoint')),
  -- in the order of bytes: then what begins with a text stands together
  value        text COLLATE "C" NOT NULL,
  -- 0: none that is known here
  location_id  integer NOT NULL,
  owner_id     integer NOT NULL,
  PRIMARY KEY (kind, value, location_id, owner_id)
);
CREATE INDEX epcis_terms_location ON epcis_terms (location_id, kind, value) WHERE location_id <> 0;

CREATE FUNCTION add_epcis_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.epcis_terms (kind, value, location_id, owner_id)
  SELECT DISTINCT t.kind, t.value, coalesce(e.location_id, 0), coalesce(e.owner_id, 0)
  FROM added e, LATERAL (
    SELECT 'epc' AS kind, unnest(e.any_epcs) AS value
    UNION ALL SELECT 'class', unnest(e.any_classes)
    UNION ALL VALUES ('eventType', e.type), ('bizStep', e.biz_step), ('disposition', e.disposition),
      ('bizLocation', e.biz_location), ('readPoint', e.read_point)
  ) AS t
  -- Longer ones do not fit into an index, and nobody looks for them in a list.
  WHERE octet_length(t.value) <= 2000
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
INSERT INTO epcis_terms (kind, value, location_id, owner_id)
SELECT DISTINCT t.kind, t.value, coalesce(e.location_id, 0), coalesce(e.owner_id, 0)
FROM epcis_events e, LATERAL (
    SELECT 'epc' AS kind, unnest(e.any_epcs) AS value
    UNION ALL SELECT 'class', unnest(e.any_classes)
    UNION ALL VALUES ('eventType', e.type), ('bizStep', e.biz_step), ('disposition', e.disposition),
      ('bizLocation', e.biz_location), ('readPoint', e.read_point)
  ) AS t
  -- Longer ones do not fit into an index, and nobody looks for them in a list.
  WHERE octet_length(t.value) <= 2000;
CREATE TRIGGER epcis_terms AFTER INSERT ON epcis_events
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_epcis_terms();

-- Beside those that the table has: what queries ask for alone.
CREATE INDEX epcis_events_type ON epcis_events (type, position);
CREATE INDEX epcis_events_disposition ON epcis_events (disposition, position) WHERE disposition IS NOT NULL;
CREATE INDEX epcis_events_transformation ON epcis_events (transformation_id, position) WHERE transformation_id IS NOT NULL;
CREATE INDEX epcis_events_declared ON epcis_events (error_declared_at, position) WHERE error_declared_at IS NOT NULL;
