-- Up Migration
-- Events of EPCIS 2.0: what partners have captured here and what the platform emits, as sent, with what queries ask for beside it.

-- What was sent to be captured, until it is done, and what became of it.
CREATE TABLE epcis_captures (
  position          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- towards the outside
  id                uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  -- the document, letter by letter; null: it is done, and its events have their texts
  document          text,
  -- of the document without its events, e.g. its master data
  header            jsonb NOT NULL,
  error_behaviour   text NOT NULL CHECK (error_behaviour IN ('rollback', 'proceed')),
  events            integer NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  -- who works on it, and until when nobody else does
  claim             uuid,
  claimed_until     timestamptz,
  attempts          integer NOT NULL DEFAULT 0,
  finished_at       timestamptz,
  success           boolean,
  -- events of it that were new, and that were known already
  added             integer,
  known             integer,
  errors            jsonb NOT NULL DEFAULT '[]',
  created_by        integer REFERENCES users ON DELETE SET NULL,
  created_by_client integer REFERENCES api_clients ON DELETE SET NULL,
  CHECK ((finished_at IS NULL) = (success IS NULL)),
  CHECK (finished_at IS NOT NULL OR document IS NOT NULL)
);
CREATE INDEX epcis_captures_waiting ON epcis_captures (position) WHERE finished_at IS NULL;
-- Cleanup deletes what is old.
CREATE INDEX epcis_captures_finished ON epcis_captures (finished_at);

CREATE TABLE epcis_events (
  -- in the order in which they became visible: who has read up to one has missed nothing before it
  position          bigint PRIMARY KEY,
  event_id          text NOT NULL,
  -- ni:///sha-256;…?ver=CBV2.0: the same for the same content, however it is spelled
  hash_id           text NOT NULL,
  -- ObjectEvent, …; of an extension its full name
  type              text NOT NULL,
  action            text,
  event_time        timestamptz NOT NULL,
  time_zone_offset  text NOT NULL,
  record_time       timestamptz NOT NULL,
  -- identifiers are Digital Links of id.gs1.org where they are GS1 keys; words of vocabularies are full addresses
  biz_step          text,
  disposition       text,
  set_dispositions   text[] NOT NULL,
  unset_dispositions text[] NOT NULL,
  read_point        text,
  biz_location      text,
  -- by list, and all of them: epcList and childEPCs; parentID; inputEPCList; outputEPCList
  epcs              text[] NOT NULL,
  parent_id         text,
  input_epcs        text[] NOT NULL,
  output_epcs       text[] NOT NULL,
  any_epcs          text[] NOT NULL,
  -- the same of classes: quantityList and childQuantityList; inputQuantityList; outputQuantityList
  epc_classes       text[] NOT NULL,
  input_classes     text[] NOT NULL,
  output_classes    text[] NOT NULL,
  any_classes       text[] NOT NULL,
  transformation_id text,
  -- `type value`, each: neither has a space in it; without a type it begins with the space
  biz_transactions  text[] NOT NULL,
  sources           text[] NOT NULL,
  destinations      text[] NOT NULL,
  -- of one that declares an earlier one wrong; both have the same event_id
  error_declared_at timestamptz,
  error_reason      text,
  corrective_ids    text[] NOT NULL,
  -- the event with full names, canonical identifiers and words: for queries
  canonical         jsonb NOT NULL,
  -- as it was sent, letter by letter, and the @context of its document
  body              text NOT NULL,
  context           text NOT NULL,
  source            text NOT NULL CHECK (source IN ('captured', 'emitted')),
  -- without: sent by itself, or emitted
  capture_position  bigint REFERENCES epcis_captures ON DELETE SET NULL,
  -- where it happened and whose goods it is about, if that is known here: who is limited to others does not see it
  location_id       integer REFERENCES locations ON DELETE SET NULL,
  owner_id          integer REFERENCES parties ON DELETE SET NULL,
  created_by        integer REFERENCES users ON DELETE SET NULL,
  created_by_client integer REFERENCES api_clients ON DELETE SET NULL
);
-- An event, and each declaration that it is wrong, once.
CREATE UNIQUE INDEX epcis_events_once ON epcis_events (event_id, coalesce(error_declared_at, '-infinity'));
CREATE SEQUENCE epcis_positions AS bigint OWNED BY epcis_events.position;
CREATE INDEX epcis_events_time ON epcis_events (event_time, position);
CREATE INDEX epcis_events_recorded ON epcis_events (record_time, position);
CREATE INDEX epcis_events_biz_step ON epcis_events (biz_step, position);
CREATE INDEX epcis_events_read_point ON epcis_events (read_point, position) WHERE read_point IS NOT NULL;
CREATE INDEX epcis_events_biz_location ON epcis_events (biz_location, position) WHERE biz_location IS NOT NULL;
CREATE INDEX epcis_events_capture ON epcis_events (capture_position) WHERE capture_position IS NOT NULL;
CREATE INDEX epcis_events_location ON epcis_events (location_id) WHERE location_id IS NOT NULL;
CREATE INDEX epcis_events_owner ON epcis_events (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX epcis_events_any_epcs ON epcis_events USING gin (any_epcs);
CREATE INDEX epcis_events_any_classes ON epcis_events USING gin (any_classes);
CREATE INDEX epcis_events_biz_transactions ON epcis_events USING gin (biz_transactions);
