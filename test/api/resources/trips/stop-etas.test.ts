import { afterAll, beforeAll, expect, test } from "vitest";
import { estimateStopsPage } from "../../../../ingest/workers/estimates/stop-estimates.ts";
import { startApi, type TestApi } from "../../support.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.close());

test("a trip tells when its vehicle is expected at each stop that it has not come to, and by what that is known", async () => {
  const manager = await api.as("manager");
  const made = async (path: string, body: object): Promise<number> => {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  };
  const place = (name: string, km: number) =>
    made("/locations", { name, stage: "delivery", geofence: { lat: 48 + km / 111.195, lon: 11, radius_m: 500 } });
  const [first, second] = [await place("First", 60), await place("Second", 100)];
  const vehicle = await made("/vehicles", { name: "Truck" });
  const window = (from: number, to: number) => ({
    from: new Date(Date.now() + from * 60_000).toISOString(),
    to: new Date(Date.now() + to * 60_000).toISOString(),
  });
  const trip = await made("/trips", {
    vehicle_id: vehicle,
    stops: [
      { location_id: first, window: window(20, 60) },
      { location_id: second, window: window(90, 150) },
    ],
  });
  await api.db.pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', now(), now(), 48.2, 11)`,
    [vehicle],
  );
  await estimateStopsPage(api.db.pool, 0, 100);
  const stops = async () =>
    (await manager(`GET /trips/${trip}`)).body["stops"] as { eta: Record<string, string | null> | null }[];
  const [next, further] = (await stops()) as [{ eta: Record<string, string> }, { eta: Record<string, string> }];
  expect(next.eta).toMatchObject({ basis: "default", problem: "too_little_history", runs: null });
  expect(further.eta).toMatchObject({ basis: "default", position_at: next.eta["position_at"] });
  expect(Date.parse(next.eta["p50"]!)).toBeGreaterThan(Date.now());
  expect(Date.parse(further.eta["p50"]!)).toBeGreaterThan(Date.parse(next.eta["p90"]!) - 3_600_000);
  expect(Date.parse(further.eta["p90"]!)).toBeGreaterThan(Date.parse(further.eta["p50"]!));
  expect((await manager(`POST /trips/${trip}/cancel`, {})).status).toBe(200);
  await estimateStopsPage(api.db.pool, 0, 100);
  expect((await stops()).map(({ eta }) => eta)).toEqual([null, null]);
});
