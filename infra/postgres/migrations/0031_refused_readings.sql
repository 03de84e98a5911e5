-- Up Migration
-- The series store has refused the reading: it counts as quarantined, whether its hour had room for its row in quarantine or
-- not, and a frame that is read again counts it no second time.
ALTER TABLE reading_flags ADD COLUMN refused boolean NOT NULL DEFAULT false;
