-- Up Migration
-- Service accounts are kept by the API: they get a description, a second secret for the time of a rotation, and a version.
-- secret_sha256 is the newest secret; the one before it stays valid until the next.
ALTER TABLE service_accounts
  ADD COLUMN name text,
  ADD COLUMN previous_sha256 bytea,
  ADD COLUMN rotated_at timestamptz,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Devices and service accounts sign in by one name, so no name may be both.
CREATE FUNCTION device_names_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken text := (SELECT id FROM new_rows JOIN service_accounts USING (id) LIMIT 1);
BEGIN
  IF taken IS NOT NULL THEN
    RAISE unique_violation USING MESSAGE = 'a service account has this name', DETAIL = format('Key (id)=(%s) already exists.', taken);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER device_names_free AFTER INSERT ON devices REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION device_names_free();

CREATE FUNCTION account_name_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM devices WHERE id = NEW.id) THEN
    RAISE unique_violation USING MESSAGE = 'a device has this name', DETAIL = format('Key (id)=(%s) already exists.', NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER account_name_free AFTER INSERT ON service_accounts FOR EACH ROW EXECUTE FUNCTION account_name_free();
