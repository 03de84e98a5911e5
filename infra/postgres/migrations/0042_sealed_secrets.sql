-- Up Migration
-- What must be computed with is kept encrypted (api/auth/sealing.ts), so that a copy of the database is not enough to sign in as
-- somebody or to make tokens. Every start of an API process seals what is still plain, or sealed under an earlier key.
ALTER TABLE second_factors
  ADD COLUMN sealed_secret bytea,
  ALTER COLUMN secret DROP NOT NULL,
  ADD CHECK ((secret IS NULL) <> (sealed_secret IS NULL));

ALTER TABLE signing_keys
  ADD COLUMN sealed_private_jwk bytea,
  ALTER COLUMN private_jwk DROP NOT NULL,
  ADD CHECK ((private_jwk IS NULL) <> (sealed_private_jwk IS NULL));
