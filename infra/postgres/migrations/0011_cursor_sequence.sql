-- Up Migration
-- The frame a cursor expects next, counted over the journal's life: frames that were trimmed before this database had
-- read them (it was restored from a backup) leave a gap, and that must not go unsaid. Null: not known.
ALTER TABLE cursors ADD COLUMN sequence bigint;
