-- Up Migration
-- Service accounts end by themselves, and tell when they were last used, like API clients.
ALTER TABLE service_accounts ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz;

-- Brokers need not read an account again because it was used.
DROP TRIGGER device_changed ON service_accounts;
CREATE TRIGGER device_changed AFTER INSERT OR DELETE
  OR UPDATE OF id, active, filters, secret_sha256, previous_sha256, expires_at ON service_accounts
  FOR EACH ROW EXECUTE FUNCTION device_changed('id');
