import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

interface Event {
  type: string;
  actor_id: number | null;
  actor_name: string | null;
  voided: { actor_name: string | null } | null;
}

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let place = 0;

beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  place = Number((await admin("POST /locations", { name: "Hub", stage: "storage" })).body["id"]);
});
afterAll(() => api?.close());

const GOODS = { product_name: "Milk", quantity: 1 };

/** What a caller with this token reads. */
async function storyFor(token: string, shipment: number): Promise<Event[]> {
  const answer = await api.app.request(`/shipments/${shipment}/events`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Event[];
}

/** A client that sees one place, and the token of it. */
async function limitedClient(name: string, locations: readonly number[]): Promise<string> {
  return tokenOfClient(api, await addClient(admin, { name, role: "operator", location_ids: locations }));
}

test("the story names people, for who handles goods else by their e-mail address, and systems by their name", async () => {
  const [operator, manager] = [await api.as("operator"), await api.as("manager")];
  const email = async (role: string) => {
    const { rows } = await api.db.pool.query<{ email: string }>("SELECT email FROM users WHERE role = $1", [role]);
    return rows[0]!.email;
  };
  const shipment = Number((await operator("POST /shipments", { ...GOODS, location: place })).body["id"]);
  expect((await operator(`PUT /shipments/${shipment}`, { status: "exception" })).status).toBe(200);
  const viewer = await api.tokenOf("viewer");
  const [, wrong] = (await (await api.as("viewer"))(`GET /shipments/${shipment}/events`)).body as unknown as {
    id: number;
  }[];
  const voiding = { reason: "It was another one" };
  expect((await manager(`POST /shipments/${shipment}/events/${wrong!.id}/void`, voiding)).status).toBe(200);
  await api.db.pool.query("UPDATE users SET name = 'Olive Operator' WHERE role = 'operator'");

  const boss = await email("manager");
  for (const [token, name] of [
    [await api.tokenOf("operator"), boss],
    [viewer, null],
  ] as const) {
    expect(await storyFor(token, shipment)).toMatchObject([
      { type: "created", actor_id: expect.any(Number), actor_name: "Olive Operator", voided: null },
      { type: "manual", actor_name: "Olive Operator", voided: { actor_name: name } },
      { type: "void", actor_name: name, voided: null },
    ]);
  }

  const erp = await tokenOfClient(api, await addClient(admin, { name: "Shop system" }));
  const made = await api.app.request("/shipments", {
    method: "POST",
    headers: { Authorization: `Bearer ${erp}`, "Content-Type": "application/json" },
    body: JSON.stringify({ ...GOODS, location: place }),
  });
  const { id } = (await made.json()) as { id: number };
  expect(await storyFor(viewer, id)).toMatchObject([{ type: "created", actor_id: null, actor_name: "Shop system" }]);
});

test("under limits the story names those with the same limits, and nobody else", async () => {
  const gate = await limitedClient("Gate system", [place]);
  const made = await api.app.request("/shipments", {
    method: "POST",
    headers: { Authorization: `Bearer ${gate}`, "Content-Type": "application/json" },
    body: JSON.stringify({ ...GOODS, location: place }),
  });
  const { id } = (await made.json()) as { id: number };
  expect((await admin(`PUT /shipments/${id}`, { status: "exception" })).status).toBe(200);
  const other = Number((await admin("POST /locations", { name: "Annex", stage: "storage" })).body["id"]);
  const namesFor = async (token: string) => (await storyFor(token, id)).map(({ actor_name }) => actor_name);
  expect(await namesFor(await api.tokenOf("operator"))).toEqual([
    "Gate system",
    expect.stringMatching(/^admin-\d+@waystock\.test$/),
  ]);
  expect(await namesFor(await limitedClient("A colleague", [place]))).toEqual(["Gate system", null]);
  expect(await namesFor(await limitedClient("A neighbour", [place, other]))).toEqual([null, null]);
});
