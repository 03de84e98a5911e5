-- Up Migration
-- Receivers whose date was impossible (a GPS week rollover): `ts` is what they must have meant. Set by the decoder, so
-- deriving again keeps it.
ALTER TABLE reading_flags ADD COLUMN time_corrected boolean NOT NULL DEFAULT false;
