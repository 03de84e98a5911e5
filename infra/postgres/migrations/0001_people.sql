-- Up Migration
-- People who use the API, how they sign in, and the record of what they did.

CREATE TABLE users (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email          text NOT NULL,
  name           text,
  password_hash  text NOT NULL,
  role           text NOT NULL CHECK (role IN ('admin', 'manager', 'operator', 'sales', 'viewer', 'auditor')),
  active         boolean NOT NULL DEFAULT true,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  version        bigint NOT NULL DEFAULT 1
);
-- Sign-in by e-mail address, in any case; one account per address.
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- Links that work once; only the hash is kept. Without a user, the link creates the first administrator; with one, it
-- signs that user in.
CREATE TABLE setup_tokens (
  token_sha256  bytea PRIMARY KEY,
  user_id       integer REFERENCES users (id) ON DELETE CASCADE,
  created_at    timestamptz NOT NULL DEFAULT now(),
  used_at       timestamptz
);

-- Browser sessions and refresh tokens. The token itself is never stored.
CREATE TABLE sessions (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id         integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  refresh_sha256  bytea NOT NULL UNIQUE,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz
);
-- A changed password or role ends all sessions of the user.
CREATE INDEX sessions_user ON sessions (user_id);

-- Keys that sign access tokens. Every API process and every broker of the installation shares them.
CREATE TABLE signing_keys (
  kid          text PRIMARY KEY,
  public_jwk   jsonb NOT NULL,
  private_jwk  jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  retired_at   timestamptz
);

-- Actions of people, services and devices, and attempts that were refused. Append-only.
CREATE TABLE audit (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT now(),
  actor    text NOT NULL,
  action   text NOT NULL,
  subject  text,
  outcome  text NOT NULL CHECK (outcome IN ('done', 'refused')),
  detail   jsonb
);
-- An audit asks for a period of time.
CREATE INDEX audit_at ON audit (at);

-- Responses to POST requests that carried an Idempotency-Key, kept for 24 hours.
CREATE TABLE idempotency_keys (
  principal       text NOT NULL,
  key             text NOT NULL,
  request_sha256  bytea NOT NULL,
  status          integer,
  response        jsonb,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, key)
);
