import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { serve } from "@hono/node-server";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { fillSide, type Side } from "../auth/limited-world.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let server: ReturnType<typeof serve>;
let url: URL;
let own: Side;
let foreign: Side;
let admin: Awaited<ReturnType<TestApi["as"]>>;
const clients: Client[] = [];
beforeAll(async () => {
  api = await startApi({ mcp: true });
  admin = await api.as("admin");
  await admin("POST /items", { sku: "nut", name: "Nut", gtin: "4006381333931" });
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT min(id) AS id FROM users");
  own = await fillSide(api, "own", 1, rows[0]!.id);
  foreign = await fillSide(api, "foreign", 1, rows[0]!.id);
  server = serve({ fetch: api.app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await new Promise((resolve) => server?.close(resolve));
  await api?.close();
});

async function connect(token: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  clients.push(client);
  return client;
}

interface Answer {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent?: { rows: Record<string, unknown>[]; more: boolean; events: Record<string, unknown>[] } & Record<
    string,
    Record<string, unknown>[]
  >;
}

const use = async (client: Client, name: string, args: object = {}): Promise<Answer> =>
  (await client.callTool({ name, arguments: args as Record<string, unknown> })) as unknown as Answer;
const idsOf = ({ structuredContent }: Answer) => structuredContent!.rows.map(({ id }) => id);

test("its POST only reads: the document tells of no Idempotency-Key", async () => {
  const { paths } = (await (await api.app.request("/openapi.json")).json()) as {
    paths: Record<string, { post: { parameters?: object[]; description: string; responses: object } }>;
  };
  const { parameters = [], description, responses } = paths["/mcp"]!.post;
  expect([parameters, description, Object.keys(responses)]).toEqual([
    [],
    expect.not.stringContaining("Idempotency-Key"),
    expect.not.arrayContaining(["422"]),
  ]);
});

test("a client of the SDK learns what the tools are for, and that all of them only read", async () => {
  const client = await connect(await api.tokenOf("viewer"));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "find_shipment",
    "late_shipments",
    "low_stock",
    "find_item",
    "where_is_serial",
    "gate_history",
    "alerts",
    "search",
  ]);
  for (const { description, annotations, inputSchema, outputSchema } of tools) {
    expect(description!.length).toBeGreaterThan(60);
    expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    expect([inputSchema.type, outputSchema?.type]).toEqual(["object", "object"]);
  }
  expect(client.getInstructions()).toContain("only read");
});

test("a shipment is found by whatever names it, with why it is where it is", async () => {
  const client = await connect(await api.tokenOf("viewer"));
  const listed = (await admin(`GET /shipments/${own.shipment}`)).body as unknown as { tracking_number: string };
  for (const q of [String(own.shipment), listed.tracking_number, own.sscc, `(00)${own.sscc}`, "own goods"]) {
    const found = await use(client, "find_shipment", { q });
    expect(idsOf(found), q).toEqual([own.shipment]);
    expect(found.content[0]!.text).toMatch(
      /It is there because of ".+" at .+, by the rule .+, confidence .+, evidence: /s,
    );
    expect(found.structuredContent!.events.at(-1)).toMatchObject({ rule: expect.any(String) as unknown });
    expect(JSON.parse(found.content[1]!.text)).toEqual(found.structuredContent);
  }
  const several = await use(client, "find_shipment", { q: "goods" });
  expect(idsOf(several).length).toBeGreaterThan(1);
  expect(several.content[0]!.text).toContain("ask again with the id of one");
  expect((await use(client, "find_shipment", { q: "no such goods" })).content[0]!.text).toContain(
    "No shipment matches",
  );
});

test("what is late, low and alerted, and where a piece is, is told as the API tells it", async () => {
  const client = await connect(await api.tokenOf("viewer"));
  await api.db.pool.query("UPDATE shipments SET due_at = now() - interval '1 day' WHERE id = $1", [own.shipment]);
  const item = (await admin("POST /items", { sku: "bolt", name: "Bolt" })).body["id"];
  const place = { item_id: item, location_id: own.shelf };
  const stock = (await admin("POST /inventory-items", { ...place, quantity: 3, reorder_point: 10 })).body["id"];
  expect(idsOf(await use(client, "late_shipments"))).toContain(own.shipment);
  const low = await use(client, "low_stock", { location_id: own.shelf });
  const position = low.structuredContent!.rows.find(({ id }) => id === stock);
  expect(position).toMatchObject({ reorder_point: 10, available: 3 });
  expect(Object.keys(position!)).toEqual(expect.arrayContaining(["on_order", "days_of_cover"]));
  expect(idsOf(await use(client, "alerts"))).toContain(own.alert);
  const piece = await use(client, "where_is_serial", { serial: "own serial" });
  expect(idsOf(piece)).toEqual([own.serial]);
  const nut = await use(client, "find_item", { q: "nut" });
  expect(nut.structuredContent!["levels"]!.map(({ id }) => id)).toContain(own.stock);
  const hits = await use(client, "search", { q: "own yard" });
  expect(hits.structuredContent!.rows).toContainEqual(expect.objectContaining({ kind: "location", id: own.location }));
});

test("what happened at a place between two times: shipments that came and left, goods that were put and counted", async () => {
  const client = await connect(await api.tokenOf("viewer"));
  await expect
    .poll(
      async () =>
        (await api.db.pool.query("SELECT FROM shipment_stays WHERE shipment_id = $1", [own.shipment])).rowCount,
    )
    .toBeGreaterThan(0);
  const from = "2000-01-01T00:00:00Z";
  const told = await use(client, "gate_history", {
    location: own.location,
    from,
    to: "2100-01-01T00:00:00Z",
    limit: 50,
  });
  const events = told.structuredContent!.rows;
  expect(events).toContainEqual(expect.objectContaining({ event: "came", shipment_id: own.shipment }));
  expect(events.map(({ inventory_item_id }) => inventory_item_id)).toContain(own.stock);
  const times = events.map(({ at }) => Date.parse(String(at)));
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  const none = await use(client, "gate_history", { location: "own yard", from, to: "2000-01-02T00:00:00Z" });
  expect(none.content[0]!.text).toContain("Nothing happened at own yard");
  const wrong = await use(client, "gate_history", { location: own.location, from, to: from });
  expect([wrong.isError, wrong.content[0]!.text]).toEqual([true, "from: must be before to"]);
  expect(await use(client, "gate_history", { location: 987_654, from })).toMatchObject({ isError: true });
});

test("for a caller with limits nothing else exists, by no tool; two callers at once get their own answers", async () => {
  const client = await addClient(admin, { role: "admin", location_ids: [own.location] });
  const limited = await connect(await tokenOfClient(api, client));
  const free = await connect(await api.tokenOf("viewer"));
  const args: Record<string, (side: Side) => object> = {
    find_shipment: (side) => ({ q: String(side.shipment) }),
    gate_history: (side) => ({ location: side.location, from: "2000-01-01T00:00:00Z" }),
    where_is_serial: (side) => ({ serial: `${side.name} serial` }),
    low_stock: (side) => ({ location_id: side.location }),
    search: (side) => ({ q: `${side.name} yard` }),
  };
  for (const [tool, of] of Object.entries(args)) {
    const [hidden, shown] = await Promise.all([use(limited, tool, of(foreign)), use(free, tool, of(foreign))]);
    expect([tool, hidden.isError === true || idsOf(hidden).length === 0]).toEqual([tool, true]);
    expect(shown.isError, tool).toBeUndefined();
    expect((await use(limited, tool, of(own))).isError, tool).toBeUndefined();
  }
  expect(idsOf(await use(limited, "alerts"))).not.toContain(foreign.alert);
  const levels = (await use(limited, "find_item", { q: "nut" })).structuredContent!["levels"]!;
  expect(levels.map(({ id }) => id)).not.toContain(foreign.stock);
});

test("wrong arguments are told in words, and a long answer is cut", async () => {
  const client = await connect(await api.tokenOf("viewer"));
  const wrong = await use(client, "late_shipments", { limit: 5000 });
  expect([wrong.isError, wrong.content[0]!.text]).toEqual([true, expect.stringContaining("limit") as unknown]);
  await api.db.pool.query(
    "INSERT INTO items (sku, name) SELECT 'long-' || n, 'Long ' || n || repeat(' name', 40) FROM generate_series(1, 60) n",
  );
  const long = await use(client, "find_item", { q: "Long", limit: 50 });
  expect(long.structuredContent!.more).toBe(true);
  expect(long.content[1]!.text.length).toBeLessThanOrEqual(40_000);
});

test("without a token, with a wrong one, or where it is not switched on, there is nothing", async () => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const post = (more: Record<string, string> = {}, to: TestApi = api) =>
    to.app.request("/mcp", { method: "POST", body, headers: { ...headers, ...more } });
  expect((await post()).status).toBe(401);
  expect((await post({ Authorization: "Bearer none" })).status).toBe(401);
  const authorization = { Authorization: `Bearer ${await api.tokenOf("auditor")}` };
  const answered = await post(authorization);
  expect([answered.status, answered.headers.get("mcp-session-id")]).toEqual([200, null]);
  expect((await api.app.request("/mcp", { headers: authorization })).status).toBe(405);
  const off = await startApi();
  try {
    expect((await post({ Authorization: `Bearer ${await off.tokenOf("admin")}` }, off)).status).toBe(404);
    const document = (await (await off.app.request("/openapi.json")).json()) as { paths: Record<string, unknown> };
    expect(document.paths["/mcp"]).toBeUndefined();
  } finally {
    await off.close();
  }
});
