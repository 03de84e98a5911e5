import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type TestApi } from "../api/support.ts";
import { addClient, tokenOfClient } from "../api/auth/client-support.ts";
import { fillTables } from "../support/big-tables.ts";
import { type ExplainedStatement, explainStatements } from "../support/explained.ts";
import { expectFewRows } from "../support/few-rows.ts";

const ROWS = process.env["LONG"] === "1" ? 1_000_000 : 200_000;
/** A page of 50 may look at so many rows. */
const MAX_ROWS_READ = ROWS / 10;
/** Of these, limits to locations may pass over all rows of the table by a hash that is made once; it has a tenth of the rows. */
const PASSED_OVER = new Set(["/alerts", "/devices", "/quarantine", "/lots", "/asset-movements"]);
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** What lists read that are not called as their table. */
const TABLES: Record<string, string> = {
  "/stock-outlooks": "inventory_items",
  "/analytics/eta-quality": "eta_checks",
  "/packing-scales": "devices",
};
/** What many have, what few have, what nothing has, and two at once. */
const CUSTOM = {
  tags: ["common", "rare", "nothing-such", "common,rare"],
  attributes: ['{"colour":"red"}', '{"colour":"blue"}', '{"length":7}', '{"colour":"red","length":7}'],
};

/** Every list over tables that grow, and values of each of its filters: some for many rows, some for few, some for none. */
const LISTS: Record<string, Record<string, string[]>> = {
  "/shipments": {
    status: ["delivered", "exception", "cancelled"],
    stage: ["storage"],
    location_id: ["7", "1999"],
    vehicle_id: ["7", "987654"],
    profile: ["cold_chain", "high_value"],
    due_before: ["2020-01-01", hoursAgo(24 * 100), "2099-01-01"],
    late: ["true", "false"],
    at_risk: ["true", "false"],
    risk: ["off_route", "light", "separation", "off_route,light,late"],
    updated_since: ["2099-01-01", hoursAgo(1), "2001-01-01"],
    q: ["po-7777", "PRODUCT", "nothing-such", "(00)106141412345678908"],
    ...CUSTOM,
  },
  "/inventory-items": {
    quantity: ["10", "900"],
    quantity_gte: ["0", "990", "1000"],
    item_id: ["7"],
    location_id: ["7", "2000"],
    below_reorder_point: ["true", "false"],
  },
  "/stock-outlooks": {
    item_id: ["7"],
    location_id: ["7", "2000"],
    inventory_item_id: ["7", "987654321"],
    inventory_item_ids: ["7,8,987654321"],
  },
  "/analytics/eta-quality": {
    origin_id: ["7", "987654"],
    destination_id: ["8", "987654"],
    horizon_minutes: ["60", "7"],
  },
  "/reservations": { order_id: ["7", "987654"], inventory_item_id: ["7", "987654"] },
  "/packing-scales": {},
  "/pick-lists": { status: ["open", "done"] },
  "/trips": {
    vehicle_id: ["7", "987654"],
    driver: ["7", "driver 77", "name 77", "nobody"],
    status: ["under_way", "completed", "cancelled"],
    location_id: ["7", "1999"],
    shipment_id: ["7", "987654"],
    from: ["2001-01-01", hoursAgo(24), "2099-01-01"],
    to: ["2001-01-01", hoursAgo(24), "2099-01-01"],
  },
  "/drivers": { q: ["driver 77", "nobody"] },
  "/orders": { kind: ["customer", "restock"], status: ["draft", "sent"], customer_id: ["7", "987654"] },
  "/items": { q: ["SKU-500", "product", "nothing-such"], ...CUSTOM },
  "/locations": { q: ["site 9", "nothing-such"], kind: ["storage", "quality"], ...CUSTOM },
  "/locations/utilisation": { parent_id: ["7", "987654"] },
  "/vehicles": { q: ["M-77", "truck", "nothing-such"], ...CUSTOM },
  "/devices": { kind: ["scale", "env"], state: ["active", "retired"] },
  "/quarantine": {
    device_id: ["device-0000077", "no-such-device"],
    reason: ["not-json", "unknown-device", "nothing-such"],
  },
  "/parties": {
    role: ["customer", "carrier"],
    q: ["party 12", "R-77", "mail77@example.com", "nothing-such"],
    ...CUSTOM,
  },
  "/movements": {
    inventory_item_id: ["7", "987654321"],
    item_id: ["7", "987654321"],
    location_id: ["7", "2000"],
    order: ["newest"],
  },
  "/cycle-counts": { state: ["open", "agreed"], location_id: ["7"] },
  "/lots": {
    item_id: ["7", "987654"],
    location_id: ["7", "2000"],
    q: ["L-77", "nothing-such"],
    on_hold: ["true", "false"],
    expired: ["true", "false"],
    expires_before: ["2020-01-05", "2099-01-01"],
    in_stock: ["true", "false"],
  },
  "/serials": {
    item_id: ["7", "987654"],
    location_id: ["7", "2000"],
    code: ["S777", "nothing-such"],
    lot: ["L-77", "nothing-such"],
    state: ["there", "picked", "aboard"],
  },
  "/asset-movements": { party_id: ["7", "987654"], asset_type_id: ["7", "987654"], shipment_id: ["7", "987654"] },
  "/alerts": {
    state: ["open", "resolved"],
    active: ["true", "false"],
    type: ["low_stock", "dwell"],
    severity: ["critical", "info"],
    subject: ["inventory_item:7", "nothing-such"],
    location_id: ["7", "1999"],
    rule_id: ["1", "987654"],
    assigned_to: ["7"],
  },
  "/audit": {
    actor: ["user:7", "nobody"],
    action: ["POST /shipments", "POST /nothing"],
    subject: ["/shipments/77", "/nothing"],
    outcome: ["refused"],
    from: ["2099-01-01T00:00:00Z"],
    to: ["2001-01-01T00:00:00Z"],
  },
};

let api: TestApi;
let explained: ExplainedStatement[];
const tokens = new Map<string, string>();

beforeAll(async () => {
  api = await startApi();
  explained = explainStatements(api.db.pool);
  await fillTables(api.db.url, ROWS);
  tokens.set("an administrator", await api.tokenOf("admin"));
  const admin = await api.as("admin");
  const limited = async (name: string, limits: object): Promise<void> => {
    tokens.set(name, await tokenOfClient(api, await addClient(admin, { name, role: "manager", ...limits })));
  };
  await limited("a client of three locations", { location_ids: [5, 6, 7] });
  await limited("a client of a location where nothing is", { location_ids: [1995] });
  await limited("a client of one owner", { owner_ids: [3] });
  await limited("a client of locations and an owner", { location_ids: [5, 6, 7], owner_ids: [3] });
}, 1_200_000);
afterAll(() => api?.close());

test("reorder_point and (customer_id, order_date) have the indexes that the design document asks for", async () => {
  const { rows } = await api.db.pool.query<{ definition: string }>(
    "SELECT indexdef AS definition FROM pg_indexes WHERE tablename IN ('inventory_items', 'orders')",
  );
  const definitions = rows.map(({ definition }) => definition).join("\n");
  expect(definitions).toMatch(/ON public\.inventory_items USING btree \(reorder_point\)$/m);
  expect(definitions).toMatch(/ON public\.orders USING btree \(customer_id, order_date\)$/m);
});

test("every filter of these lists is looked at", async () => {
  const document = (await (await api.app.request("/openapi.json")).json()) as {
    paths: Record<string, { get?: { parameters?: { name: string; in: string }[] } }>;
  };
  for (const [path, filters] of Object.entries(LISTS)) {
    const documented = document.paths[path]!.get!.parameters!.filter(({ in: where }) => where === "query");
    const names = documented.map(({ name }) => name).filter((name) => name !== "limit" && name !== "cursor");
    expect(Object.keys(filters).toSorted(), path).toEqual(names.toSorted());
  }
});

describe.each([...Object.keys(LISTS)])("GET %s", (path) => {
  test("reads few rows, by indexes, whatever it is filtered by and whoever asks", async () => {
    const table = TABLES[path] ?? path.split("/")[1]!.replace("-", "_");
    const queries = Object.entries(LISTS[path]!).flatMap(([name, values]) => values.map((value) => [name, value]));
    for (const [who, token] of tokens) {
      for (const query of [[], ...queries]) {
        explained.length = 0;
        const search = new URLSearchParams([
          ...(query.length === 0 ? [] : [query as [string, string]]),
          ["limit", "50"],
        ]);
        const where = `${who}: GET ${path}?${search.toString()}`;
        const { status } = await api.app.request(`${path}?${search.toString()}`, {
          headers: { Authorization: `Bearer ${token}` },
        });
        if (path === "/audit" && who !== "an administrator") {
          expect(status, where).toBe(404);
          continue;
        }
        expect(status, where).toBe(200);
        const maxRows = MAX_ROWS_READ + (PASSED_OVER.has(path) ? ROWS / 10 + 20_000 : 0);
        const reads = expectFewRows(explained, where, maxRows);
        expect(
          reads.map((read) => read.table),
          where,
        ).toContain(table);
      }
    }
  }, 300_000);
});

test("a search reads few rows, by indexes, whatever is looked for and whoever asks", async () => {
  const texts = [
    ...["WS0000077777", "po-7777", "77777", "product", "p", "PRODUCT a", "nothing-such", "truck 1", "SKU-500", "M-77"],
    ...["urn:epc:id:sgtin:4012345.012345.777", "000000000000000777", "#777"],
  ];
  for (const [who, token] of tokens) {
    for (const q of texts) {
      explained.length = 0;
      const where = `${who}: GET /search?q=${q}`;
      const { status } = await api.app.request(`/search?q=${encodeURIComponent(q)}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect(status, where).toBe(200);
      expectFewRows(explained, where, MAX_ROWS_READ);
    }
  }
}, 300_000);
