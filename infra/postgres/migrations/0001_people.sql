-- Up Migration
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
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- One-time links; only the hash is kept. Without a user: creates the first administrator. With one: signs that user in.
CREATE TABLE setup_tokens (
  token_sha256  bytea PRIMARY KEY,
  user_id       integer REFERENCES users (id) ON DELETE CASCADE,
  created_at    timestamptz NOT NULL DEFAULT now(),
  used_at       timestamptz
);

-- Browser sessions and refresh tokens; the token itself is never stored.
CREATE TABLE sessions (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id         integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  refresh_sha256  bytea NOT NULL UNIQUE,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Keys that sign our own tokens; every API process and broker of the installation shares them.
CREATE TABLE signing_keys (
  kid          text PRIMARY KEY,
  public_jwk   jsonb NOT NULL,
  private_jwk  jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  retired_at   timestamptz
);

-- Append-only: who did, or was refused, what.
CREATE TABLE audit (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT now(),
  actor    text NOT NULL,
  action   text NOT NULL,
  subject  text,
  outcome  text NOT NULL CHECK (outcome IN ('done', 'refused')),
  detail   jsonb
);
CREATE INDEX audit_at ON audit (at);

-- Answers to POSTs that carried an Idempotency-Key, kept 24 h.
CREATE TABLE idempotency_keys (
  principal       text NOT NULL,
  key             text NOT NULL,
  request_sha256  bytea NOT NULL,
  status          integer,
  response        jsonb,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, key)
);
