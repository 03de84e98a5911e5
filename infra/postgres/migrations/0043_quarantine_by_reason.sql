-- Up Migration
-- The quarantine of one reason, page by page: what devices sent that nobody has registered, for example.
CREATE INDEX quarantine_reason ON quarantine (reason, id);
