import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let call: Awaited<ReturnType<TestApi["as"]>>;
let [here, elsewhere] = [0, 0];

interface Row {
  id: number;
  risks: string[];
}

async function ship(product: string, fields: object = {}): Promise<number> {
  const { status, body } = await call("POST /shipments", {
    ...{ product_name: product, quantity: 1, location: here },
    ...fields,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return Number(body["id"]);
}

/** As the alert engine does. @returns the id of the alert */
async function openAlert(shipment: number, type: string): Promise<number> {
  const { rows } = await api.db.pool.query<{ id: number }>(
    `INSERT INTO alerts (type, severity, subject, shipment_id, detail, happened_at)
    VALUES ($1, 'warning', 'shipment:' || $2::int, $2, '{}', now()) RETURNING id`,
    [type, shipment],
  );
  return rows[0]!.id;
}

async function listed(search: string): Promise<Row[]> {
  const { status, body } = await call(`GET /shipments?${search}`);
  expect(status, search).toBe(200);
  return body as unknown as Row[];
}
const idsOf = async (search: string): Promise<number[]> => (await listed(search)).map(({ id }) => id);

beforeAll(async () => {
  api = await startApi();
  call = await api.as("admin");
  here = Number((await call("POST /locations", { name: "Here", stage: "storage" })).body["id"]);
  elsewhere = Number((await call("POST /locations", { name: "Elsewhere", stage: "storage" })).body["id"]);
});
afterAll(() => api?.close());

test("shipments tell their risks, and are listed by any of them, with the other filters and page by page", async () => {
  const [two, seen, over, none, overdue] = [
    await ship("Vaccine"),
    await ship("Pump", { location: elsewhere }),
    await ship("Bolt"),
    await ship("Nut"),
    await ship("Ring", { due_at: new Date(Date.now() - 3_600_000).toISOString() }),
  ];
  for (const type of ["off_route", "light", "light"]) await openAlert(two, type);
  const [light, gone] = [await openAlert(seen, "light"), await openAlert(over, "off_route")];
  await openAlert(overdue, "separation");
  expect((await call(`POST /alerts/${light}/ack`, {})).status).toBe(200);
  expect((await call(`POST /alerts/${gone}/resolve`, {})).status).toBe(200);

  const all = new Map((await listed("limit=200")).map(({ id, risks }) => [id, risks]));
  expect([two, seen, over, none, overdue].map((id) => all.get(id))).toEqual([
    ["light", "off_route"],
    ["light"],
    [],
    [],
    ["separation"],
  ]);
  expect((await call(`GET /shipments/${two}`)).body["risks"]).toEqual(["light", "off_route"]);

  expect(await idsOf("risk=off_route")).toEqual([two]);
  expect(await idsOf("risk=light")).toEqual([two, seen]);
  expect(await idsOf("risk=off_route,%20separation")).toEqual([two, overdue]);
  expect(await idsOf("risk=excursion")).toEqual([]);
  expect(await idsOf(`risk=light&location_id=${elsewhere}`)).toEqual([seen]);
  expect(await idsOf("risk=light&q=vacc")).toEqual([two]);
  expect(await idsOf("risk=light,separation&late=true")).toEqual([overdue]);
  expect(await idsOf("risk=light,separation&updated_since=2001-01-01")).toEqual([two, seen, overdue]);

  const paged: number[] = [];
  for (let next: string | undefined = "/shipments?risk=light,separation&limit=1"; next !== undefined;) {
    const { body, headers } = await call(`GET ${next}`);
    paged.push(...(body as unknown as Row[]).map(({ id }) => id));
    next = /^<(.*)>/.exec(headers.get("Link") ?? "")?.[1];
  }
  expect(paged).toEqual([two, seen, overdue]);

  const file = await api.app.request("/exports/shipments.csv?risk=separation", {
    headers: { Authorization: `Bearer ${await api.tokenOf("viewer")}` },
  });
  const [head, ...lines] = (await file.text()).trim().split("\r\n");
  expect(head).toContain(",risks,");
  expect(lines).toEqual([expect.stringMatching(/Ring.*separation/)]);
});

test("what is no risk is refused, with those that there are", async () => {
  for (const asked of ["sunburn", "off_route,", ""]) {
    const { status, body } = await call(`GET /shipments?risk=${asked}`);
    expect([asked, status]).toEqual([asked, 400]);
    expect(body["errors"]).toMatchObject([
      { pointer: expect.stringMatching(/^\/risk/), message: expect.stringContaining("shipment_silent") },
    ]);
  }
});

test("an alert that opens or ends is shown to who has read the shipment before, within a second", async () => {
  const id = await ship("Insulin");
  const bearer = { Authorization: `Bearer ${await api.tokenOf("viewer")}` };
  const read = (headers: object = {}) => api.app.request(`/shipments/${id}`, { headers: { ...bearer, ...headers } });
  const inList = async () => {
    const answer = await api.app.request("/shipments?q=insulin", { headers: bearer });
    return { kept: answer.headers.get("Cache-Status"), risks: ((await answer.json()) as Row[])[0]!.risks };
  };
  const etag = (await read()).headers.get("ETag")!;
  const known = { "If-None-Match": etag };
  expect((await read(known)).status).toBe(304);
  await expect.poll(async () => (await inList()).kept).toBe("waystock; hit");

  // Shorter than what is kept is shown without a notice.
  const within = { interval: 20, timeout: 1_000 };
  const shown = async () => {
    const answer = await read(known);
    const body = answer.status === 200 ? ((await answer.json()) as Row).risks : "as before";
    return [answer.headers.get("ETag"), body, (await inList()).risks];
  };
  const alert = await openAlert(id, "light");
  await expect.poll(shown, within).toEqual([etag, ["light"], ["light"]]);
  await api.db.pool.query("UPDATE alerts SET state = 'resolved', resolved_at = now() WHERE id = $1", [alert]);
  await expect.poll(shown, within).toEqual([etag, [], []]);
});

test("alerts that open or end together are told by one notice", async () => {
  const ids = [await ship("Twin"), await ship("Other twin")];
  const client = await api.db.pool.connect();
  try {
    const told: unknown[] = [];
    client.on("notification", ({ payload }) => told.push(JSON.parse(payload!)));
    await client.query("LISTEN changes");
    await client.query(
      `INSERT INTO alerts (type, severity, subject, shipment_id, detail, happened_at)
      SELECT type, 'warning', 'shipment:' || id, id, '{}', now() FROM unnest($1::int[]) id, unnest(ARRAY['light', 'off_route']) type`,
      [ids],
    );
    await client.query("UPDATE alerts SET state = 'acknowledged' WHERE shipment_id = ANY ($1)", [ids]);
    await client.query("UPDATE alerts SET state = 'resolved', resolved_at = now() WHERE shipment_id = ANY ($1)", [ids]);
    await client.query("SELECT pg_notify('changes', '{}')");
    await expect.poll(() => told.at(-1)).toEqual({});
    expect(told).toEqual([{ shipments: ids }, { shipments: ids }, {}]);
  } finally {
    client.removeAllListeners("notification");
    await client.query("UNLISTEN *");
    client.release();
  }
});

test("limits hide a shipment with its risks, and show those of others", async () => {
  const id = await ship("Serum");
  await openAlert(id, "shipment_silent");
  const seenBy = async (place: number): Promise<Row[]> => {
    const client = await addClient(call, { name: `of ${place}`, role: "viewer", location_ids: [place] });
    const answer = await api.app.request("/shipments?risk=shipment_silent", {
      headers: { Authorization: `Bearer ${await tokenOfClient(api, client)}` },
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Row[];
  };
  expect(await seenBy(here)).toMatchObject([{ id, risks: ["shipment_silent"] }]);
  expect(await seenBy(elsewhere)).toEqual([]);
});
