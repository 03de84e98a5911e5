import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTE_ACCESS } from "../auth/route-access.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  await admin("POST /locations", { name: "Here", stage: "storage" });
  await admin("POST /items", { sku: "A", name: "A" });
  await admin("POST /vehicles", { name: "V" });
  await admin("POST /shipments", { product_name: "A", quantity: 1, location: 1 });
  await admin("POST /inventory-items", { item_id: 1, location_id: 1 });
  await admin("POST /devices", { id: "d", kind: "gps" });
});
afterAll(() => api.close());

const LEFT_OUT = new Set([
  "GET /stream",
  "POST /auth/logout",
  "POST /auth/refresh",
  "POST /auth/setup",
  "POST /auth/login",
]);
const routes = Object.keys(ROUTE_ACCESS).filter((route) => !LEFT_OUT.has(route));

const FIELDS = [
  "name", "sku", "product_name", "item_id", "quantity", "location", "location_id", "stage", "geofence", "lines", "kind", "at", "epc",
  "id", "mount", "packs", "status", "conditions", "vehicle_id", "reorder_point", "role", "email", "hex", "text", "json", "due_at",
  "value_cents", "parent_id", "destination_id", "rate_limit", "order_date", "owner_id",
]; // prettier-ignore
const value = fc.oneof(
  fc.constantFrom(
    1,
    0,
    -1,
    2_147_483_647,
    2_147_483_648,
    1e308,
    1.5,
    "storage",
    "d",
    "gps",
    "",
    "\u0000",
    "\ud800",
    null,
    true,
  ),
  fc.constantFrom("2026-11-21T08:00:00Z", "9999-99-99T00:00:00Z", "customer", [{ item_id: 1, quantity: 1 }], {
    vehicle_id: 1,
  }),
  fc.jsonValue({ maxDepth: 2 }),
);
const body = fc.oneof(
  fc
    .array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 6 })
    .map((pairs) => JSON.stringify(Object.fromEntries(pairs))),
  fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json)),
  fc.string(),
);
const id = fc.oneof(
  fc.constantFrom("1", "d", "native", "0", "2147483648", "%00", "%", "%E0%A4", "..", "'", "a%2Fb"),
  fc.string().map(encodeURIComponent),
);
const query = fc.array(
  fc.tuple(
    fc.constantFrom(
      "limit",
      "cursor",
      "q",
      "status",
      "kind",
      "from",
      "to",
      "simplify",
      "quantity",
      "filter",
      "updated_since",
      "aggregate",
      "actor",
    ),
    fc.string(),
  ),
  { maxLength: 3 },
);

test("no request makes the server answer 5xx", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), id, query, body, async (route, id, query, body) => {
      const [method, path] = route.split(" ") as [string, string];
      const asked = new URLSearchParams(query).toString();
      const call = `${method} ${path.replace(/\{\w+\}/, id)}${asked === "" ? "" : `?${asked}`}`;
      const sends = method === "POST" || method === "PUT";
      const { status } = await admin(call, sends ? body : undefined).catch((error: unknown) => {
        // Some responses are HTML, not JSON.
        if (error instanceof SyntaxError) return { status: 200 };
        throw error;
      });
      expect(status, `${call} ${body}`).toBeLessThan(500);
    }),
    { numRuns: 600, seed: Number(process.env.SEED ?? 20_261_121) },
  );
});

test("without Postgres requests answer 503 with Retry-After, and the process keeps running", async () => {
  const other = await startApi();
  const caller = await other.as("admin");
  expect((await caller("GET /items")).status).toBe(200);
  await other.close();
  const away = await caller("GET /items");
  expect(away.status).toBe(503);
  expect(away.headers.get("Retry-After")).toBe("2");
  expect((await other.app.request("/livez")).status).toBe(200);
  expect((await other.app.request("/readyz")).status).toBe(503);
});
