import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../api/auth/client-support.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { INTEGRATION_TABLES } from "../support/big-integrations.ts";
import { fillTables } from "../support/big-tables.ts";
import { type ExplainedStatement, explainStatements } from "../support/explained.ts";
import { expectFewRows } from "../support/few-rows.ts";

const ROWS = process.env["LONG"] === "1" ? 1_000_000 : 100_000;
const MAX_ROWS_READ = ROWS / 20;

/** Lists about other systems and about one thing, with values of each of their filters: for many rows, for few, for none. */
const LISTS: Record<string, { of: string; filters?: Record<string, string[]> }> = {
  "/webhooks": { of: "/webhooks" },
  "/webhooks/1/deliveries": {
    of: "/webhooks/{id}/deliveries",
    filters: { state: ["sent", "failed", "waiting", "cancelled"] },
  },
  "/event-log": { of: "/event-log" },
  "/erp/connections": { of: "/erp/connections" },
  "/erp/connections/1/documents": {
    of: "/erp/connections/{id}/documents",
    filters: {
      kind: ["sale", "supplier", "receipt", "count"],
      direction: ["in", "out"],
      state: ["linked", "sent", "failed", "reversed"],
    },
  },
  "/erp/connections/3/documents": {
    of: "/erp/connections/{id}/documents",
    filters: { kind: ["sale"], direction: ["out"], state: ["sent"] },
  },
  "/erp/conflicts": {
    of: "/erp/conflicts",
    filters: {
      connection_id: ["1", "987654"],
      state: ["open", "resolved"],
      type: ["level_differs", "duplicate", "refused"],
    },
  },
  "/epcis/capture": { of: "/epcis/capture" },
  "/epcis/unmatched": { of: "/epcis/unmatched" },
  "/epcis/queries": { of: "/epcis/queries" },
  "/epcis/queries/query7/subscriptions": { of: "/epcis/queries/{name}/subscriptions" },
  "/report-schedules": { of: "/report-schedules" },
  "/report-schedules/7/deliveries": { of: "/report-schedules/{id}/deliveries" },
  "/notification-rules": { of: "/notification-rules" },
  "/notification-rules/7/deliveries": { of: "/notification-rules/{id}/deliveries" },
  "/imports": { of: "/imports" },
  "/shipments/7/custody": { of: "/shipments/{id}/custody" },
  "/shipments/7/tracking-links": { of: "/shipments/{id}/tracking-links" },
};
/** `format` chooses another document, which is no list. */
const NO_FILTERS = new Set(["limit", "cursor", "perPage", "nextPageToken", "format"]);

let api: TestApi;
let explained: ExplainedStatement[];
let admin: string;
let limited: string;
beforeAll(async () => {
  api = await startApi();
  explained = explainStatements(api.db.pool, { withQueries: true });
  await fillTables(api.db.url, ROWS, INTEGRATION_TABLES);
  admin = await api.tokenOf("admin");
  const { rows } = await api.db.pool.query<{ place: number }>(
    "SELECT location_id AS place FROM shipments WHERE id = 7",
  );
  const limits = { location_ids: [rows[0]!.place] };
  limited = await tokenOfClient(
    api,
    await addClient(await api.as("admin"), { name: "limited", role: "manager", ...limits }),
  );
}, 600_000);
afterAll(() => api?.close());

test("every filter of these lists is looked at", async () => {
  const document = (await (await api.app.request("/openapi.json")).json()) as {
    paths: Record<string, { get: { parameters?: { name: string; in: string }[] } }>;
  };
  for (const { of, filters = {} } of Object.values(LISTS)) {
    const documented = (document.paths[of]!.get.parameters ?? []).filter(({ in: where }) => where === "query");
    const names = documented.map(({ name }) => name).filter((name) => !NO_FILTERS.has(name));
    expect(Object.keys(filters).toSorted(), of).toEqual(names.toSorted());
  }
});

async function ask(path: string, token: string): Promise<number> {
  explained.length = 0;
  const { status } = await api.app.request(path, { headers: { Authorization: `Bearer ${token}` } });
  return status;
}

describe.each(Object.entries(LISTS))("GET %s", (path, { filters = {} }) => {
  test("reads few rows, by indexes, whatever it is filtered by", async () => {
    const queries = Object.entries(filters).flatMap(([name, values]) => values.map((value) => `?${name}=${value}`));
    for (const query of ["", ...queries]) {
      expect(await ask(`${path}${query}`, admin), query).toBe(200);
      expectFewRows(explained, `GET ${path}${query}`, MAX_ROWS_READ);
    }
    if (!path.startsWith("/shipments/")) return;
    expect(await ask(path, limited)).toBe(200);
    expectFewRows(explained, `a limited client: GET ${path}`, MAX_ROWS_READ);
  });
});

test("the states of ERPs count documents from an index alone", async () => {
  // As autovacuum does sooner or later: until then rows are looked up for their visibility.
  await api.db.pool.query("VACUUM (ANALYZE) erp_documents");
  expect(await ask("/erp", admin)).toBe(200);
  const reads = expectFewRows(explained, "GET /erp", ROWS * 1.1);
  const documents = reads.filter(({ table, rows }) => table === "erp_documents" && rows > MAX_ROWS_READ);
  expect(documents.map(({ index }) => index)).toEqual(documents.map(() => "erp_documents_counts"));
  const plan = await api.db.pool.query<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT kind, direction, state, count(*), count(local_id), max(updated_at) FROM erp_documents WHERE connection_id = 1 GROUP BY 1, 2, 3`,
  );
  expect(plan.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("Index Only Scan using erp_documents_counts");
});
