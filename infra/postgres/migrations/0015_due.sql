-- Up Migration
-- Facts of absence (design decision 5): what a rule has to be asked about when a clock has come to `at`, because no
-- reading will tell. `at` is when to look first; the fact's own time is that of its readings.
CREATE TABLE due (
  rule     text NOT NULL,
  -- of 'tag-presence': the reader's id, a blank, the EPC
  subject  text NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (rule, subject)
) WITH (fillfactor = 70);
CREATE INDEX due_at ON due (at);

-- Whether the end of the tag's last visit has been made known by the clock: the next read of it would say it too.
ALTER TABLE tag_states ADD COLUMN end_told boolean NOT NULL DEFAULT false;
INSERT INTO due (rule, subject, at) SELECT 'tag-presence', device_id || ' ' || epc, newest_ts FROM tag_states;
