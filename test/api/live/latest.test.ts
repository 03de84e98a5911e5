import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";
import { startApi, type TestApi } from "../support.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const MINUTE = 60_000;

interface Position {
  vehicle_id: number;
  ts: string;
  lat: number;
}

let api: TestApi;
let rig: IngestRig;

beforeAll(async () => {
  api = await startApi();
  rig = await startIngestRig(api.db.pool);
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

/** Follows the live stream and collects the positions it sends. */
async function followPositions(token: string): Promise<{ received: Position[]; close(): Promise<void> }> {
  const response = await api.app.request("/stream?topics=positions", { headers: { Authorization: `Bearer ${token}` } });
  const reader = response.body!.getReader();
  const received: Position[] = [];
  const decoder = new TextDecoder();
  const reading = (async () => {
    for (let text = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = /^event: positions$/m.test(block) && /^data: (.*)$/m.exec(block)?.[1];
        if (data) received.push(...(JSON.parse(data) as Position[]));
      }
    }
  })();
  return {
    received,
    async close() {
      await reader.cancel();
      await reading;
    },
  };
}

test("a fix that was measured earlier but arrives later never moves a vehicle back, neither in the API nor in the stream", async () => {
  const world = worldIn(api.db.pool);
  const vehicle = await world.vehicle("truck");
  const tracker = await world.device("tracker", "gps", { vehicle_id: vehicle });
  const phone = await world.device("phone", "gps", { vehicle_id: vehicle });
  const token = await api.tokenOf("viewer");
  const viewer = await api.as("viewer");
  const { received, close } = await followPositions(token);
  const position = async () => (await viewer(`GET /vehicles/${vehicle}`)).body.position as Position;
  /** a fix further north the later it was measured: about 40 km/h */
  const fix = (ts: number) => ({ ts, lat: 48 + ((ts - T) / MINUTE) * 0.006, lon: 11, accuracy: 5 });
  const at = (ts: number) => ({ ts: new Date(ts).toISOString(), lat: expect.closeTo(fix(ts).lat, 3) });

  await rig.publish(`devices/${tracker}/gps`, [fix(T - MINUTE), fix(T)]);
  // The feed may start to listen after the first notice, so it is repeated.
  const notice = () => api.db.pool.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ positions: [vehicle] })]);
  await expect.poll(() => notice().then(() => received.length)).toBeGreaterThan(0);
  expect(await position()).toMatchObject(at(T));

  const earlier: [string, number][] = [
    // within the window of recent fixes, far behind it, and from another device
    [tracker, T - 5_000],
    [tracker, T - 20 * MINUTE],
    [phone, T - 10 * MINUTE],
    [phone, T - 1_000],
    // a repeat, and another fix from the past
    [tracker, T - 20 * MINUTE],
    [tracker, T - 2 * MINUTE],
  ];
  for (const [device, ts] of earlier) {
    await rig.publish(`devices/${device}/gps`, fix(ts));
    await rig.settled();
    expect(await position()).toMatchObject({ ...at(T), device_id: tracker });
  }
  const list = (await viewer("GET /vehicles")).body as unknown as { id: number; position: Position }[];
  expect(list).toEqual([expect.objectContaining({ id: vehicle, position: expect.objectContaining(at(T)) })]);

  await rig.publish(`devices/${phone}/gps`, fix(T + MINUTE));
  await expect.poll(() => received.at(-1)).toMatchObject(at(T + MINUTE));
  expect(await position()).toMatchObject({ ...at(T + MINUTE), device_id: phone });
  await close();
  const times = received.map(({ ts }) => Date.parse(ts));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.min(...times)).toBe(T);
});

test("the latest reading of a device is the one measured last", async () => {
  const probe = await worldIn(api.db.pool).device("probe", "env");
  const operator = await api.as("admin");
  await rig.publish(`devices/${probe}/env`, { ts: T, celsius: 4 });
  await rig.publish(`devices/${probe}/env`, [
    { ts: T - 5_000, celsius: 5 },
    { ts: T - 20 * MINUTE, celsius: 6 },
  ]);
  await rig.settled();
  const { body } = await operator(`GET /devices/${probe}`);
  expect(body.latest).toMatchObject({ env: { celsius: 4 } });
});
