import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLES } from "../../../api/auth/roles.ts";
import { startApi, type TestApi } from "../support.ts";

const own = {
  cpu_seconds: 1.5,
  uptime_seconds: 60,
  resident_bytes: 1e8,
  heap_bytes: 5e7,
  external_bytes: 1e6,
  event_loop_lag_seconds: { "0.5": 0, "0.99": 0.004 },
  postgres_connections: { used: 1, idle: 3 },
  postgres_waiting: 0,
};
const FIGURES = {
  broker: {
    ageMs: 500,
    figures: {
      ...own,
      mqtt_connections: 12,
      messages_accepted: 4711,
      journal_bytes: 1e6,
      journal_pending: 0,
      puback_delay_seconds: 0,
    },
  },
  ingest: {
    ageMs: 700,
    figures: {
      ...own,
      readings_stored: 4000,
      readings_duplicate: 11,
      readings_late: 3,
      quarantined: 2,
      batches: 100,
      batch_conflicts: 1,
      ingest_lag_bytes: { state: 300, series: 400 },
      ingest_lag_seconds: 0.1,
      late_signals: 2,
      unknown_to_this_version: 1,
    },
  },
};

let api: TestApi;
beforeAll(async () => {
  api = await startApi({}, { figures: FIGURES, trustedProxies: ["127.0.0.1"] });
});
afterAll(() => api?.close());

/** Asks from an address; 127.0.0.1 is a trusted proxy too. */
async function scrape(remoteAddress: string | undefined, headers: Record<string, string> = {}): Promise<Response> {
  const env = remoteAddress === undefined ? {} : { incoming: { socket: { remoteAddress } } };
  return api.app.request("/metrics", { headers }, env);
}

/** Each sample of the text format: its name with labels, and its value. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const at = line.lastIndexOf(" ");
    expect(line.slice(0, at), line).toMatch(/^[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="[^"]*",?)+\})?$/);
    samples.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return samples;
}

test.for<[string, string | undefined, Record<string, string>, number]>([
  ["loopback", "127.0.0.1", {}, 200],
  ["loopback by IPv6", "::1", {}, 200],
  ["loopback by IPv4 in IPv6", "::ffff:127.0.0.1", { host: "localhost:8080" }, 200],
  ["elsewhere", "203.0.113.5", {}, 401],
  ["elsewhere, claiming to be loopback", "203.0.113.5", { "x-forwarded-for": "127.0.0.1" }, 401],
  ["no socket", undefined, {}, 401],
  ["a trusted proxy on loopback, for a stranger", "127.0.0.1", { "x-forwarded-for": "203.0.113.5" }, 401],
  [
    "a trusted proxy on loopback, for a stranger who claims to be loopback",
    "127.0.0.1",
    { "x-forwarded-for": "127.0.0.1, 203.0.113.5" },
    401,
  ],
  ["a trusted proxy on loopback, for a client on loopback", "127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, 200],
  ["a trusted proxy on loopback that says no address", "127.0.0.1", { "x-forwarded-for": "unknown" }, 401],
  [
    "another proxy on loopback, for whoever says so",
    "127.0.0.2",
    { "x-forwarded-for": "127.0.0.1", host: "127.0.0.2" },
    401,
  ],
  ["a proxy that says so by another header", "127.0.0.1", { forwarded: "for=203.0.113.5" }, 401],
  ["a proxy that says only that it is one", "127.0.0.1", { via: "1.1 proxy" }, 401],
  ["a page of another site whose name leads here", "127.0.0.1", { host: "evil.example" }, 401],
])("metrics asked for from %s", async ([, address, headers, status]) => {
  expect((await scrape(address, headers)).status).toBe(status);
});

test("from elsewhere metrics are for managers, auditors and administrators, and for API clients of any role", async () => {
  for (const role of ROLES) {
    const answer = await scrape("203.0.113.5", { Authorization: `Bearer ${await api.tokenOf(role)}` });
    expect([role, answer.status]).toEqual([role, ["admin", "manager", "auditor"].includes(role) ? 200 : 403]);
  }
  const admin = await api.as("admin");
  const { body } = await admin("POST /api-clients", { name: "prometheus", role: "viewer" });
  const token = await api.app.request("/oauth/token", {
    method: "POST",
    headers: {
      Authorization: `Basic ${btoa(`${String(body["client_id"])}:${String(body["client_secret"])}`)}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  const { access_token } = (await token.json()) as { access_token: string };
  expect((await scrape("203.0.113.5", { Authorization: `Bearer ${access_token}` })).status).toBe(200);
  const wrong = await scrape("203.0.113.5", { Authorization: "Bearer wrong" });
  expect(wrong.status).toBe(401);
});

test("metrics tell of requests by route and status, of the cache, the stream, and the processes of the node", async () => {
  const manager = await api.as("manager");
  const cached = { "Cache-Control": "max-age=4" };
  await manager("GET /shipments?limit=3", undefined, cached);
  await manager("GET /shipments?limit=3", undefined, cached);
  await manager("GET /shipments/4711");
  await manager("GET /shipments/4712");
  await manager("GET /nothing/here");
  const stream = await api.app.request("/stream", {
    headers: { Authorization: `Bearer ${await api.tokenOf("viewer")}` },
  });
  const answer = await scrape("127.0.0.1");
  expect(answer.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const samples = samplesOf(await answer.text());
  await stream.body?.cancel();
  expect(Object.fromEntries(samples)).toMatchObject({
    'waystock_http_requests_total{method="GET",route="/shipments",status="200"}': 2,
    'waystock_http_requests_total{method="GET",route="/shipments/{id}",status="404"}': 2,
    'waystock_http_requests_total{method="GET",route="other",status="404"}': 1,
    'waystock_http_request_duration_seconds_count{method="GET",route="/shipments"}': 2,
    'waystock_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/shipments"}': 2,
    'waystock_cache_requests_total{outcome="hit"}': 1,
    'waystock_cache_requests_total{outcome="miss"}': 1,
    'waystock_cache_requests_total{outcome="stale"}': 0,
    waystock_listener_up: 1,
    waystock_stream_viewers: 1,
    'waystock_part_ok{part="postgres"}': 1,
    waystock_events_lag_seconds: 0,
    'waystock_webhook_deliveries{state="waiting"}': 0,
    'waystock_webhooks{state="failing"}': 0,
    waystock_messages_accepted_total: 4711,
    'waystock_ingest_lag_bytes{consumer="series"}': 400,
    waystock_quarantined_total: 2,
    'waystock_process_cpu_seconds_total{process="broker"}': 1.5,
    'waystock_process_event_loop_lag_seconds{process="ingest",quantile="0.99"}': 0.004,
    'waystock_process_report_age_seconds{process="ingest"}': 0.7,
  });
});

test("no text of a client becomes a label: any number of paths and methods makes no new series", async () => {
  const manager = await api.as("manager");
  await manager("GET /shipments/1");
  await manager("GET /no-such-thing/1");
  await manager("GET /shipments?q=1");
  const before = samplesOf(await (await scrape("127.0.0.1")).text());
  for (let at = 2; at < 50; at += 1) {
    await manager(`GET /shipments/${at}`);
    await manager(`GET /no-such-thing/${at}`);
    await manager(`GET /shipments?q=${at}`);
  }
  const after = samplesOf(await (await scrape("127.0.0.1")).text());
  const added = [...after.keys()].filter((name) => name.startsWith("waystock_") && !before.has(name));
  expect(added.filter((name) => !name.includes('route="/metrics"'))).toEqual([]);
});

test("docs/operations.md lists each metric, and no other", async () => {
  const page = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "operations.md"), "utf8");
  const section = page.slice(page.indexOf("## Metrics"));
  const table = section.slice(0, section.indexOf("\n## ", 1));
  const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  const text = await (await scrape("127.0.0.1")).text();
  const told = [...text.matchAll(/^# TYPE (\w+) \w+$/gm)].map(([, name]) => name!);
  expect(listed.filter((name) => name.startsWith("waystock_")).sort()).toEqual(
    told.filter((name) => name.startsWith("waystock_")).sort(),
  );
  // Which of the others there are depends on the system.
  const others = told.filter((name) => !name.startsWith("waystock_"));
  expect(others.every((name) => /^(?:process|nodejs)_/.test(name))).toBe(true);
});
