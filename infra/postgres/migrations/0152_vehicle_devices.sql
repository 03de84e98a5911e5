-- Up Migration
-- A device that tells of its vehicle alone, such as an onboard unit, is of the kind `vehicle`.
ALTER TABLE devices DROP CONSTRAINT devices_kind_check;
ALTER TABLE devices ADD CONSTRAINT devices_kind_check CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'vehicle', 'gateway'));
ALTER TABLE device_profiles DROP CONSTRAINT device_profiles_kind_check;
ALTER TABLE device_profiles ADD CONSTRAINT device_profiles_kind_check CHECK (kind IN ('gps', 'rfid', 'scale', 'env', 'scan', 'vehicle', 'gateway'));
