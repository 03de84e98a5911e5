import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";
import { startApi, type TestApi } from "../support.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const EPC = (serial: number) => `3034257BF7194E4000${serial.toString(16).padStart(6, "0").toUpperCase()}`;

let api: TestApi;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  rig = await startIngestRig(api.db.pool);
  world = worldIn(api.db.pool);
  manager = await api.as("manager");
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

test("fields that a decoder does not know are counted once, with what may be meant", async () => {
  const tracker = await world.device("misspelt", "gps", null);
  const fixes = [1, 2].map((n) => ({ ts: T + n, lat: 48, lon: 11, hedding: 90, colour: "red" }));
  await rig.publish(`devices/${tracker}/gps`, fixes);
  await rig.publish(`devices/${tracker}/gps`, { ts: T + 3, latitude: 48, lon: 11 });
  await rig.settled();
  const known = await quality(tracker);
  expect(known).toMatchObject({ received: 3, stored: 2, quarantined: 1 });
  expect(known["ignored_fields"]).toEqual([
    { kind: "gps", field: "hedding", count: 2, hint: "did you mean `heading`?" },
    { kind: "gps", field: "colour", count: 2 },
    { kind: "gps", field: "latitude", count: 1, hint: "did you mean `lat`?" },
  ]);
  expect(known["warnings"]).toContain("the field `latitude` was not used in 1 readings: did you mean `lat`?");
  // After them: what is known so far stays.
  await rig.publish(`devices/${tracker}/gps`, { ts: T + 4, lat: 48, lon: 11 });
  await rig.publish(`devices/${tracker}/gps`, { ts: T + 5, lat: 48, lon: 11, colour: "red" });
  await rig.settled();
  expect((await quality(tracker))["ignored_fields"]).toContainEqual({ kind: "gps", field: "colour", count: 3 });
});

test("times that cannot be go to quarantine, whatever their unit, and are never the newest", async () => {
  const tracker = await world.device("no-clock", "gps", null);
  const now = Date.now();
  const send = (ts: unknown) => rig.publish(`devices/${tracker}/gps`, { ts, lat: 48, lon: 11 });
  await send(now - 1000);
  for (const ts of [0, -1, 1_770_000_000, "1969-12-31T00:00:00Z", "1999-12-31T23:59:59Z"]) await send(ts);
  for (const ts of [now + 400_000, now * 1000, now * 1e6, "2199-01-01T00:00:00Z"]) await send(ts);
  await rig.settled();
  const { rows } = await api.db.pool.query<{ reason: string; detail: string }>(
    "SELECT reason, detail FROM quarantine WHERE device_id = $1 ORDER BY id",
    [tracker],
  );
  const details = (of: string) => rows.flatMap(({ reason, detail }) => (reason === of ? [detail] : []));
  expect(details("implausible_time")).toHaveLength(5);
  expect(details("implausible_time").join()).toContain("this looks like seconds: send milliseconds, 1770000000000");
  expect(details("future")).toHaveLength(4);
  for (const unit of ["microseconds", "nanoseconds"])
    expect(details("future").join()).toContain(`this looks like ${unit}`);
  expect(await quality(tracker)).toMatchObject({ received: 10, stored: 1, implausible_time: 5, future: 4, late: 0 });
  const { latest } = (await manager(`GET /devices/${tracker}`)).body as { latest: { gps: { ts: string } } };
  expect(Date.parse(latest.gps.ts)).toBe(now - 1000);
});

const quality = async (id: string) => (await manager(`GET /devices/${id}/quality`)).body;

test("a gate's clock that is ahead is noticed by the vehicles that had left when it read their goods", async () => {
  const yard = await world.location("W", "storage", { lat: 48, lon: 11, radius_m: 150 });
  const shop = await world.location("S", "delivery", { lat: 48.5, lon: 11, radius_m: 150 });
  const fast = await world.device("gate-fast", "rfid", { location_id: yard, antennas: { 1: "inside", 2: "outside" } });
  const right = await world.device("gate-right", "rfid", {
    location_id: yard,
    antennas: { 1: "inside", 2: "outside" },
  });
  for (const n of [1, 2, 3]) {
    const start = T + n * 3_600_000;
    const vehicle = await world.vehicle(`V${n}`);
    const tracker = await world.device(`t-${n}`, "gps", { vehicle_id: vehicle });
    const id = await world.shipment(yard, shop, start - 600_000);
    await world.tag(id, `urn:epc:id:sgtin:0614141.812345.${n}`);
    await world.fact(id, "loaded", { vehicleId: vehicle, locationId: yard }, start + 300_000);
    // It stands until 600 s, and drives away at 12 m/s.
    const fixes = Array.from({ length: 100 }, (_, i) => {
      const second = i * 10;
      return { ts: start + second * 1000, lat: 48 + Math.max(0, second - 600) * 0.000108, lon: 11, accuracy: 8 };
    });
    await rig.publish(`devices/${tracker}/gps`, fixes);
    const read = (gate: string, second: number) =>
      rig.publish(`devices/${gate}/rfid`, [
        { ts: start + second * 1000, epc: EPC(n), antenna: 1, rssi: -50 },
        { ts: start + second * 1000 + 500, epc: EPC(n), antenna: 1, rssi: -45 },
        { ts: start + second * 1000 + 1500, epc: EPC(n), antenna: 1, rssi: -50 },
      ]);
    await read(fast, 598 + 60);
    await read(right, 200);
    // The next pallet ends the dwell of this one.
    await rig.publish(`devices/${fast}/rfid`, { ts: start + 900_000, epc: EPC(100 + n), antenna: 1, rssi: -50 });
  }
  await rig.settled();
  // A timer ends the last dwell.
  await expect.poll(async () => (await quality(fast)).clock_offset_samples).toBe(3);
  const ahead = await quality(fast);
  expect(ahead.clock_offset_ms).toBeGreaterThan(20_000);
  expect(ahead.clock_offset_ms).toBeLessThanOrEqual(60_000);
  expect(ahead.warnings).toEqual([expect.stringMatching(/clock is at least \d+ s ahead/)]);
  expect(ahead.clock_samples).toHaveLength(3);
  expect(await quality(right)).toMatchObject({ clock_offset_ms: null, clock_offset_samples: 0, warnings: [] });
});

test("a reading ahead of its receipt shows a clock that is ahead", async () => {
  const id = await world.device("probe-ahead", "env");
  await rig.publish(`devices/${id}/env`, { ts: T + 90_000, celsius: 4 }, T);
  await rig.settled();
  expect(await quality(id)).toMatchObject({
    clock_offset_ms: 90_000,
    clock_offset_samples: 1,
    warnings: [/90 s ahead/],
  });
});

test("impossible dates of GPS receivers are counted, marked and told", async () => {
  const id = await world.device("old-receiver", "gps", null, "nmea");
  const sentence = (date: string) => {
    const body = `GPRMC,095958.00,A,4807.0380,N,01131.0000,E,000.0,000.0,${date},,,A`;
    const checksum = Buffer.from(body).reduce((sum, byte) => sum ^ byte, 0);
    return Buffer.from(`$${body}*${checksum.toString(16).toUpperCase().padStart(2, "0")}`, "latin1");
  };
  const received = Date.parse("2026-11-21T10:00:00Z");
  await rig.publish(`devices/${id}/raw`, sentence("070407"), received);
  await rig.publish(`devices/${id}/raw`, sentence("060180"), received);
  await rig.settled();
  expect(await quality(id)).toMatchObject({ stored: 1, time_corrected: 1, implausible_time: 1, quarantined: 1 });
  expect((await quality(id)).warnings).toEqual([
    expect.stringContaining("1 dates were wrong by a GPS week rollover"),
    expect.stringContaining("1 readings with a date before the year 2000"),
  ]);
  const readings = await manager(`GET /devices/${id}/readings`);
  expect(readings.body).toMatchObject([{ ts: "2026-11-21T09:59:58.000Z", quality: "approx" }]);
  expect((await manager(`GET /devices/${id}`)).body.latest).toMatchObject({ gps: { quality: "approx" } });
  const { rows } = await api.db.pool.query("SELECT reason, detail FROM quarantine WHERE device_id = $1", [id]);
  expect(rows).toEqual([{ reason: "implausible_time", detail: expect.stringContaining("1980-01-06") }]);
});

test("epoch seconds are told from milliseconds", async () => {
  const id = await world.device("seconds", "env");
  await rig.publish(`devices/${id}/env`, { ts: 1_770_000_000, celsius: 4 });
  await rig.settled();
  const { rows } = await api.db.pool.query("SELECT reason, detail FROM quarantine WHERE device_id = $1", [id]);
  expect(rows).toEqual([{ reason: "implausible_time", detail: expect.stringContaining("looks like seconds") }]);
});

test("a device's latest fix is its latest good one, and a newer flagged one stands beside it, also when fixes come late", async () => {
  const id = await world.device("tracker-latest", "gps");
  const fix = (second: number, lat: number) => ({ ts: T + second * 1000, lat, lon: 11, accuracy: 5 });
  const latest = async () => (await manager(`GET /devices/${id}`)).body.latest as Record<string, { quality: string }>;
  await rig.publish(`devices/${id}/gps`, [fix(0, 48), fix(10, 48.0001)]);
  await rig.publish(`devices/${id}/gps`, fix(20, 49));
  await rig.settled();
  expect(await latest()).toMatchObject({
    gps: { lat: 48.0001, quality: "ok" },
    gps_flagged: { lat: 49, quality: "outlier" },
  });
  // Two more agree with it, and it is a relocation; then the good one is the newest.
  await rig.publish(`devices/${id}/gps`, [fix(30, 49.0001), fix(40, 49.0002)]);
  await rig.settled();
  expect(await latest()).toMatchObject({ gps: { lat: 49.0002, quality: "ok" } });
  expect(await latest()).not.toHaveProperty("gps_flagged");
  const unknown = await world.device("tracker-plain", "gps");
  await rig.publish(`devices/${unknown}/gps`, { ts: T, lat: 48, lon: 11 });
  await rig.settled();
  expect((await manager(`GET /devices/${unknown}`)).body.latest).toMatchObject({ gps: { quality: "approx" } });
});

test("a geofence that cannot be one is refused with its ring and point; one across the 180th meridian is taken", async () => {
  const create = (geofence: unknown) => manager("POST /locations", { name: "Place", geofence });
  const ring = (...points: [number, number][]) => ({ type: "Polygon", coordinates: [[...points, points[0]]] });
  const crossed = await create(ring([0, 0], [1, 1], [1, 0], [0, 1]));
  expect(crossed).toMatchObject({ status: 400, body: { errors: [{ pointer: "/geofence/coordinates/0/0" }] } });
  expect(JSON.stringify(crossed.body)).toMatch(/ring 0, point 0/);
  const swapped = await create(ring([48, 139], [49, 139], [49, 140]));
  expect(swapped.body.errors).toMatchObject([{ pointer: "/geofence/coordinates/0/0/1" }]);
  expect((await create({ type: "Feature", geometry: null })).status).toBe(400);
  expect((await create({ lat: 1, lon: 1, radius_m: 5, size: 1 })).body.errors).toMatchObject([
    { pointer: "/geofence/size", message: 'unknown field "size"' },
  ]);
  const fiji = ring([179.9, -17], [-179.9, -17], [-179.9, -16.8], [179.9, -16.8]);
  expect(await create(fiji)).toMatchObject({ status: 201, body: { geofence: fiji } });
  const parts = {
    type: "MultiPolygon",
    coordinates: [fiji.coordinates, ring([11, 48], [11.1, 48], [11.1, 48.1]).coordinates],
  };
  expect(await create(parts)).toMatchObject({ status: 201, body: { geofence: parts } });
});
