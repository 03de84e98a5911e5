-- Up Migration

-- What a user may see; NULL: no limit. `invited_at` is set until the user has chosen a password; `reset_requested_at` when a
-- user has asked for a new one, until there is a link.
ALTER TABLE users
  ADD COLUMN location_ids       integer[],
  ADD COLUMN owner_ids          integer[],
  ADD COLUMN invited_at         timestamptz,
  ADD COLUMN reset_requested_at timestamptz;

-- Other limits end the sessions and streams of a user, as another role does: every API process is told.
DROP TRIGGER user_sessions_changed ON users;
CREATE TRIGGER user_sessions_changed AFTER UPDATE OF role, active, password_hash, location_ids, owner_ids OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION user_sessions_changed('id');

-- What a one-time link is for, and until when. `first_admin` has no user. `recovery` is made on the machine for an
-- administrator who is locked out: it asks for no second factor, and turns it off.
ALTER TABLE setup_tokens
  ADD COLUMN purpose    text NOT NULL DEFAULT 'sign_in'
    CHECK (purpose IN ('first_admin', 'sign_in', 'invitation', 'reset', 'recovery')),
  ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '1 day';
UPDATE setup_tokens SET expires_at = created_at + interval '1 day',
  purpose = CASE WHEN user_id IS NULL THEN 'first_admin' ELSE 'sign_in' END;
ALTER TABLE setup_tokens ALTER COLUMN purpose DROP DEFAULT, ALTER COLUMN expires_at DROP DEFAULT;
-- A new link replaces the user's earlier ones.
CREATE INDEX setup_tokens_user ON setup_tokens (user_id);

-- The secret that a user's authenticator app shares with us (RFC 6238). Codes are computed from it, so it is kept as it is;
-- no answer, audit or log holds it but the answer that shows it first. `confirmed_at` NULL: begun, and not in force.
CREATE TABLE second_factors (
  user_id       integer PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret        bytea NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  confirmed_at  timestamptz,
  -- of the code used last: no code works twice
  last_step     bigint NOT NULL DEFAULT 0
);

-- Codes that stand in for a lost phone, each once; only their hashes are kept.
CREATE TABLE recovery_codes (
  user_id      integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_sha256  bytea NOT NULL,
  PRIMARY KEY (user_id, code_sha256)
);

-- What a person knows a session by.
ALTER TABLE sessions
  ADD COLUMN address       text,
  ADD COLUMN user_agent    text,
  ADD COLUMN last_used_at  timestamptz NOT NULL DEFAULT now();
UPDATE sessions SET last_used_at = created_at;
