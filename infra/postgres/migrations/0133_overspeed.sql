-- Up Migration
-- Alerts about vehicles that drive too fast. Which speed that is depends on the fleet: the rule is off until somebody turns it on.
INSERT INTO alert_rules (name, type, severity, enabled) VALUES ('A vehicle drives too fast', 'overspeed', 'warning', false);
