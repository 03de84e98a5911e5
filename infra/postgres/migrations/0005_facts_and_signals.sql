-- Up Migration
-- Facts that follow from readings or from people, and the signal state they are derived with.

-- An event with its time and its evidence. Append-only: a fact that proves wrong is marked as withdrawn, not deleted.
-- subject: 'shipment:1', 'vehicle:7', 'stock:3', 'tag:{epc}'
CREATE TABLE facts (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- the same fact has the same key when it is derived again
  key               text NOT NULL UNIQUE,
  subject           text NOT NULL,
  at                timestamptz NOT NULL,
  type              text NOT NULL,
  data              jsonb NOT NULL,
  rule              text NOT NULL,
  evidence          jsonb NOT NULL DEFAULT '[]',
  confidence        real NOT NULL DEFAULT 1,
  device_id         text,
  actor_id          integer,
  -- the signal it was derived from (kind, and for tags the EPC); null: a person's fact
  signal            text,
  -- time of measurement of the reading that concluded it
  concluded_at      timestamptz,
  -- derived from readings that came too late to act on at once
  late              boolean NOT NULL DEFAULT false,
  recorded_at       timestamptz NOT NULL DEFAULT now(),
  withdrawn_at      timestamptz,
  withdrawn_reason  text
);
-- A fold reads the facts of its subject in the order of their time.
CREATE INDEX facts_subject ON facts (subject, at, id);
-- Deriving a signal again replaces its facts of a period.
CREATE INDEX facts_signal ON facts (device_id, signal, concluded_at) WHERE signal IS NOT NULL;

-- The version of every subject that facts were recorded for. A commit that folded from an older one is refused.
CREATE TABLE fold_versions (
  subject  text PRIMARY KEY,
  version  bigint NOT NULL
);

-- Ends the statement, and everything it would have written, when it was computed from rows that have changed since.
CREATE FUNCTION assert_unchanged(unchanged boolean, what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF unchanged THEN RETURN true; END IF;
  RAISE EXCEPTION 'version conflict: %', what USING ERRCODE = 'WS409';
END $$;

-- One row per device, rewritten with every batch that concerns it. `version` guards what was computed from it. Half of
-- each page stays free, so that the next version of a row finds room in the same page.
CREATE TABLE device_states (
  device_id         text PRIMARY KEY,
  version           bigint NOT NULL,
  newest_ts         timestamptz,
  last_received_at  timestamptz,
  -- received = stored + duplicate + quarantined
  received          bigint NOT NULL DEFAULT 0,
  stored            bigint NOT NULL DEFAULT 0,
  duplicate         bigint NOT NULL DEFAULT 0,
  late              bigint NOT NULL DEFAULT 0,
  quarantined       bigint NOT NULL DEFAULT 0,
  -- how many values of the device's counter are missing
  gap               bigint NOT NULL DEFAULT 0,
  skew_ms           double precision,
  -- the newest reading of each kind by time of measurement; json, because jsonb would be parsed with every batch
  latest            json NOT NULL DEFAULT '{}',
  -- what the signal rules remember, at most 4 KiB and 32 samples; text, because only ingest reads it, as a whole, and
  -- parsing it was half of the cost of the row
  signal            text NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50, toast_tuple_target = 4080);

-- The signal state of each tag that a reader has read lately. A portal reads hundreds at once, so each has its own row.
CREATE TABLE tag_states (
  device_id     text NOT NULL,
  epc           text NOT NULL,
  newest_ts     timestamptz NOT NULL,
  signal        text NOT NULL,
  -- whether a timer has already published the end of the tag's last dwell; the next read would publish it too
  end_reported  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (device_id, epc)
) WITH (fillfactor = 50, toast_tuple_target = 4080);

-- The state of a signal after the last reading of an hour. Deriving again starts from one, and may stop at one where the
-- state is the same. A cache: checkpoints after a late reading are written again.
CREATE TABLE signal_checkpoints (
  device_id         text NOT NULL,
  -- 'scan': a scanner has no state; the row only tells up to when its scans may have been deleted
  kind              text NOT NULL,
  epc               text NOT NULL DEFAULT '',
  ts                timestamptz NOT NULL,
  seq               bigint NOT NULL,
  -- of RFID reads
  antenna           integer,
  -- json, not jsonb: the order of the keys matters to the rules
  state             json NOT NULL,
  -- ingest/stores/encoding/state-version.ts; state of another version is not used
  state_version     integer NOT NULL DEFAULT 1,
  -- readings up to this checkpoint may have been deleted: deriving again starts here and no earlier
  readings_expired  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (device_id, kind, epc, ts)
);
-- Cleanup keeps one checkpoint a day of those that are days old.
CREATE INDEX signal_checkpoints_age ON signal_checkpoints (ts) WHERE NOT readings_expired;

-- The position of a vehicle: the newest accepted fix of any device mounted on it.
CREATE TABLE vehicle_positions (
  vehicle_id   integer PRIMARY KEY REFERENCES vehicles (id) ON DELETE CASCADE,
  device_id    text NOT NULL,
  ts           timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  lat          double precision NOT NULL,
  lon          double precision NOT NULL,
  accuracy     double precision,
  speed        double precision,
  heading      double precision
) WITH (fillfactor = 50);
