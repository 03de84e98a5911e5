-- Up Migration
-- Alerts: what needs a person, by rules that managers change.

CREATE TABLE alert_rules (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          varchar(255) NOT NULL,
  -- ingest/domain/alert/rule.ts
  type          text NOT NULL,
  severity      text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  enabled       boolean NOT NULL DEFAULT true,
  -- with everything below them; null: everywhere
  location_ids  integer[],
  -- limits and times, by type; what is absent has its default
  params        jsonb NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  version       bigint NOT NULL DEFAULT 1
);
INSERT INTO alert_rules (name, type, severity, enabled) VALUES
  ('Stock at its reorder point', 'low_stock', 'warning', true),
  ('Out of stock', 'out_of_stock', 'critical', true),
  ('Far more stock than needed', 'overstock', 'info', false),
  ('Taken from a shelf without a reason', 'unexplained_removal', 'critical', true),
  ('A shelf must be counted', 'count_mismatch', 'warning', true),
  ('Device is silent', 'device_silent', 'warning', true),
  ('Battery is low', 'battery_low', 'warning', true),
  ('Clock of a device is off', 'clock_off', 'warning', true),
  ('A device sends what cannot be read', 'quarantine_rising', 'warning', true);

CREATE TABLE alerts (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- null: the rule was removed
  rule_id            integer REFERENCES alert_rules (id) ON DELETE SET NULL,
  type               text NOT NULL,
  severity           text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  -- 'inventory_item:7', 'device:scale-1', 'vehicle:3', 'quarantine'
  subject            text NOT NULL,
  inventory_item_id  integer REFERENCES inventory_items (id) ON DELETE CASCADE,
  device_id          text REFERENCES devices (id) ON DELETE CASCADE,
  vehicle_id         integer REFERENCES vehicles (id) ON DELETE CASCADE,
  location_id        integer REFERENCES locations (id) ON DELETE SET NULL,
  state              text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'snoozed', 'resolved')),
  -- what was found, when the alert was opened or happened again
  detail             jsonb NOT NULL,
  -- it became known by late data
  late               boolean NOT NULL DEFAULT false,
  -- whether people are told
  notifies           boolean NOT NULL DEFAULT true,
  -- how often it has happened while the alert was open, or within a minute of its end
  times              integer NOT NULL DEFAULT 1,
  -- by time of measurement
  happened_at        timestamptz NOT NULL,
  opened_at          timestamptz NOT NULL DEFAULT now(),
  acknowledged_at    timestamptz,
  acknowledged_by    text,
  snoozed_until      timestamptz,
  assigned_to        integer REFERENCES users (id) ON DELETE SET NULL,
  resolved_at        timestamptz,
  -- null: by itself
  resolved_by        text,
  resolution         text,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1
);
-- One alert per rule and subject that is not over.
CREATE UNIQUE INDEX alerts_active ON alerts (rule_id, subject) WHERE state <> 'resolved';
-- The last alert of a rule and subject: it comes back when the same happens at once again.
CREATE INDEX alerts_rule ON alerts (rule_id, subject, id);
-- Lists, page by page.
CREATE INDEX alerts_state ON alerts (state, id);
CREATE INDEX alerts_unresolved ON alerts (id) WHERE state <> 'resolved';
CREATE INDEX alerts_type ON alerts (type, id);
CREATE INDEX alerts_severity ON alerts (severity, id);
CREATE INDEX alerts_subject ON alerts (subject, id);
CREATE INDEX alerts_location ON alerts (location_id, id) WHERE location_id IS NOT NULL;
CREATE INDEX alerts_inventory_item ON alerts (inventory_item_id) WHERE inventory_item_id IS NOT NULL;
CREATE INDEX alerts_device ON alerts (device_id) WHERE device_id IS NOT NULL;
CREATE INDEX alerts_vehicle ON alerts (vehicle_id) WHERE vehicle_id IS NOT NULL;
CREATE INDEX alerts_assigned ON alerts (assigned_to, id) WHERE assigned_to IS NOT NULL;
-- The alert engine wakes what was snoozed.
CREATE INDEX alerts_snoozed ON alerts (snoozed_until) WHERE state = 'snoozed';
-- Cleanup deletes what was resolved long ago.
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE state = 'resolved';

-- What became of an alert, and by whom.
CREATE TABLE alert_events (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id  integer NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  at        timestamptz NOT NULL DEFAULT now(),
  action    text NOT NULL CHECK (action IN ('opened', 'happened_again', 'acknowledged', 'snoozed', 'woken', 'assigned', 'resolved')),
  -- 'user:7' or 'client:3'; null: nobody did, it followed
  actor     text,
  note      text
);
CREATE INDEX alert_events_alert ON alert_events (alert_id, id);

-- What each rule has found of each subject: hysteresis, holds and what was seen already survive a restart by it. A row without
-- due_at is raised until it is clear, also when a person has resolved its alert.
CREATE TABLE alert_conditions (
  rule_id       integer NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
  subject       text NOT NULL,
  -- by time of measurement
  since         timestamptz NOT NULL,
  -- it has to last until then before it is an alert
  due_at        timestamptz,
  -- of a rule for what happens: the newest fact that was seen
  last_fact_id  bigint,
  alert_id      integer REFERENCES alerts (id) ON DELETE CASCADE,
  PRIMARY KEY (rule_id, subject)
);
CREATE INDEX alert_conditions_due ON alert_conditions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_conditions_alert ON alert_conditions (alert_id) WHERE alert_id IS NOT NULL;

-- Every alert engine reads the rules again.
CREATE FUNCTION alert_rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('alert_rules', '');
  RETURN NULL;
END $$;
CREATE TRIGGER alert_rules_changed AFTER INSERT OR UPDATE OR DELETE ON alert_rules
  FOR EACH STATEMENT EXECUTE FUNCTION alert_rules_changed();

-- A count that is asked for, or done, concerns its stock position.
CREATE FUNCTION cycle_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('changes', json_build_object('stock', json_build_array(NEW.inventory_item_id))::text);
  RETURN NULL;
END $$;
CREATE TRIGGER cycle_count_opened AFTER INSERT ON cycle_counts FOR EACH ROW EXECUTE FUNCTION cycle_count_changed();
CREATE TRIGGER cycle_count_changed AFTER UPDATE OF state ON cycle_counts
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION cycle_count_changed();
