-- Up Migration
-- What events of EPCIS mean, in both directions (docs/decisions/41-meaning-of-epcis.md).

-- The addresses under which this platform has named its things in events. New events use the newest; all of them mean this platform.
CREATE TABLE epcis_names (
  base   text PRIMARY KEY,
  since  timestamptz NOT NULL DEFAULT now()
);

-- OUT: the events that stand for what was told, such as an entry of a custody log. To correct them they are told again.
CREATE TABLE epcis_tellings (
  -- the id of the first event of the log about it
  origin    text PRIMARY KEY,
  -- how often it was told
  revision  integer NOT NULL,
  -- none: it was taken back
  events    jsonb NOT NULL,
  -- of which shipment, if of one
  shipment_id integer,
  told_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX epcis_tellings_shipment ON epcis_tellings (shipment_id) WHERE shipment_id IS NOT NULL;

-- IN: captured events (rows of epcis_events, by their position), and what became of them.
CREATE TABLE epcis_meanings (
  position   bigint PRIMARY KEY,
  event_id   text NOT NULL,
  -- taken: facts follow from it, or nothing does; unmatched: what it is about, or where it happened, is not known here
  state      text NOT NULL CHECK (state IN ('taken', 'unmatched')),
  problem    text CHECK ((problem IS NOT NULL) = (state = 'unmatched')),
  looked_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX epcis_meanings_unmatched ON epcis_meanings (position) WHERE state = 'unmatched';

-- What a captured event is about, in the canonical spelling. All events about one thing are translated together, so that the order in
-- which they came does not matter.
CREATE TABLE epcis_meaning_things (
  thing     text NOT NULL,
  position  bigint NOT NULL REFERENCES epcis_meanings (position) ON DELETE CASCADE,
  -- why nothing follows from it for this thing
  problem   text,
  PRIMARY KEY (thing, position)
);
CREATE INDEX epcis_meaning_things_position ON epcis_meaning_things (position);

-- Shipments that captured events have begun, by what their sender calls them.
CREATE TABLE epcis_shipments (
  thing        text PRIMARY KEY,
  shipment_id  integer NOT NULL REFERENCES shipments (id)
);
CREATE INDEX epcis_shipments_shipment ON epcis_shipments (shipment_id);

-- Who looks for captured events passes over what the platform has told itself.
CREATE INDEX epcis_events_captured ON epcis_events (position) WHERE source = 'captured';
