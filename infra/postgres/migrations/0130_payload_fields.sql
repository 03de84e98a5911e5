-- Up Migration
-- What the fields of a decoded payload are, per device profile: path → "{kind}.{field}", or {field, scale, offset}; null: no
-- part of a reading. For devices whose network server or platform decodes what they send (ChirpStack, The Things Stack, Traccar).
ALTER TABLE device_profiles ADD COLUMN payload_fields jsonb NOT NULL DEFAULT '{}';

-- The profile whose fields a device has; also that by whose key it registered.
ALTER TABLE devices ADD COLUMN profile_id integer REFERENCES device_profiles (id) ON DELETE SET NULL;
CREATE INDEX devices_profile ON devices (profile_id) WHERE profile_id IS NOT NULL;

CREATE OR REPLACE FUNCTION registry_device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registry_changed('device', ARRAY(SELECT id FROM new_rows));
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registry_changed('device', ARRAY(SELECT id FROM old_rows));
  ELSE
    PERFORM registry_changed('device', ARRAY(SELECT coalesce(n.id, o.id) FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
      WHERE (n.id, n.kind, n.decoder, n.profile_id) IS DISTINCT FROM (o.id, o.kind, o.decoder, o.profile_id)));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION registry_profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM registry_changed('device', ARRAY(SELECT id FROM devices WHERE profile_id = NEW.id));
  RETURN NULL;
END $$;
CREATE TRIGGER registry_profile_changed AFTER UPDATE OF payload_fields ON device_profiles
  FOR EACH ROW WHEN (OLD.payload_fields IS DISTINCT FROM NEW.payload_fields) EXECUTE FUNCTION registry_profile_changed();
