import { afterAll, beforeAll, expect, test } from "vitest";
import { openTripWorld, type TripBody, type TripWorld } from "./trip-world.ts";

let world: TripWorld;
beforeAll(async () => {
  world = await openTripWorld();
});
afterAll(() => world?.close());

const get = async (id: number) => (await world.manager(`GET /trips/${id}`)).body as unknown as TripBody;
const statusOf = async (id: number) => (await world.manager(`GET /shipments/${id}`)).body["status"];

test("a trip is held against the vehicle's arrivals and departures, also those that become known late", async () => {
  const stops = [
    world.stop("hub", "08:00-08:30"),
    world.stop("shop", "09:00-09:30"),
    world.stop("market", "10:00-10:30"),
    world.stop("hub", "11:00-11:30"),
  ];
  const id = await world.trip({ stops });
  await world.stay("hub", "06:00", "08:45");
  expect(await get(id)).toMatchObject({ status: "under_way", stops: [{ deviation_minutes: 15 }, {}, {}, {}] });
  await world.stay("market", "10:40", "10:52");
  expect((await get(id)).stops.map(({ state }) => state)).toEqual(["left", "skipped", "left", "expected"]);
  // The tracker was in a tunnel: the stop at the shop becomes known now.
  await world.stay("shop", "08:50", "09:20");
  await world.stay("hub", "11:10");
  const trip = await get(id);
  expect(trip.status).toBe("completed");
  const use = await world.manager(
    `GET /analytics/vehicles?vehicle_id=${world.trucks[0]}&from=2026-03-02&to=2026-03-03`,
  );
  expect(use.body).toMatchObject([{ trips: 1 }]);
  const byDriver = await world.manager(
    `GET /analytics/vehicles?by=driver&vehicle_id=${world.trucks[0]}&from=2026-03-02&to=2026-03-03`,
  );
  expect(byDriver.body).toMatchObject([{ driver_name: null, trips: 1, drives: 0, idling_hours: null }]);
  const later = await world.manager(
    `GET /analytics/vehicles?vehicle_id=${world.trucks[0]}&from=2026-03-03&to=2026-03-04`,
  );
  expect(later.body).toMatchObject([{ trips: 0 }]);
  expect(trip.stops).toMatchObject([
    { state: "left", arrived_at: world.time("06:00"), departed_at: world.time("08:45"), dwell_minutes: 165 },
    { state: "left", arrived_at: world.time("08:50"), deviation_minutes: -10, dwell_minutes: 30 },
    { state: "left", deviation_minutes: 10, dwell_minutes: 12 },
    { state: "there", deviation_minutes: 0, dwell_minutes: null },
  ]);
});

test("a trip that is planned after it has begun is held against what is known already", async () => {
  const stops = [world.stop("hub", "08:00-08:50"), world.stop("market", "10:00-10:30")];
  await world.manager("POST /trips", { vehicle_id: world.trucks[1], stops });
  const first = (await world.manager(`GET /trips?vehicle_id=${world.trucks[0]}`)).body as unknown as { id: number }[];
  const changed = await world.manager(`POST /trips/${first[0]!.id}/cancel`);
  expect(changed.status).toBe(409);
  await world.api.db.pool.query("DELETE FROM trips");
  const { body } = await world.manager("POST /trips", { vehicle_id: world.trucks[0], stops });
  expect(body).toMatchObject({
    status: "completed",
    stops: [{ state: "left" }, { state: "left", deviation_minutes: 10 }],
    unplanned_stops: [{ location_id: world.places.shop, location: "Shop", dwell_minutes: 30 }],
  });
  await world.api.db.pool.query("DELETE FROM trips");
});

test("goods may be put down where a trip unloads them, and its cancellation makes that an exception again", async () => {
  const shipment = await world.shipment("shop");
  const stops = [world.stop("hub", "12:00-12:30", shipment), world.stop("market", "13:00-13:30", shipment)];
  const { body } = await world.manager("POST /trips", { vehicle_id: world.trucks[1], stops });
  const load = { vehicle_id: world.trucks[1], at: world.time("12:00") };
  await world.manager(`POST /shipments/${shipment}/load`, load);
  const truck = `vehicle:${world.trucks[1]}` as const;
  await world.record(truck, "12:15", "departed", { locationId: world.places.hub });
  expect(await statusOf(shipment)).toBe("in_transit");
  await world.record(truck, "13:05", "arrived", { locationId: world.places.market });
  const unloading = { location_id: world.places.market, at: world.time("13:10") };
  await world.manager(`POST /shipments/${shipment}/unload`, unloading);
  expect(await statusOf(shipment)).toBe("in_storage");
  const { body: events } = await world.manager(`GET /shipments/${shipment}/events`);
  expect((events as unknown as { status: string }[]).at(-1)!.status).toBe("in_storage");
  // The trip is over, so its plan stands. One that is still under way can be changed.
  expect((await world.manager(`POST /trips/${body["id"] as number}/cancel`)).status).toBe(409);
  await world.api.db.pool.query("DELETE FROM facts WHERE subject = $1 AND type = 'arrived'", [truck]);
  await world.record(truck, "12:20", "passed", { locationId: world.places.shop });
  expect((await get(body["id"] as number)).status).toBe("under_way");
  expect((await world.manager(`POST /trips/${body["id"] as number}/cancel`)).status).toBe(200);
  expect(await statusOf(shipment)).toBe("exception");
});

test("plans and facts that come at the same moment end in the same", async () => {
  const body = {
    vehicle_id: world.trucks[1],
    stops: [world.stop("hub", "20:00-20:30"), world.stop("shop", "21:00-21:30")],
  };
  const truck = `vehicle:${world.trucks[1]}` as const;
  const id = (await world.manager("POST /trips", body)).body["id"] as number;
  const facts = [
    world.record(truck, "19:00", "arrived", { locationId: world.places.hub }),
    world.record(truck, "20:10", "departed", { locationId: world.places.hub }),
    world.record(truck, "21:40", "arrived", { locationId: world.places.shop }),
  ];
  const stops = [world.stop("hub", "20:00-20:30"), world.stop("shop", "21:00-21:45")];
  await Promise.all([...facts, world.manager(`PUT /trips/${id}`, { stops })]);
  const trip = await get(id);
  expect(trip).toMatchObject({
    status: "completed",
    stops: [{ state: "left" }, { state: "there", arrived_at: world.time("21:40") }],
  });
});

test("goods that are named before they have come, or while they are under way, are loaded where the trip begins", async () => {
  const [, truck] = world.trucks;
  const elsewhere = await world.shipment("market", { location: world.places.shop });
  // Nobody has seen the vehicle come back to the hub, nor leave the market.
  await world.record(`vehicle:${truck}`, "15:00", "arrived", { locationId: world.places.market });
  const aboard = await world.shipment("market");
  await world.manager(`POST /shipments/${aboard}/load`, { vehicle_id: truck, at: world.time("16:00") });
  await world.record(`vehicle:${truck}`, "16:15", "departed", { locationId: world.places.hub });
  // On the road the driver remembers another one.
  const remembered = await world.shipment("market");
  await world.manager(`POST /shipments/${remembered}/load`, { vehicle_id: truck, at: world.time("16:30") });
  const stops = [world.stop("hub", "16:00-16:20", elsewhere, aboard, remembered), world.stop("shop", "17:00-17:20")];
  const { status, body } = await world.manager("POST /trips", { vehicle_id: truck, stops });
  expect(status).toBe(201);
  expect((body as unknown as TripBody).stops[0]!.shipments).toMatchObject([
    { id: elsewhere, action: "load" },
    { id: aboard, action: "load" },
    { id: remembered, action: "load" },
  ]);

  // It has just come, and its departure is not known yet.
  const market = world.places.market;
  await world.record(`vehicle:${truck}`, "18:00", "arrived", { locationId: market });
  const quick = await world.shipment("shop", { location: market, at: world.time("17:50") });
  await world.manager(`POST /shipments/${quick}/load`, { vehicle_id: truck, at: world.time("18:01") });
  const back = [world.stop("market", "18:00-18:20", quick), world.stop("hub", "18:40-19:00")];
  const planned = (await world.manager("POST /trips", { vehicle_id: truck, stops: back })).body as unknown as TripBody;
  expect(planned.stops[0]!.shipments).toMatchObject([{ id: quick, action: "load" }]);
});
