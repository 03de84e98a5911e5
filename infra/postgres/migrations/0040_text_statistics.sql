-- Up Migration
-- How many shipments hold a text is guessed from a histogram. With the usual 100 values, one of them that happens to hold it
-- stands for a hundredth of all shipments: a list then goes by id, and reads all of them for the ten that match.
ALTER TABLE shipment_texts ALTER COLUMN content SET STATISTICS 1000;
