-- Up Migration
-- API clients: systems that get access tokens with a client id and a secret (RFC 6749 §4.4).
CREATE TABLE api_clients (
  id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id         text NOT NULL UNIQUE,
  name              text NOT NULL,
  role              text NOT NULL CHECK (role IN ('admin', 'manager', 'operator', 'sales', 'viewer', 'auditor')),
  -- null: no limit
  location_ids      integer[],
  owner_ids         integer[],
  active            boolean NOT NULL DEFAULT true,
  -- null: never
  expires_at        timestamptz,
  -- access tokens name it, so that they end when what the client may do changes
  token_generation  integer NOT NULL DEFAULT 1,
  -- written at most once a minute
  last_used_at      timestamptz,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  version           bigint NOT NULL DEFAULT 1
);

-- Secrets are random 256-bit texts, so a plain SHA-256 is enough. The newest two are valid, so that a system can be moved to
-- a new one.
CREATE TABLE api_client_secrets (
  id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  api_client_id  integer NOT NULL REFERENCES api_clients (id) ON DELETE CASCADE,
  -- the first characters, by which people tell secrets apart
  prefix         text NOT NULL,
  secret_sha256  bytea NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  revoked_at     timestamptz
);
CREATE INDEX api_client_secrets_client ON api_client_secrets (api_client_id);

CREATE FUNCTION api_client_rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.role, NEW.active, NEW.location_ids, NEW.owner_ids) IS DISTINCT FROM (OLD.role, OLD.active, OLD.location_ids, OLD.owner_ids) THEN
    NEW.token_generation := OLD.token_generation + 1;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER api_client_rights_changed BEFORE UPDATE OF role, active, location_ids, owner_ids ON api_clients
  FOR EACH ROW EXECUTE FUNCTION api_client_rights_changed();

-- Tells every API process that a client, what it may do or its secrets have changed, with the client's id as the payload.
CREATE FUNCTION api_client_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('api_clients', coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE TRIGGER api_client_changed AFTER INSERT OR UPDATE OF name, role, active, location_ids, owner_ids, expires_at OR DELETE ON api_clients
  FOR EACH ROW EXECUTE FUNCTION api_client_changed('id');
CREATE TRIGGER api_client_changed AFTER INSERT OR UPDATE OR DELETE ON api_client_secrets
  FOR EACH ROW EXECUTE FUNCTION api_client_changed('api_client_id');

-- The API client that placed an order: it may change it again. Kept when the client is removed; ids are not used again.
ALTER TABLE orders ADD COLUMN created_by_client integer;
