import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
// @ts-expect-error A script for people without this repository has no types.
import { verifyCustody } from "../../../docs/verify-custody.mjs";
import { cardName } from "../../../ingest/domain/vehicle/card-name.ts";
import { openTripWorld, type TripWorld } from "./trips/trip-world.ts";

let world: TripWorld;
beforeAll(async () => {
  world = await openTripWorld();
});
afterAll(() => world?.close());

interface Entry {
  event: string;
  kind: string;
  at: string;
  driver: { driver_id: number | null; name: string; basis: string } | null;
}

const custodyOf = async (id: number): Promise<Entry[]> =>
  (await world.manager(`GET /shipments/${id}/custody`)).body as unknown as Entry[];
const told = (entries: readonly Entry[]) =>
  entries.map(({ event, kind, driver }) => [event, kind, driver && `${driver.name} ${driver.basis}`]);

async function signed(id: number): Promise<{ entries: Entry[] }> {
  const headers = { Authorization: `Bearer ${await world.api.tokenOf("auditor")}` };
  const exported = await world.api.app.request(`/shipments/${id}/custody?format=signed`, { headers });
  const jwks: unknown = await (await world.api.app.request("/.well-known/jwks.json")).json();
  return verifyCustody(await exported.text(), jwks) as { entries: Entry[] };
}

test("the custody log names who drove, by what the vehicle's reader tells, and a change of driver is an entry", async () => {
  const driver = await world.manager("POST /drivers", { name: "Ada Löw", token: "CARD-1" });
  expect(driver.status).toBe(201);
  const truck = world.trucks[0];
  const id = await world.shipment();
  const signOn = (clock: string, token: string) =>
    world.record(`vehicle:${truck}`, clock, "driver_signed_on", { token });
  await signOn("07:30", "CARD-1");
  await world.record(`shipment:${id}`, "08:00", "loaded", { vehicleId: truck, locationId: world.places.hub });
  await world.stay("hub", "07:20", "08:10");
  expect(told(await custodyOf(id))).toEqual([
    ["created", "recorded", null],
    ["loaded", "recorded", "Ada Löw signed_on"],
    ["departed", "recorded", "Ada Löw signed_on"],
  ]);
  // The same driver is told of again, then another one signs on, of whom nobody knows the name.
  await signOn("08:20", "CARD-1");
  await signOn("08:30", "CARD-2");
  await world.record(`shipment:${id}`, "09:00", "unloaded", { locationId: world.places.shop });
  await signOn("09:30", "CARD-1");
  const entries = await custodyOf(id);
  expect(told(entries).slice(3)).toEqual([
    ["driver_changed", "recorded", "card …-2 signed_on"],
    ["unloaded", "recorded", null],
  ]);
  expect(entries[3]).toMatchObject({ at: world.time("08:30"), from: { vehicle_id: truck }, to: { vehicle_id: truck } });
  // It becomes known late that somebody had signed on before.
  await signOn("07:50", "CARD-3");
  expect(told(await custodyOf(id)).slice(5)).toEqual([
    ["loaded", "corrected", "card …-3 signed_on"],
    ["departed", "corrected", "card …-3 signed_on"],
    ["driver_changed", "recorded", "Ada Löw signed_on"],
  ]);
  expect((await signed(id)).entries).toEqual(await custodyOf(id));
  // Partners hear of none of it.
  const { rows } = await world.api.db.pool.query<{ event: string }>(
    "SELECT event FROM outbox WHERE shipment_id = $1 ORDER BY id",
    [id],
  );
  expect(rows.map(({ event }) => event).filter((event) => event === "shipment.corrected")).toEqual([]);
});

test("where nobody signs on, the planned driver is named as such; one who takes over on the way is an entry", async () => {
  const id = await world.shipment("market");
  const stops = [world.stop("hub", "18:00-18:30", id), world.stop("market", "20:00-20:30", id)];
  const truck = world.trucks[1];
  const trip = await world.trip({ vehicle_id: truck, driver: "Bo", stops });
  await world.record(`shipment:${id}`, "18:00", "loaded", { vehicleId: truck, locationId: world.places.hub });
  const fact = (clock: string, type: "arrived" | "departed", place: "hub" | "market") =>
    world.record(`vehicle:${truck}`, clock, type, { locationId: world.places[place] });
  await fact("17:50", "arrived", "hub");
  // Before the trip begins, another driver is only another plan.
  expect((await world.manager(`PUT /trips/${trip}`, { driver: "Cy" })).status).toBe(200);
  expect(told(await custodyOf(id)).at(-1)).toEqual(["loaded", "corrected", "Cy planned"]);
  await fact("18:10", "departed", "hub");
  expect((await world.manager(`PUT /trips/${trip}`, { driver: "Di" })).status).toBe(200);
  expect(told(await custodyOf(id)).slice(-2)).toEqual([
    ["departed", "recorded", "Cy planned"],
    ["driver_changed", "recorded", "Di planned"],
  ]);
  expect((await signed(id)).entries).toEqual(await custodyOf(id));
});

test("a card that is nobody's is called by its end, in lists and in the custody log alike", async () => {
  const tokens = [
    ...fc.sample(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), 500),
    "0000017A2B3C4D5E",
    "7",
  ]
    // Postgres keeps no NUL in a text.
    .filter((token) => !token.includes("\0"));
  const { rows } = await world.api.db.pool.query<{ name: string }>(
    "SELECT card_name(token) AS name FROM unnest($1::text[]) WITH ORDINALITY AS t (token, nth) ORDER BY nth",
    [tokens],
  );
  expect(rows.map(({ name }) => name)).toEqual(tokens.map(cardName));
  expect(rows.slice(-2)).toEqual([{ name: "card …4D5E" }, { name: "card …" }]);
  for (const name of tokens.map(cardName)) expect(cardName(name)).toBe(name);
});
