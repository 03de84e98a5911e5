-- Up Migration
-- The log of events is kept for 30 days, and for so many events at most. Who follows it and is further behind has missed what was deleted:
-- how much that is, and when the last of it went.
ALTER TABLE event_followers ADD COLUMN missed bigint NOT NULL DEFAULT 0, ADD COLUMN missed_at timestamptz;
