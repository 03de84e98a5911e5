import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ToolCounts } from "../../../api/integrations/mcp/tool-counts.ts";
import { freePort } from "../../../infra/runtime/free-port.ts";
import { addClient, basic } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let server: ReturnType<typeof serve>;
let publicUrl: string;
let client: Client;
beforeAll(async () => {
  const port = await freePort("127.0.0.1");
  publicUrl = `http://127.0.0.1:${port}`;
  api = await startApi({ mcp: true, publicUrl });
  server = serve({ fetch: api.app.fetch, port, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  client = new Client({ name: "test", version: "1" });
});
afterAll(async () => {
  await client?.close();
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
  await api?.close();
});

interface Told {
  enabled: boolean;
  url: string;
  token_url: string;
  tools: { name: string; title: string; calls: number; unanswered: number; last_called_at: string | null }[];
}
const told = async (of: TestApi = api): Promise<Told> => {
  const { status, body } = await (await of.as("auditor"))("GET /assistants");
  expect(status).toBe(200);
  return body as unknown as Told;
};

test("an assistant connects with what the page tells it, as an API client, and its calls are counted", async () => {
  const { url, enabled, tools, token_url } = await told();
  expect({ url, enabled, token_url }).toEqual({
    url: `${publicUrl}/mcp`,
    enabled: true,
    token_url: `${publicUrl}/oauth/token`,
  });
  expect(tools.map(({ calls, last_called_at }) => [calls, last_called_at])).toEqual(tools.map(() => [0, null]));
  const { client_id: id, client_secret: secret } = await addClient(await api.as("admin"), { role: "viewer" });
  // As the page says: curl -u "CLIENT_ID:CLIENT_SECRET" -d grant_type=client_credentials …
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const answer = await fetch(token_url, { method: "POST", headers: basic(id, secret), body });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  expect((await client.listTools()).tools.map(({ name, title }) => [name, title])).toEqual(
    tools.map(({ name, title }) => [name, title]),
  );
  await client.callTool({ name: "search", arguments: { q: "tea" } });
  await client.callTool({ name: "search", arguments: { q: "honey" } });
  expect(await client.callTool({ name: "gate_history", arguments: gone })).toMatchObject({ isError: true });
  const counted = (await told()).tools.filter(({ calls }) => calls > 0);
  expect(counted).toMatchObject([
    { name: "gate_history", calls: 1, unanswered: 1, last_called_at: expect.any(String) as string },
    { name: "search", calls: 2, unanswered: 0 },
  ]);
  const metrics = await (await api.app.request("/metrics", {}, LOOPBACK)).text();
  expect(metrics).toContain('waystock_assistant_calls_total{tool="search",outcome="answered"} 2');
  expect(metrics).toContain('waystock_assistant_calls_total{tool="gate_history",outcome="refused"} 1');
});
const gone = { location: "no such place", from: "2026-01-01T00:00:00Z" };
const LOOPBACK = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };

test("where it is off, that is told with the same tools", async () => {
  const off = await startApi();
  const { enabled, tools } = await told(off);
  expect(enabled).toBe(false);
  expect(tools.map(({ name }) => name)).toEqual((await told()).tools.map(({ name }) => name));
  await off.close();
});

test("calls are counted for a day, by the hours of the clock", () => {
  const hour = 3_600_000;
  let now = 100 * hour;
  const counts = new ToolCounts(() => now);
  counts.count("search", "answered");
  now += hour / 2;
  counts.count("search", "failed");
  now += 20 * hour;
  counts.count("search", "refused");
  expect(counts.ofLastDay().get("search")).toEqual({ calls: 3, unanswered: 2, lastAt: now });
  now += 4 * hour;
  expect(counts.ofLastDay().get("search")).toMatchObject({ calls: 1, unanswered: 1 });
  now += 24 * hour;
  expect(counts.ofLastDay().size).toBe(0);
  expect(counts.totals.get("search")).toEqual(
    new Map([
      ["answered", 1],
      ["failed", 1],
      ["refused", 1],
    ]),
  );
});
