-- Up Migration
-- The alert engine asks for the sources with many messages in an hour, and reads no others. It finds hours by age too.
CREATE INDEX quarantine_hours_messages ON quarantine_hours (hour, messages);
DROP INDEX quarantine_hours_age;
