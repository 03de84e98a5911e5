import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coarsePosition } from "../../../api/resources/tracking/coarse-position.ts";
import { languageFor } from "../../../api/resources/tracking/texts.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;
const MINUTE = 60_000;
const PREFIX = "4012345";

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi({ gs1CompanyPrefix: PREFIX });
  operator = await api.as("operator");
});
afterAll(() => api?.close());

async function made(path: string, body: object): Promise<Body> {
  const answer = await operator(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

/** A signed-out request, from an address of its own. */
let addresses = 0;
const newAddress = (): string => `203.0.113.${(addresses += 1)}`;
const open = (path: string, headers: Record<string, string> = {}, remoteAddress = newAddress()) =>
  api.app.request(path, { headers }, { incoming: { socket: { remoteAddress } } });

async function sent(more: object = {}) {
  const manager = await api.as("manager");
  const place = async (name: string, stage: string, at?: object) =>
    (await manager("POST /locations", { name, stage, time_zone: "Europe/Berlin", ...(at && { geofence: at }) })).body[
      "id"
    ];
  const depot = await place("Garching", "storage", { lat: 48.25, lon: 11.65, radius_m: 300 });
  const shop = await place("Landshut", "delivery", { lat: 48.54, lon: 12.15, radius_m: 300 });
  const shipment = await made("/shipments", {
    ...{ product_name: "Secret goods", quantity: 3, location: depot, destination_id: shop, reference: "PO-1" },
    ...{ at: new Date(Date.now() - 60 * MINUTE).toISOString(), due_at: "2030-01-31T12:00:00Z", ...more },
  });
  const path = `/shipments/${String(shipment["id"])}`;
  const link = (await made(`${path}/tracking-links`, {})) as { id: number; token: string; url: string };
  const vehicle = (await manager("POST /vehicles", { name: "Truck of Ann" })).body["id"];
  const load = async () => {
    await operator(`POST ${path}/load`, { vehicle_id: vehicle, at: new Date(Date.now() - 30 * MINUTE).toISOString() });
    await api.db.pool.query(
      "INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', $2, $2, 48.4023456, 11.8765432)",
      [vehicle, new Date(Date.now() - 5 * MINUTE)],
    );
  };
  return { id: Number(shipment["id"]), path, link, load, depot };
}

const json = async (token: string) => {
  const response = await open(`/track/${token}.json`);
  return { status: response.status, body: (await response.json()) as Body };
};

describe("a tracking link", () => {
  test("shows a stranger the state, the stages with their times, and a position rounded to 1 km; and nothing else", async () => {
    const { link, load, id } = await sent();
    expect(link.token).toMatch(/^[\w-]{22}$/);
    expect(link.url).toBe(`http://waystock.test/track/${link.token}`);
    await load();
    await api.db.pool.query(
      "INSERT INTO arrival_estimates (shipment_id, eta, p90, basis, in_time) VALUES ($1, '2030-01-31T11:00:00Z', '2030-01-31T11:30:00Z', 'vehicle_speed', true)",
      [id],
    );
    const { status, body } = await json(link.token);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ status: "in_storage", stage: "storage", due_at: "2030-01-31T12:00:00.000Z" },
      place: { name: "Garching", is_there: true },
      eta: { at: "2030-01-31T11:00:00.000Z", age_s: expect.any(Number) as number },
      position: { lat: 48.40101, lon: expect.any(Number) as number, rounded_to_m: 1000 },
    });
    const { age_s: age } = body["position"] as { age_s: number };
    expect(age).toBeGreaterThanOrEqual(300);
    expect(age).toBeLessThan(360);
    expect(body["stages"]).toMatchObject([{ stage: "storage" }]);
    const text = JSON.stringify(body);
    for (const inner of ["_id", `"id"`, "Secret", "Ann", "PO-1", "48.402", "11.876"]) expect(text).not.toContain(inner);
  });

  test("opens a page without scripts, kept out of caches and search engines, in the language of the reader or the party", async () => {
    const { link, path } = await sent();
    const page = await open(`/track/${link.token}?fbclid=x`, { "Accept-Language": "fr, de-AT;q=0.9, en;q=0.1" });
    expect(page.status).toBe(200);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-robots-tag": "noindex, nofollow",
      "referrer-policy": "no-referrer",
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      ) as string,
    });
    const html = await page.text();
    expect(html).toContain('<meta name="robots" content="noindex, nofollow">');
    expect(html).not.toMatch(/<script|src=|Secret|PO-1/);
    expect(html).toContain("Im Lager");
    expect(html).toContain('<html lang="de">');
    expect(html).toMatch(/31\. Jan\. 2030, 13:00 MEZ/);

    const manager = await api.as("manager");
    const owner = (await manager("POST /parties", { name: "Own", roles: ["owner"], language: "en-US" })).body["id"];
    await operator(`PUT ${path}`, { owner_id: owner });
    expect(await (await open(`/track/${link.token}`, { "Accept-Language": "de" })).text()).toContain("In storage");
    const customer = (await manager("POST /parties", { name: "C", roles: ["customer"], language: "de" })).body["id"];
    const item = (await manager("POST /items", { sku: "i", name: "I" })).body["id"];
    const lines = [{ item_id: item, quantity: 1 }];
    const order = (await manager("POST /orders", { kind: "customer", customer_id: customer, lines })).body["id"];
    await operator(`PUT ${path}`, { order_id: order });
    expect(await (await open(`/track/${link.token}`, { "Accept-Language": "en" })).text()).toContain("Im Lager");
  });

  test("of goods of high value tells the place alone", async () => {
    const { link, load, path } = await sent();
    await load();
    expect((await operator(`PUT ${path}`, { profiles: ["high_value"] })).status).toBe(200);
    expect((await json(link.token)).body).toMatchObject({ position: null, place: { name: "Garching" } });
    expect(await (await open(`/track/${link.token}`)).text()).not.toContain("geo:");
  });

  test("that is unknown, malformed, revoked, expired, or long past the end of its shipment shows all the same nothing", async () => {
    const { link, path, id } = await sent();
    const expired = (await made(`${path}/tracking-links`, { expires_at: "2030-01-01T00:00:00Z" })) as typeof link;
    const revoked = (await made(`${path}/tracking-links`, {})) as typeof link;
    const { link: old, id: oldId } = await sent();
    expect((await json(expired.token)).status).toBe(200);
    expect((await json(revoked.token)).status).toBe(200);
    await api.db.pool.query("UPDATE tracking_links SET expires_at = now() WHERE id = $1", [expired.id]);
    expect((await operator(`DELETE ${path}/tracking-links/${revoked.id}`)).status).toBe(204);
    await api.db.pool.query(
      "UPDATE shipments SET status = 'delivered', updated_at = now() - interval '31 days' WHERE id = $1",
      [oldId],
    );
    const pages = new Set<string>();
    const problems = new Set<string>();
    for (const token of [
      expired.token,
      revoked.token,
      old.token,
      "A".repeat(22),
      "x",
      `${link.token}x`,
      "x".repeat(500),
    ]) {
      const page = await open(`/track/${token}`);
      expect(page.status, token).toBe(404);
      pages.add(await page.text());
      const { status, body } = await json(token);
      expect(status, token).toBe(404);
      problems.add(JSON.stringify({ ...body, requestId: "" }));
    }
    expect(pages.size).toBe(1);
    expect(problems.size).toBe(1);
    expect((await json(link.token)).status).toBe(200);
    const rows = (await operator(`GET ${path}/tracking-links`)).body as unknown as Body[];
    expect(rows.map((row) => row["id"])).toEqual([link.id, expired.id]);
    expect(JSON.stringify(rows)).not.toContain(link.token);
    const { rows: kept } = await api.db.pool.query("SELECT * FROM tracking_links WHERE shipment_id = $1", [id]);
    expect(JSON.stringify(kept)).not.toContain(link.token);
  });

  test("is limited in requests for each address", async () => {
    const { link } = await sent();
    const address = newAddress();
    const statuses: number[] = [];
    for (let tries = 0; tries < 70; tries += 1)
      statuses.push((await open(`/track/${"B".repeat(22)}`, {}, address)).status);
    expect(new Set(statuses)).toEqual(new Set([404, 429]));
    const refused = await open(`/track/${link.token}.json`, {}, address);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await open(`/track/${link.token}`)).status).toBe(200);
  });

  test("is made by those who handle shipments, with an end in the future, 50 of one shipment at most", async () => {
    const { path } = await sent();
    for (const role of ["viewer", "sales", "auditor"] as const) {
      const other = await api.as(role);
      expect((await other(`POST ${path}/tracking-links`, {})).status).toBe(403);
      expect((await other(`GET ${path}/tracking-links`)).status).toBe(403);
    }
    const past = await operator(`POST ${path}/tracking-links`, { expires_at: "2020-01-01T00:00:00Z" });
    expect(past.body).toMatchObject({ status: 400, errors: [{ pointer: "/expires_at" }] });
    for (let count = 1; count < 50; count += 1) await made(`${path}/tracking-links`, {});
    expect((await operator(`POST ${path}/tracking-links`, {})).status).toBe(409);
    expect((await operator("POST /shipments/987654/tracking-links", {})).status).toBe(404);
    expect((await operator(`DELETE ${path}/tracking-links/987654`)).status).toBe(404);
    expect((await operator(`DELETE ${path}/tracking-links`)).status).toBe(204);
    expect((await operator(`GET ${path}/tracking-links`)).body).toEqual([]);
  });
});

test("the Digital Link of a label opens the page by its token; without it, or with another's, it shows nothing", async () => {
  const { path, link } = await sent();
  const number = String((await operator(`GET ${path}`)).body["tracking_number"]);
  const there = await open(`/00/${number}?t=${link.token}&utm=x`);
  expect([there.status, there.headers.get("Location")]).toEqual([303, `../track/${link.token}`]);
  const { link: other } = await sent();
  for (const address of [
    `/00/${number}`,
    `/00/${number}?t=`,
    `/00/${number}?t=${other.token}`,
    `/00/123?t=${link.token}`,
  ]) {
    const nothing = await open(address);
    expect(nothing.status, address).toBe(404);
    expect(await nothing.text()).toContain("There is nothing here");
  }
});

test("a coarse position lies on a grid of 1 km, is at most 710 m off, and tells no more when asked again", () => {
  const degrees = { noNaN: true, noDefaultInfinity: true };
  fc.assert(
    fc.property(
      fc.double({ min: -89, max: 89, ...degrees }),
      fc.double({ min: -180, max: 180, ...degrees }),
      (lat, lon) => {
        const coarse = coarsePosition({ lat, lon });
        const north = (coarse.lat - lat) * 111_320;
        const east = (coarse.lon - lon) * 111_320 * Math.cos((coarse.lat * Math.PI) / 180);
        expect(Math.hypot(north, east)).toBeLessThan(712);
        const again = coarsePosition(coarse);
        expect(Math.abs(again.lat - coarse.lat) + Math.abs(again.lon - coarse.lon)).toBeLessThan(2e-5);
      },
    ),
  );
});

test.each([
  [null, undefined, "en"],
  [null, "de", "de"],
  ["de-CH", "en", "de"],
  ["fr", "de;q=0.5, it", "de"],
  [null, "de;q=0, en;q=0.1", "en"],
  [null, "en;q=0.2, DE-at;q=0.8", "de"],
  [null, "*", "en"],
  ["", ";;q=x,,", "en"],
])("for a party that speaks %s and a browser that asks for %s the page is in %s", (party, header, language) => {
  expect(languageFor(party, header)).toBe(language);
});
