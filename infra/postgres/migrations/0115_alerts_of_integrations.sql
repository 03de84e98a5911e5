-- Up Migration
-- People hear of it when another system is not told any longer.
INSERT INTO alert_rules (name, type, severity, enabled) VALUES ('An integration fails', 'integration_failing', 'warning', true);
