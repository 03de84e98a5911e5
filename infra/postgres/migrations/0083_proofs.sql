-- Up Migration
-- What a picture shows: of a proof of delivery the goods, or a signature.
ALTER TABLE attachments ADD COLUMN kind text NOT NULL DEFAULT 'file' CHECK (kind IN ('file', 'photo', 'signature'));
