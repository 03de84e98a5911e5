-- Up Migration
UPDATE inventory_items SET fold = '{"ledger": null, "scale": null, "rfid": null, "differsSince": null}' || fold WHERE fold IS NOT NULL;

-- Since when (epoch milliseconds) a sensor contradicts the level; what is null for nearly all costs an update nothing.
ALTER TABLE inventory_items ADD COLUMN differs_since_ms bigint GENERATED ALWAYS AS ((fold ->> 'differsSince')::bigint) STORED;
CREATE INDEX inventory_items_differing ON inventory_items (differs_since_ms) WHERE differs_since_ms IS NOT NULL;

-- Somebody should go and count one product at one place, because sensors and ledger contradict each other or because a
-- person asks for it.
CREATE TABLE cycle_counts (
  id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inventory_item_id  integer NOT NULL REFERENCES inventory_items (id) ON DELETE CASCADE,
  -- agreed: the difference is gone without a count
  state              text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'counted', 'agreed')),
  reason             text NOT NULL CHECK (reason IN ('disagreement', 'asked')),
  suspect            text CHECK (suspect IN ('ledger', 'scale', 'rfid')),
  -- what each said when it was opened: {"ledger", "scale", "rfid"}
  testimony          jsonb NOT NULL DEFAULT '{}',
  differs_since      timestamptz,
  counted_quantity   integer,
  actor_id           integer,
  opened_at          timestamptz NOT NULL DEFAULT now(),
  closed_at          timestamptz,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  version            bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX cycle_counts_open ON cycle_counts (inventory_item_id) WHERE state = 'open';
