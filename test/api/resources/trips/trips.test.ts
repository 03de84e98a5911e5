import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTripWorld, type TripBody, type TripWorld } from "./trip-world.ts";

let world: TripWorld;
beforeAll(async () => {
  world = await openTripWorld();
});
afterAll(() => world?.close());
beforeEach(() => world.api.db.pool.query("DELETE FROM trips; DELETE FROM facts WHERE subject LIKE 'vehicle:%'"));

const trucksOf = (w: TripWorld) => ({ vehicle_id: w.trucks[0] });
const get = async (id: number) => (await world.manager(`GET /trips/${id}`)).body as unknown as TripBody;

describe("planning a trip", () => {
  test("a trip has a vehicle, a driver, and stops with windows and shipments", async () => {
    const [a, b] = [await world.shipment("shop"), await world.shipment("market")];
    const driver = await world.manager("POST /drivers", { name: "Ada L.", phone: "+49 1", token: "E1" });
    const stops = [
      world.stop("hub", "08:00-08:30", a, b),
      world.stop("shop", "09:00-09:30"),
      world.stop("market", "10:00-10:30", b),
    ];
    const made = await world.manager("POST /trips", { ...trucksOf(world), driver: "ada l.", stops });
    expect(made.status).toBe(201);
    expect(made.headers.get("etag")).toMatch(/^"v\d+"$/);
    expect(made.body).toMatchObject({
      vehicle: "Truck 1",
      driver: { id: driver.body["id"], name: "Ada L." },
      status: "planned",
      starts_at: world.time("08:00"),
      ends_at: world.time("10:30"),
      unplanned_stops: [],
    });
    const actions = (made.body as unknown as TripBody).stops.map(({ shipments }) =>
      shipments.map((s) => `${s.action} ${s.id}`),
    );
    // The first shipment is named where it is: it is unloaded at its destination, which is a later stop.
    expect(actions).toEqual([[`load ${a}`, `load ${b}`], [`unload ${a}`], [`unload ${b}`]]);
    expect(await get(made.body["id"] as number)).toEqual(made.body);
  });

  test("a name that no driver has is kept as a name; an id that no driver has is refused", async () => {
    const stops = [world.stop("hub", "08:00-08:30")];
    const id = await world.trip({ driver: "Grace H.", stops });
    expect((await get(id)).driver).toEqual({ id: null, name: "Grace H." });
    const refused = await world.manager("POST /trips", { vehicle_id: world.trucks[1], driver: 99999, stops });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: "/driver" }] } });
    const cleared = await world.manager(`PUT /trips/${id}`, { driver: null });
    expect(cleared.body["driver"]).toBeNull();
  });

  test("two trips of one vehicle do not overlap, and the refusal names the other one", async () => {
    const id = await world.trip({ stops: [world.stop("hub", "08:00-08:30"), world.stop("shop", "09:00-09:30")] });
    const second = { ...trucksOf(world), stops: [world.stop("hub", "09:10-09:40")] };
    const refused = await world.manager("POST /trips", second);
    expect(refused.status).toBe(409);
    expect(refused.body["detail"]).toContain(`the vehicle has trip ${id}, from ${world.time("08:00")}`);
    expect((await world.manager("POST /trips", { ...second, vehicle_id: world.trucks[1] })).status).toBe(201);
    await world.trip({ stops: [world.stop("hub", "09:30-09:40")] });
    expect((await world.manager(`POST /trips/${id}/cancel`)).body["status"]).toBe("cancelled");
    const freed = { ...trucksOf(world), stops: [world.stop("hub", "08:10-09:20")] };
    expect((await world.manager("POST /trips", freed)).status).toBe(201);
  });

  test("of two trips that are planned for one vehicle at the same moment one is refused", async () => {
    const body = { ...trucksOf(world), stops: [world.stop("hub", "08:00-08:30")] };
    const both = await Promise.all([world.manager("POST /trips", body), world.manager("POST /trips", body)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  test.each([
    ["no stop", [], "/stops"],
    ["windows out of order", ["hub 09:00-09:30", "shop 08:00-08:30"], "/stops/1/window/from"],
    ["a window that ends before it begins", ["hub 09:00-08:30"], "/stops/0/window/to"],
  ])("%s is refused", async (_, windows, pointer) => {
    const stops = windows.map((text) => {
      const [place, window] = text.split(" ");
      return world.stop(place as "hub", window!);
    });
    const refused = await world.manager("POST /trips", { ...trucksOf(world), stops });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  test("what does not exist is named where it stands, and nothing is half done", async () => {
    const id = await world.shipment();
    const stop = { ...world.stop("hub", "08:00-08:30", id, 99999) };
    const refused = await world.manager("POST /trips", { ...trucksOf(world), stops: [stop] });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: "/stops/0/shipment_ids/1" }] } });
    const nowhere = { ...stop, location_id: 99999, shipment_ids: [] };
    expect(await world.manager("POST /trips", { ...trucksOf(world), stops: [nowhere] })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/stops/0/location_id" }] },
    });
    expect(
      await world.manager("POST /trips", { vehicle_id: 99999, stops: [world.stop("hub", "08:00-08:30")] }),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/vehicle_id" }] },
    });
    expect((await world.manager("GET /trips")).body).toEqual([]);
  });

  test("a shipment that is delivered or cancelled is refused by its number, but stays on the trip that delivered it", async () => {
    const [open, gone] = [await world.shipment(), await world.shipment()];
    const { body } = await world.manager(`PUT /shipments/${gone}`, { status: "cancelled" });
    const stops = [world.stop("hub", "08:00-08:30", open, gone), world.stop("shop", "09:00-09:30")];
    const refused = await world.manager("POST /trips", { ...trucksOf(world), stops });
    expect(refused.status).toBe(409);
    expect(refused.body["errors"]).toEqual([
      {
        pointer: "/stops/0/shipment_ids/1",
        message: `shipment ${String(body["tracking_number"])} is cancelled: it cannot be planned for a trip`,
      },
    ]);
    const id = await world.trip({ stops: [world.stop("hub", "08:00-08:30", open), world.stop("shop", "09:00-09:30")] });
    await world.manager(`PUT /shipments/${open}`, { status: "cancelled" });
    const later = [world.stop("hub", "08:00-08:30", open), world.stop("shop", "09:10-09:40", open)];
    expect((await world.manager(`PUT /trips/${id}`, { stops: later })).status).toBe(200);
  });
});

describe("changing a trip", () => {
  test("If-Match guards a change; what was not given stays", async () => {
    const id = await world.trip({ driver: "Ada", stops: [world.stop("hub", "08:00-08:30")] });
    const stale = await world.manager(`PUT /trips/${id}`, { driver: "Bob" }, { "If-Match": '"v999"' });
    expect(stale.status).toBe(412);
    const changed = await world.manager(`PUT /trips/${id}`, { vehicle_id: world.trucks[1] });
    expect(changed.body).toMatchObject({
      vehicle_id: world.trucks[1],
      driver: { name: "Ada" },
      starts_at: world.time("08:00"),
    });
  });

  test("a cancelled trip is changed no more, and may be removed", async () => {
    const id = await world.trip({ stops: [world.stop("hub", "08:00-08:30")] });
    await world.manager(`POST /trips/${id}/cancel`);
    expect((await world.manager(`POST /trips/${id}/cancel`)).status).toBe(409);
    expect((await world.manager(`PUT /trips/${id}`, { driver: "Bob" })).status).toBe(409);
    expect((await world.manager(`DELETE /trips/${id}`)).status).toBe(204);
    expect((await world.manager(`GET /trips/${id}`)).status).toBe(404);
  });

  test("a trip that was driven is kept", async () => {
    const id = await world.trip({ stops: [world.stop("hub", "08:00-08:30"), world.stop("shop", "09:00-09:30")] });
    await world.stay("hub", "07:00", "08:10");
    expect((await world.manager(`DELETE /trips/${id}`)).body["detail"]).toBe("this trip is under way: cancel it");
    await world.stay("shop", "09:05");
    expect((await world.manager(`PUT /trips/${id}`, { driver: "Bob" })).status).toBe(409);
  });
});

describe("the list", () => {
  test("is in the order of time, filtered, and paged by Link", async () => {
    const shipment = await world.shipment();
    const late = await world.trip({
      driver: "Ada",
      stops: [world.stop("dock", "12:00-12:30", shipment), world.stop("shop", "13:00-13:30")],
    });
    const early = await world.trip({ stops: [world.stop("hub", "08:00-08:30"), world.stop("market", "09:00-09:30")] });
    const ids = async (query: string) =>
      ((await world.manager(`GET /trips${query}`)).body as unknown as { id: number }[]).map(({ id }) => id);
    expect(await ids("")).toEqual([early, late]);
    expect(await ids(`?location_id=${world.places.hub}`)).toEqual([early, late]);
    expect(await ids(`?location_id=${world.places.dock}`)).toEqual([late]);
    expect(await ids(`?shipment_id=${shipment}`)).toEqual([late]);
    expect(await ids("?driver=ada")).toEqual([late]);
    expect(await ids("?status=completed")).toEqual([]);
    expect(await ids(`?from=${world.time("09:30")}`)).toEqual([late]);
    expect(await ids(`?from=${world.time("09:00")}&to=${world.time("12:00")}`)).toEqual([early]);
    expect(await ids(`?vehicle_id=${world.trucks[1]}`)).toEqual([]);
    const first = await world.manager("GET /trips?limit=1");
    const next = /<([^>]+)>/.exec(first.headers.get("link") ?? "")?.[1];
    expect(((await world.manager(`GET ${next}`)).body as unknown as { id: number }[]).map(({ id }) => id)).toEqual([
      late,
    ]);
  });
});
