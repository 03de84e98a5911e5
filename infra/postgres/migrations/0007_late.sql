-- Up Migration
-- Readings too old for the signal window (design decision 5): stored, and to be sensed again in their place by the late
-- worker once every reading up to the frame they came in is in the series store.
CREATE TABLE late_windows (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id    text NOT NULL,
  kind         text NOT NULL,
  -- the tag, where every tag of a reader is a signal of its own; '' for other kinds
  epc          text NOT NULL DEFAULT '',
  from_ts      timestamptz NOT NULL,
  to_ts        timestamptz NOT NULL,
  -- end of the journal frame; null: the readings were written to the series store before this row
  journal_id   uuid,
  segment      bigint,
  byte_offset  bigint,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX late_windows_signal ON late_windows (device_id, kind, epc);

-- What a rule knew after the last reading of an hour: where deriving again starts, and where it may stop when it comes
-- to know the same. A cache of what the readings say: rows after a late reading are written anew.
CREATE TABLE signal_checkpoints (
  device_id  text NOT NULL,
  kind       text NOT NULL,
  epc        text NOT NULL DEFAULT '',
  ts         timestamptz NOT NULL,
  seq        bigint NOT NULL,
  -- of RFID reads
  antenna    integer,
  -- json, not jsonb: a rule must find its words in the order it left them
  state      json NOT NULL,
  PRIMARY KEY (device_id, kind, epc, ts)
);

ALTER TABLE facts
  -- of a sensor's fact: the signal it was derived from (kind, and for tags the EPC), and the reading that concluded it
  ADD COLUMN signal text,
  ADD COLUMN concluded_at timestamptz,
  -- concluded from readings that came too late to act at once
  ADD COLUMN late boolean NOT NULL DEFAULT false;
CREATE INDEX facts_signal ON facts (device_id, signal, concluded_at) WHERE signal IS NOT NULL;
