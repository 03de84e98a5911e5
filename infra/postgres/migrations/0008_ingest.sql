-- Up Migration
-- What ingest has done, and what it still has to do.

-- The position of each consumer in each journal. The id of a journal is in its data directory.
CREATE TABLE cursors (
  journal_id   uuid NOT NULL,
  worker       text NOT NULL,
  segment      bigint NOT NULL,
  byte_offset  bigint NOT NULL,
  -- number of the next frame, counted from the beginning of the journal; null: not known. A database that was restored
  -- from a backup may need frames that are trimmed already: the gap in the numbers shows it, and is recorded.
  sequence     bigint,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (journal_id, worker)
);

-- Messages and readings that were refused, with the reason.
CREATE TABLE quarantine (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- journal id, segment, offset, message, reading: a frame that is read again adds nothing
  source              text NOT NULL UNIQUE,
  device_id           text NOT NULL,
  topic               text NOT NULL,
  received_at         timestamptz NOT NULL,
  reason              text NOT NULL,
  detail              text,
  payload             bytea NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT now(),
  -- a person asked to process it again; the ingest worker of any node does
  retry_requested_at  timestamptz
);
-- The quarantine of a device, page by page.
CREATE INDEX quarantine_device ON quarantine (device_id, id);
-- The retry worker finds what was asked for.
CREATE INDEX quarantine_retry ON quarantine (id) WHERE retry_requested_at IS NOT NULL;

-- Periods of a signal with readings that were too late to act on at once (docs/decisions/05-late-data.md). The late data
-- worker derives them again when every reading up to their frame is in the series store.
CREATE TABLE late_windows (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id    text NOT NULL,
  kind         text NOT NULL,
  -- of tags, each of which is a signal of its own; '' for other kinds
  epc          text NOT NULL DEFAULT '',
  from_ts      timestamptz NOT NULL,
  to_ts        timestamptz NOT NULL,
  -- end of the journal frame; null: the readings were in the series store before this row was written
  journal_id   uuid,
  segment      bigint,
  byte_offset  bigint,
  created_at   timestamptz NOT NULL DEFAULT now()
);
-- All windows of one signal are derived at once.
CREATE INDEX late_windows_signal ON late_windows (device_id, kind, epc);

-- Facts of absence follow from no reading (docs/decisions/05-late-data.md): at `fires_at` the clock asks the rule about
-- the subject. The fact itself takes its time from readings.
CREATE TABLE timers (
  -- 'tag-presence' or 'unexplained-removal'
  rule      text NOT NULL,
  -- of 'tag-presence': id of the reader, a space, the EPC; of 'unexplained-removal': id of the stock position, a space,
  -- the time of the event in epoch milliseconds
  subject   text NOT NULL,
  fires_at  timestamptz NOT NULL,
  PRIMARY KEY (rule, subject)
) WITH (fillfactor = 70);
-- The timer worker finds the timers that have fired.
CREATE INDEX timers_fires_at ON timers (fires_at);
