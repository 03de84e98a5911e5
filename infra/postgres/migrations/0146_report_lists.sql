-- Up Migration
-- What a schedule of reports shows of its mails (the last that was sent, how many wait, what went wrong last) is found without reading all of them.

CREATE INDEX report_deliveries_sent ON report_deliveries (schedule_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX report_deliveries_waits ON report_deliveries (schedule_id) WHERE state = 'waiting';
CREATE INDEX report_deliveries_tried ON report_deliveries (schedule_id, last_tried, id) WHERE attempts > 0;
