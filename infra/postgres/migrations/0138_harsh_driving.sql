-- Up Migration
-- Alerts about harsh driving. How much of it matters depends on the fleet and on the goods: the rule is off until somebody turns it on.
INSERT INTO alert_rules (name, type, severity, enabled) VALUES ('A vehicle is driven harshly', 'harsh_driving', 'warning', false);
