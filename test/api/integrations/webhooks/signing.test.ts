import { expect, vi } from "vitest";
import { idOf, verified, webhookTest as test } from "./webhook-test.ts";

test("every delivery is a CloudEvent that a receiver verifies; one that was tampered with or is old is refused", async ({
  http,
  mine,
}) => {
  const hook = await mine.hook();
  const event = await mine.event();
  await expect.poll(() => mine.ids(hook.path)).toEqual([event]);
  const [post] = http.at(hook.path);
  expect(post!.headers["content-type"]).toBe("application/cloudevents+json");
  expect(verified(hook.secret, post!)).toMatchObject({
    specversion: "1.0",
    id: event,
    source: "http://waystock.test",
    type: "waystock.order.created.v1",
    subject: `/orders/${event.split("-")[1]}`,
    datacontenttype: "application/json",
    data: { kind: "restock", status: "draft", location_id: mine.location, lines: [{ item_id: mine.item }] },
  });
  const tampered = { ...post!, body: post!.body.replace("restock", "customer") };
  expect(() => verified(hook.secret, tampered)).toThrow("No matching signature");
  const renamed = { ...post!, headers: { ...post!.headers, "webhook-id": "order-0-1" } };
  expect(() => verified(hook.secret, renamed)).toThrow("No matching signature");
  const other = await mine.hook();
  expect(() => verified(other.secret, post!)).toThrow("No matching signature");
  vi.useFakeTimers({ now: Date.now() + 10 * 60_000, toFake: ["Date"] });
  try {
    expect(() => verified(hook.secret, post!)).toThrow("too old");
  } finally {
    vi.useRealTimers();
  }
});

test("two secrets sign until the old one is ended, and neither is ever shown again", async ({
  api,
  http,
  admin,
  mine,
}) => {
  const hook = await mine.hook();
  expect(hook.secret).toMatch(/^whsec_[\w+/]{43}=$/);
  const told = async () => {
    const id = await mine.event();
    await expect.poll(() => mine.ids(hook.path)).toContain(id);
    return http.at(hook.path).find((post) => idOf(post) === id)!;
  };
  const issued = await admin(`POST ${hook.at}/secrets`);
  expect(issued.status).toBe(201);
  const young = String(issued.body["secret"]);
  const both = await told();
  expect(verified(hook.secret, both)).toEqual(verified(young, both));
  const known = (await admin(`GET ${hook.at}/secrets`)).body as unknown as { id: number }[];
  expect(known.map((each) => Object.keys(each).toSorted())).toEqual([
    ["created_at", "id"],
    ["created_at", "id"],
  ]);
  expect((await admin(`DELETE ${hook.at}/secrets/${known[0]!.id}`)).status).toBe(204);
  const one = await told();
  expect(() => verified(hook.secret, one)).toThrow("No matching signature");
  expect(verified(young, one)).toBeTypeOf("object");
  expect((await admin(`DELETE ${hook.at}/secrets/${known[1]!.id}`)).status).toBe(409);

  const { rows } = await api.db.pool.query("SELECT secret FROM webhook_secrets WHERE webhook_id = $1", [hook.id]);
  expect(rows).toEqual([{ secret: null }]);
  const audit = JSON.stringify((await api.db.pool.query("SELECT * FROM audit")).rows);
  for (const secret of [hook.secret, young]) expect(audit).not.toContain(secret.slice("whsec_".length));
});

test("an endpoint is told of the types, places and owners that it names, and of what corrects that", async ({
  admin,
  mine,
  world,
}) => {
  const elsewhere = await world.location("elsewhere", "storage");
  const truck = await world.vehicle("truck of hooks");
  const owner = (await admin("POST /parties", { name: "Owner", roles: ["owner"] })).body["id"];
  const hooks = {
    orders: await mine.hook({ types: ["order.*"] }),
    moved: await mine.hook({ types: ["shipment.moved", "shipment.corrected"] }),
    owned: await mine.hook({ types: ["*"], owner_ids: [owner] }),
    all: await mine.hook({ location_ids: null, types: ["shipment.*", "order.created"] }),
  };
  const here = await mine.event();
  const there = await mine.event(elsewhere);
  const made = await admin("POST /shipments", { product_name: "Milk", quantity: 1, location: mine.location });
  const at = `/shipments/${String(made.body["id"])}`;
  // Arrived here, and then found to have been unloaded elsewhere: the place of the correction is another one.
  await admin(`POST ${at}/load`, { vehicle_id: truck });
  await admin(`POST ${at}/unload`, { location_id: mine.location });
  const events = (await admin(`GET ${at}/events`)).body as unknown as { id: number; type: string }[];
  const unloaded = events.find(({ type }) => type === "unloaded")!;
  expect((await admin(`POST ${at}/events/${unloaded.id}/void`, { reason: "wrong dock" })).status).toBe(200);
  const last = `shipment-${at.split("/")[2]}-4`;
  await expect.poll(() => mine.ids(hooks.all.path)).toContain(last);
  // Posts to one endpoint come in any order.
  await expect.poll(() => mine.ids(hooks.all.path)).toEqual(expect.arrayContaining([here, there]));
  await expect.poll(() => mine.ids(hooks.moved.path)).toContain(last);
  await expect.poll(() => mine.ids(hooks.orders.path)).toEqual([here]);
  expect(mine.ids(hooks.owned.path)).toEqual([]);
});

test("an endpoint that names no events is told of all", async ({ admin, http, mine }) => {
  const path = `/all-${mine.location}`;
  const made = await admin("POST /webhooks", { url: `${http.url}${path}`, location_ids: [mine.location] });
  expect(made).toMatchObject({ status: 201, body: { types: ["*"] } });
  const id = await mine.event();
  await expect.poll(() => mine.ids(path)).toContain(id);
});
