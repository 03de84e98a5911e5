-- Up Migration
-- A device that names itself by its secret is looked up by it when the broker does not know it yet.
CREATE INDEX device_credentials_secret ON device_credentials (secret_sha256) WHERE revoked_at IS NULL;
