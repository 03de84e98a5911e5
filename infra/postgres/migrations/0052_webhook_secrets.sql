-- Up Migration
-- The key that signs what a webhook gets can be changed: two are valid at once, and both sign, until its receiver knows the new one.
ALTER TABLE notification_secrets
  DROP CONSTRAINT notification_secrets_pkey,
  ADD COLUMN id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
UPDATE notification_secrets s SET created_at = r.created_at FROM notification_rules r WHERE r.id = s.rule_id;
CREATE INDEX notification_secrets_rule ON notification_secrets (rule_id, id);
