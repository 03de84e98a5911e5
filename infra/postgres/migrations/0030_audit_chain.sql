-- Up Migration
-- The audit is append-only, and says so itself: each entry has a place in a chain of hashes, so that an entry that was
-- changed, removed or put in later shows. Entries are chained within seconds of their commit, in the order in which they
-- are found; until then `chain_position` is null.
ALTER TABLE audit ADD COLUMN chain_position bigint UNIQUE, ADD COLUMN hash bytea;
CREATE INDEX audit_unchained ON audit (id) WHERE chain_position IS NULL;
CREATE INDEX audit_actor ON audit (actor, id);

-- One row.
CREATE TABLE audit_chain (
  only_row            boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- of the entry chained last
  last_position       bigint NOT NULL,
  last_hash           bytea NOT NULL,
  -- of the entry before the first that is kept: retention deletes from the beginning
  forgotten_position  bigint NOT NULL,
  forgotten_hash      bytea NOT NULL
);
INSERT INTO audit_chain VALUES (true, 0, sha256('waystock audit'), 0, sha256('waystock audit'));

-- SHA-256 of the hash before, and the entry as the text of a JSON array (docs/operations.md, “The audit”).
CREATE FUNCTION audit_hash(hash_before bytea, place bigint, entry audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(hash_before || convert_to(jsonb_build_array(place, entry.id,
    to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry.actor, entry.action, entry.subject, entry.outcome, entry.detail)::text, 'UTF8'))
$$;

-- Chains the entries that are not chained yet, at most `most`. Returns how many; 0 also while another process does it.
CREATE FUNCTION chain_audit(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  chain audit_chain;
  entry audit;
  chained integer := 0;
BEGIN
  SELECT * INTO chain FROM audit_chain FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  FOR entry IN SELECT * FROM audit WHERE chain_position IS NULL ORDER BY id LIMIT most LOOP
    chain.last_position := chain.last_position + 1;
    chain.last_hash := audit_hash(chain.last_hash, chain.last_position, entry);
    UPDATE audit SET chain_position = chain.last_position, hash = chain.last_hash WHERE id = entry.id;
    chained := chained + 1;
  END LOOP;
  IF chained > 0 THEN
    UPDATE audit_chain SET last_position = chain.last_position, last_hash = chain.last_hash;
  END IF;
  RETURN chained;
END $$;

-- Compares the entries after a place of the chain with their hashes, at most `most`. `broken_position`: the first that is
-- missing or has other content.
CREATE FUNCTION check_audit(after_position bigint, after_hash bytea, most integer,
  OUT checked integer, OUT last_position bigint, OUT last_hash bytea, OUT broken_position bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
  entry audit;
BEGIN
  checked := 0;
  last_position := after_position;
  last_hash := after_hash;
  FOR entry IN SELECT * FROM audit WHERE chain_position > after_position ORDER BY chain_position LIMIT most LOOP
    IF entry.chain_position <> last_position + 1
      OR entry.hash IS DISTINCT FROM audit_hash(last_hash, entry.chain_position, entry) THEN
      broken_position := last_position + 1;
      RETURN;
    END IF;
    checked := checked + 1;
    last_position := entry.chain_position;
    last_hash := entry.hash;
  END LOOP;
END $$;

-- Deletes the oldest entries, at most `most`, as far as all of them are older than `cutoff`. Returns how many.
CREATE FUNCTION forget_audit(cutoff timestamptz, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  chain audit_chain;
  deleted integer;
BEGIN
  SELECT * INTO chain FROM audit_chain FOR UPDATE;
  UPDATE audit_chain c SET forgotten_position = gone.chain_position, forgotten_hash = gone.hash
    FROM (
      WITH oldest AS (SELECT chain_position, at, hash FROM audit WHERE chain_position > chain.forgotten_position
        ORDER BY chain_position LIMIT most)
      SELECT chain_position, hash FROM oldest
        WHERE chain_position < coalesce((SELECT min(chain_position) FROM oldest WHERE at >= cutoff), chain.last_position + 1)
        ORDER BY chain_position DESC LIMIT 1
    ) AS gone;
  DELETE FROM audit a USING audit_chain c WHERE a.chain_position <= c.forgotten_position;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $$;

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.chain_position IS NULL
      AND (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.outcome, OLD.detail)
        IS NOT DISTINCT FROM (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.outcome, NEW.detail) THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.chain_position <= (SELECT forgotten_position FROM audit_chain) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
