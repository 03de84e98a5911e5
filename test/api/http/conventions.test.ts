import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
});
afterAll(() => api.close());

test("invalid bodies are refused with a pointer to every mistake", async () => {
  const unknown = await admin("POST /locations", { name: "A", colour: "red", stage: "moon" });
  expect(unknown.status).toBe(400);
  expect(unknown.headers.get("Content-Type")).toBe("application/problem+json");
  expect(unknown.body).toMatchObject({ status: 400, title: "Bad request", requestId: expect.any(String) });
  const pointers = (unknown.body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
  expect(pointers.sort()).toEqual(["/colour", "/stage"]);
  expect((await admin("POST /locations", "{")).status).toBe(400);
  expect((await admin("POST /locations", { name: "A\u0000B" })).body.errors).toMatchObject([{ pointer: "/name" }]);
  expect((await admin("POST /locations", "name=A", { "Content-Type": "text/plain" })).status).toBe(415);
  expect((await admin("POST /locations", { name: "x".repeat(1024 * 1024) })).status).toBe(413);
  expect((await admin("POST /locations", "[".repeat(100_000))).status).toBe(400);
  expect(
    (await admin("POST /shipments", { product_name: "A", quantity: 1, location: 4711 })).body.errors,
  ).toMatchObject([{ pointer: "/location" }]);
});

test("a body that is not UTF-8 is refused, whatever else it says", async () => {
  const latin1 = Buffer.from('{"name":"M\xfcnchen"}', "latin1");
  const send = async (route: string, body: Buffer<ArrayBuffer>, type = "application/json") => {
    const authorization = `Bearer ${await api.tokenOf("admin")}`;
    const headers = { Authorization: authorization, "Content-Type": type };
    const response = await api.app.request(route, { method: "POST", headers, body });
    return { status: response.status, ...((await response.json()) as { detail?: string }) };
  };
  const refused = { status: 400, detail: "the body is not UTF-8" };
  expect(await send("/locations", latin1)).toMatchObject(refused);
  expect(await send("/auth/login", Buffer.from('{"email":"\xe9@x.de","password":"p"}', "latin1"))).toMatchObject(
    refused,
  );
  expect(await send("/devices/import", Buffer.from("id,kind\nger\xe4t,gps\n", "latin1"), "text/csv")).toMatchObject(
    refused,
  );
  expect(await send("/locations", Buffer.from(latin1.toString("latin1"), "utf16le"))).toMatchObject(refused);
  const rows = await admin("GET /locations?q=nchen");
  expect(rows.body).toEqual([]);
});

test("impossible ids answer 404, other methods 405, invalid parameters 400", async () => {
  for (const id of ["0", "abc", "99999999999999999999", "2147483648", "-1", "1.5", "%00", "1"]) {
    expect((await admin(`GET /items/${id}`)).status, id).toBe(404);
  }
  const wrong = await admin("PATCH /items/1", {});
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("Allow")).toBe("GET, PUT, DELETE, HEAD");
  expect((await admin("GET /nowhere")).status).toBe(404);
  for (const query of ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=W10", "q=%00", "nonsense=1"]) {
    expect((await admin(`GET /items?${query}`)).status, query).toBe(400);
  }
});

test("lists are paged by cursor without repeating or skipping a row", async () => {
  for (let at = 0; at < 7; at += 1) await admin("POST /vehicles", { name: `Truck ${at}` });
  const names: unknown[] = [];
  let next: string | undefined = "/vehicles?limit=3";
  let pages = 0;
  while (next !== undefined) {
    const page: Awaited<ReturnType<typeof admin>> = await admin(`GET ${next}`);
    names.push(...(page.body as unknown as { name: string }[]).map(({ name }) => name));
    next = /^<(.+)>; rel="next"$/.exec(page.headers.get("Link") ?? "")?.[1];
    pages += 1;
  }
  expect(pages).toBe(3);
  expect(names).toEqual(Array.from({ length: 7 }, (_, at) => `Truck ${at}`));
});

test("entity tags: unchanged for clients that accept compression, 304 when known, 412 when outdated", async () => {
  const created = await admin("POST /items", {
    sku: "E",
    name: "E".repeat(255),
    barcode: "b".repeat(255),
    packs: packs(),
  });
  const path = `/items/${String(created.body.id)}`;
  const read = await admin(`GET ${path}`, undefined, { "Accept-Encoding": "gzip" });
  expect(read.headers.get("ETag")).toBe('"v1"');
  // A list has no entity tag and is compressed, so the test client cannot parse it as JSON.
  expect(await admin("GET /items", undefined, { "Accept-Encoding": "gzip" }).catch(() => undefined)).toBeUndefined();
  const etag = created.headers.get("ETag")!;
  expect(etag).toBe('"v1"');
  expect((await admin(`GET ${path}`, undefined, { "If-None-Match": `W/${etag}` })).status).toBe(304);
  expect((await admin(`PUT ${path}`, { name: "F" }, { "If-Match": `W/${etag}` })).status).toBe(200);
  expect((await admin(`PUT ${path}`, { name: "G" }, { "If-Match": etag })).status).toBe(412);
  expect((await admin(`GET ${path}`)).body.name).toBe("F");
  expect((await admin(`GET ${path}`)).headers.get("ETag")).toBe('"v2"');

  // Where a vehicle is changes without its row: who has read it before is told again.
  const { body: truck } = await admin("POST /vehicles", { name: "Lorry" });
  const known = { "If-None-Match": '"v1"' };
  expect((await admin(`GET /vehicles/${String(truck.id)}`, undefined, known)).status).toBe(304);
  await api.db.pool.query(
    "INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', now(), now(), 48, 11)",
    [truck.id],
  );
  const moved = await admin(`GET /vehicles/${String(truck.id)}`, undefined, known);
  expect([moved.status, moved.headers.get("ETag")]).toEqual([200, '"v1"']);

  // So do the names of a product, which a stock position shows.
  const hall = await admin("POST /locations", { name: "Hall", stage: "storage" });
  const stock = await admin("POST /inventory-items", { item_id: created.body.id, location_id: hall.body.id });
  const shelf = `/inventory-items/${String(stock.body.id)}`;
  const current = (await admin(`GET ${shelf}`)).headers.get("ETag")!;
  expect((await admin(`PUT ${path}`, { name: "Renamed", sku: "E-2" })).status).toBe(200);
  const renamed = await admin(`GET ${shelf}`, undefined, { "If-None-Match": current });
  expect(renamed).toMatchObject({ status: 200, body: { name: "Renamed", sku: "E-2" } });
  expect((await admin(`PUT ${shelf}`, { quantity: 3 }, { "If-Match": current })).status).toBe(200);

  const shipment = await admin("POST /shipments", { product_name: "S", quantity: 1, location: "storage" });
  const at = `/shipments/${String(shipment.body.id)}`;
  const tag = { "If-Match": shipment.headers.get("ETag")! };
  expect((await admin(`PUT ${at}`, { priority: "high" }, tag)).status).toBe(200);
  expect((await admin(`PUT ${at}`, { priority: "low" }, tag)).status).toBe(412);
  expect((await admin(`GET ${at}`)).body.priority).toBe("high");
});

const packs = (): object[] => Array.from({ length: 50 }, (_, at) => ({ unit: `box ${at}`, quantity: at + 1 }));

test("a POST with an Idempotency-Key takes effect once when it is sent several times", async () => {
  const key = { "Idempotency-Key": "once" };
  const body = { product_name: "Once", quantity: 1, location: "storage" };
  const answers = await Promise.all(Array.from({ length: 5 }, () => admin("POST /shipments", body, key)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect((await admin("GET /shipments?q=Once")).body).toHaveLength(1);
  expect((await admin("POST /shipments", { ...body, quantity: 2 }, key)).status).toBe(422);
  const secret = { "Idempotency-Key": "secret" };
  expect((await admin("POST /devices", { id: "once", kind: "gps" }, secret)).body.secret).toMatch(/^[\w-]{43}$/);
  expect((await admin("POST /devices", { id: "once", kind: "gps" }, secret)).status).toBe(409);
  const { rows } = await api.db.pool.query("SELECT response FROM idempotency_keys WHERE key = 'secret'");
  expect(rows).toEqual([{ response: null }]);
});

test("duplicates, missing references and resources in use are refused with a pointer", async () => {
  expect((await admin("POST /items", { sku: "Twice", name: "A" })).status).toBe(201);
  const twice = await admin("POST /items", { sku: "Twice", name: "B" });
  expect(twice).toMatchObject({ status: 409, body: { errors: [{ pointer: "/sku" }] } });
  const missing = await admin("POST /inventory-items", { item_id: 1, location_id: 4711 });
  expect(missing).toMatchObject({ status: 400, body: { errors: [{ pointer: "/location_id" }] } });
  const place = await admin("POST /locations", { name: "Used", stage: "production" });
  await admin("POST /shipments", { product_name: "A", quantity: 1, location: place.body.id });
  expect((await admin(`DELETE /locations/${String(place.body.id)}`)).status).toBe(409);
});

test("a location can lie within another one, but never within itself", async () => {
  const add = async (name: string, parent_id: unknown) =>
    (await admin("POST /locations", { name, parent_id })).body.id as number;
  const site = await add("Site", null);
  const hall = await add("Hall", site);
  const shelf = await add("Shelf", hall);
  for (const parent_id of [site, hall, shelf]) {
    const circle = await admin(`PUT /locations/${site}`, { parent_id });
    expect(circle).toMatchObject({ status: 400, body: { errors: [{ pointer: "/parent_id" }] } });
  }
  expect((await admin(`PUT /locations/${shelf}`, { parent_id: site })).status).toBe(200);
});

test("a foreign origin gets the security headers and no CORS permission", async () => {
  const response = await api.app.request("/version", { headers: { Origin: "https://evil.test" } });
  expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'self'");
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
  expect(await (await api.app.request("/docs")).text()).toContain("/shipments/{id}/proof-of-delivery");
});
