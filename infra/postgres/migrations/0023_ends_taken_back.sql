-- Up Migration

-- How often a reported end of a dwell was taken back, because the tag was read on. At a reader on a vehicle this shows that the
-- clocks of the reader and of the vehicle's trackers are apart: the next end is reported later.
ALTER TABLE tag_states ADD COLUMN ends_taken_back integer NOT NULL DEFAULT 0;
