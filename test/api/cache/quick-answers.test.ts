import { gunzipSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let [site, other, shipment] = [0, 0, 0];

beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  site = Number((await admin("POST /locations", { name: "Here", stage: "storage" })).body["id"]);
  other = Number((await admin("POST /locations", { name: "Elsewhere", stage: "storage" })).body["id"]);
  const created = await admin("POST /shipments", { product_name: "Milk", quantity: 1, location: site });
  shipment = Number(created.body["id"]);
});
afterAll(() => api?.close());

const get = (path: string, headers: Record<string, string>) => api.app.request(path, { headers });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const headersOf = ({ headers }: Response) => {
  const { "x-request-id": id, "cache-status": status, ...others } = Object.fromEntries(headers);
  expect(id).toMatch(/^[\da-f-]{36}$/);
  return { status, others };
};

test("a response that is kept is repeated with all its headers, also to others who may see it", async () => {
  const viewer = bearer(await api.tokenOf("viewer"));
  const sales = bearer(await api.tokenOf("sales"));
  for (const path of [`/shipments/${shipment}`, "/shipments?limit=1", "/inventory-items"]) {
    // Notices of what was made before may still come.
    await expect.poll(async () => (await get(path, viewer)).headers.get("Cache-Status")).toBe("waystock; hit");
    const asked = await get(path, { ...viewer, "Cache-Control": "no-cache" });
    const text = await asked.text();
    const [again, others] = [await get(path, viewer), await get(path, sales)];
    for (const repeated of [again, others]) {
      expect(headersOf(repeated)).toEqual({ status: "waystock; hit", others: headersOf(asked).others });
      expect(await repeated.text()).toBe(text);
    }
    expect(again.headers.get("Content-Security-Policy")).toContain("default-src");
  }
  const etag = (await get(`/shipments/${shipment}`, viewer)).headers.get("ETag")!;
  const known = await get(`/shipments/${shipment}`, { ...viewer, "If-None-Match": etag });
  expect([known.status, known.headers.get("ETag"), await known.text()]).toEqual([304, etag, ""]);
});

test("a compressed response is repeated as it was, to each by what it accepts", async () => {
  const viewer = bearer(await api.tokenOf("viewer"));
  const path = "/shipments?limit=1";
  // The test's own client does not uncompress.
  const ask = (accepts: string) =>
    api.app.fetch(new Request(`http://localhost${path}`, { headers: { ...viewer, "Accept-Encoding": accepts } }));
  await expect.poll(async () => (await get(path, viewer)).headers.get("Cache-Status")).toBe("waystock; hit");
  const plain = await (await get(path, viewer)).text();
  const encodings = ["gzip, deflate, br", "gzip", "deflate", "br", "gzip;q=0", "identity"];
  for (const accepts of [...encodings, ...encodings]) {
    const answer = await ask(accepts);
    const body = Buffer.from(await answer.arrayBuffer());
    const encoding = answer.headers.get("Content-Encoding");
    expect(encoding, accepts).toBe(/^gzip(?!;q=0)/.test(accepts) ? "gzip" : accepts === "deflate" ? "deflate" : null);
    const text = encoding === "gzip" ? gunzipSync(body) : encoding === "deflate" ? inflateSync(body) : body;
    expect(text.toString(), accepts).toBe(plain);
    expect(answer.headers.get("Vary"), accepts).toBe("Accept-Encoding");
    expect(answer.headers.get("Content-Type"), accepts).toMatch(/^application\/json/);
  }
});

test("nobody gets a response that is kept who may not see it", async () => {
  const paths = [`/shipments/${shipment}`, "/shipments"];
  const foreign = await addClient(admin, { role: "viewer", location_ids: [other] });
  const limited = bearer(await tokenOfClient(api, foreign));
  const leaving = await addClient(admin, { role: "viewer" });
  const token = bearer(await tokenOfClient(api, leaving));
  for (const path of paths) for (let n = 0; n < 3; n += 1) expect((await get(path, token)).status).toBe(200);
  expect((await get(paths[0]!, limited)).status).toBe(404);
  expect(await (await get(paths[1]!, limited)).json()).toEqual([]);
  for (const path of paths) {
    expect((await get(path, {})).status).toBe(401);
    expect((await get(path, bearer("nonsense"))).status).toBe(401);
    expect((await get(path, { Cookie: "waystock_session=nonsense" })).status).toBe(401);
  }
  const change = await admin(`PUT /api-clients/${leaving.id}`, { active: false });
  expect(change.status).toBe(200);
  for (const path of paths) expect((await get(path, token)).status).toBe(401);
});

test("a user who has changed something reads it changed at once", async () => {
  const path = `GET /shipments/${shipment}`;
  for (let n = 0; n < 50; n += 1) {
    await admin(path);
    await admin("GET /shipments");
    expect((await admin(`PUT /shipments/${shipment}`, { reference: `PO-${n}` })).status).toBe(200);
    expect((await admin(path)).body["reference"]).toBe(`PO-${n}`);
    expect((await admin("GET /shipments")).body).toMatchObject([{ reference: `PO-${n}` }]);
  }
});

test("repeated responses count for the rate limit", async () => {
  const slow = await startApi({ apiRate: { perSecond: 1, burst: 20 } });
  try {
    const viewer = await slow.as("viewer");
    const statuses = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await viewer("GET /shipments")).status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20);
    expect(statuses.at(-1)).toBe(429);
  } finally {
    await slow.close();
  }
});
