-- Up Migration
-- Parties: the companies and people that we deal with. What names one had until now a number that nothing checked.
CREATE TABLE parties (
  id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name              varchar(255) NOT NULL,
  -- of customer, supplier, carrier, owner: at least one
  roles             jsonb NOT NULL CHECK (jsonb_typeof(roles) = 'array' AND roles <> '[]'),
  -- what it calls itself in its own papers, e.g. a customer number
  reference         text,
  language          text,
  email             text,
  phone             text,
  address           text,
  -- of a supplier: from an order to its arrival
  lead_time_days    integer CHECK (lead_time_days >= 0),
  -- of a supplier: the least it delivers of one item, and the packs it delivers in; base units
  minimum_quantity  integer CHECK (minimum_quantity > 0),
  pack_quantity     integer CHECK (pack_quantity > 0),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  version           bigint NOT NULL DEFAULT 1
);
-- Lists by role.
CREATE INDEX parties_roles ON parties USING gin (roles);

-- Each number that was named becomes a party of this number, with the roles that it was named in. People give it its name.
INSERT INTO parties (id, name, roles) OVERRIDING SYSTEM VALUE
  SELECT id, 'Party ' || id, jsonb_agg(DISTINCT role ORDER BY role) FROM (
    SELECT customer_id AS id, 'customer' AS role FROM orders
    UNION ALL SELECT supplier_id, 'supplier' FROM orders
    UNION ALL SELECT supplier_id, 'supplier' FROM items
    UNION ALL SELECT owner_id, 'owner' FROM shipments
    UNION ALL SELECT owner_id, 'owner' FROM inventory_items
    UNION ALL SELECT unnest(owner_ids), 'owner' FROM users
    UNION ALL SELECT unnest(owner_ids), 'owner' FROM api_clients
  ) named WHERE id IS NOT NULL GROUP BY id;
-- New ones follow the highest number, unless somebody has named one near the end of the integers.
SELECT setval(pg_get_serial_sequence('parties', 'id'), max(id)) FROM parties WHERE id < 2000000000 HAVING max(id) IS NOT NULL;

ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES parties, ADD FOREIGN KEY (supplier_id) REFERENCES parties;
ALTER TABLE items ADD FOREIGN KEY (supplier_id) REFERENCES parties;
ALTER TABLE shipments ADD FOREIGN KEY (owner_id) REFERENCES parties;
ALTER TABLE inventory_items ADD FOREIGN KEY (owner_id) REFERENCES parties;
-- Whether something refers to a party is looked up when it is removed. Customers and owners have indexes.
CREATE INDEX orders_supplier ON orders (supplier_id) WHERE supplier_id IS NOT NULL;
CREATE INDEX items_supplier ON items (supplier_id) WHERE supplier_id IS NOT NULL;

CREATE TRIGGER search_words AFTER INSERT OR DELETE OR UPDATE OF name, reference, email ON parties
  FOR EACH ROW EXECUTE FUNCTION keep_search_words('party', 'name', 'reference', 'email');
INSERT INTO search_words
  SELECT 'party', w.later, w.words, p.id::text FROM parties p, search_words_of(ARRAY[p.name::text]) w;
