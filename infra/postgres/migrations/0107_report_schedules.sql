-- Up Migration
-- Reports of analytics that are sent by mail at regular times.

CREATE TABLE report_schedules (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         varchar(255) NOT NULL,
  enabled      boolean NOT NULL DEFAULT true,
  -- api/resources/analytics/reports.ts
  report       text NOT NULL,
  -- query parameters of the report, without its period
  filters      jsonb NOT NULL DEFAULT '{}',
  frequency    text NOT NULL CHECK (frequency IN ('daily', 'weekly', 'monthly')),
  -- of weekly ones: 1 is Monday
  weekday      integer CHECK (weekday BETWEEN 1 AND 7),
  -- of monthly ones
  month_day    integer CHECK (month_day BETWEEN 1 AND 31),
  hour         integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
  -- IANA name
  time_zone    text NOT NULL,
  -- e-mail addresses
  recipients   jsonb NOT NULL,
  format       text NOT NULL CHECK (format IN ('csv', 'json')),
  -- ingest/domain/analytics/report-times.ts
  next_due_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  version      bigint NOT NULL DEFAULT 1
);
-- The relay looks for what is due.
CREATE INDEX report_schedules_due ON report_schedules (next_due_at) WHERE enabled;

-- One mail to one recipient for one due time: what waits to be sent, and the log of what was.
CREATE TABLE report_deliveries (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- names the message to its receiver, the same at each attempt
  key            uuid NOT NULL DEFAULT gen_random_uuid(),
  schedule_id    integer NOT NULL REFERENCES report_schedules (id) ON DELETE CASCADE,
  -- what it tells of ends here
  due_at         timestamptz NOT NULL,
  -- … and begins here
  from_at        timestamptz NOT NULL,
  recipient      text NOT NULL,
  state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')),
  -- when it is tried, or tried again
  try_at         timestamptz NOT NULL DEFAULT now(),
  attempts       integer NOT NULL DEFAULT 0,
  first_tried    timestamptz,
  last_tried     timestamptz,
  -- a relay that has it, and until when nobody else may
  claim          uuid,
  claimed_until  timestamptz,
  sent_at        timestamptz,
  -- what the other side said, or why it was not sent
  response       text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  -- once for each due time
  UNIQUE (schedule_id, due_at, recipient)
);
CREATE INDEX report_deliveries_waiting ON report_deliveries (try_at) WHERE state = 'waiting';
-- Lists, page by page.
CREATE INDEX report_deliveries_schedule ON report_deliveries (schedule_id, id);
-- Cleanup deletes what was done long ago.
CREATE INDEX report_deliveries_created ON report_deliveries (created_at) WHERE state <> 'waiting';
