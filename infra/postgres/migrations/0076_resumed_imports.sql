-- Up Migration
-- An import that was interrupted goes on with the same file, from the first row that was not written.
ALTER TABLE imports
  -- of the file; null: sent before this was kept
  ADD COLUMN sha256   bytea,
  -- each time it is begun or continued: a process that was away for long and comes back writes nothing more
  ADD COLUMN attempt  integer NOT NULL DEFAULT 1;
