-- Up Migration
-- Where users have signed in from: strangers who guess elsewhere cannot lock them out there. `place` is
-- "address 203.0.113.7" (IPv6: the network of 64 bits) or "browser " and the hash of a cookie. At most 20 per user.
CREATE TABLE known_places (
  user_id       integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  place         text NOT NULL,
  last_used_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, place)
);

-- Tells every API process that sessions of a user have ended or got a new cookie, or that the user has changed, with the
-- user's id as the payload.
CREATE FUNCTION user_sessions_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('sessions', coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE TRIGGER user_sessions_changed AFTER UPDATE OF revoked_at, refresh_sha256 OR DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION user_sessions_changed('user_id');
CREATE TRIGGER user_sessions_changed AFTER UPDATE OF role, active, password_hash OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION user_sessions_changed('id');

-- Tells every API process and every broker that a signing key was added or retired.
CREATE FUNCTION signing_keys_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('signing_keys', '');
  RETURN NULL;
END $$;
CREATE TRIGGER signing_keys_changed AFTER INSERT OR UPDATE OR DELETE ON signing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION signing_keys_changed();
