-- Up Migration
-- Links by which people without an account follow one shipment.
CREATE TABLE tracking_links (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id   integer NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
  token_sha256  bytea NOT NULL UNIQUE,
  -- the one that the QR code of its labels holds
  is_label      boolean NOT NULL DEFAULT false,
  -- null: until some time after the shipment is closed
  expires_at    timestamptz,
  -- who made it, as in the audit
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tracking_links_shipment ON tracking_links (shipment_id, id);
CREATE UNIQUE INDEX tracking_links_label ON tracking_links (shipment_id) WHERE is_label;

-- A label may be printed again, so the token of its link is needed back. It is kept encrypted, as in 0042.
CREATE TABLE label_tokens (
  link_id       integer PRIMARY KEY REFERENCES tracking_links (id) ON DELETE CASCADE,
  token         bytea,
  sealed_token  bytea,
  CHECK ((token IS NULL) <> (sealed_token IS NULL))
);
