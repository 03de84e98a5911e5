import { createHash } from "node:crypto";
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresSeries } from "../../../api/resources/readings/series-postgres.ts";
import type { SeriesQuery } from "../../../api/resources/readings/series.ts";
import { rowsOfFixes } from "../../support/fixes.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("a device is added with a secret that is shown once, and has at most two valid secrets", async () => {
  const truck = await manager("POST /vehicles", { name: "Truck", plate: "M-WS 1" });
  const mount = { vehicle_id: truck.body.id, since: "2014-01-01T00:00:00Z" };
  const added = await manager("POST /devices", { id: "gps-1", kind: "gps", mount, interval_s: 5 });
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({
    id: "gps-1",
    decoder: "native",
    state: "active",
    presence: "unknown",
    mount: { vehicle_id: truck.body.id },
    mounted_since: "2014-01-01T00:00:00.000Z",
    last_seen_at: null,
    latest: {},
  });
  const { rows } = await api.db.pool.query<{ secret_sha256: Buffer }>("SELECT secret_sha256 FROM device_credentials");
  expect(rows).toEqual([{ secret_sha256: createHash("sha256").update(String(added.body.secret)).digest() }]);
  expect((await manager("GET /devices/gps-1")).body).not.toHaveProperty("secret");
  for (let at = 0; at < 3; at += 1) expect((await manager("POST /devices/gps-1/credentials")).status).toBe(201);
  const live = await api.db.pool.query("SELECT 1 FROM device_credentials WHERE revoked_at IS NULL");
  expect(live.rowCount).toBe(2);
  expect((await manager("POST /devices", { id: "gps-1", kind: "gps" })).status).toBe(409);
  expect((await manager("POST /devices", { id: "a/b", kind: "gps" })).status).toBe(400);
  const nowhere = await manager("POST /devices", { id: "gps-2", kind: "gps", mount: { vehicle_id: 4711 } });
  expect(nowhere.body.errors).toMatchObject([{ pointer: "/mount/vehicle_id" }]);
});

test("an import adds all devices or none", async () => {
  const rows = [
    { id: "p-1", kind: "env" },
    { id: "p-2", kind: "env" },
  ];
  const added = await manager("POST /devices/import", rows);
  expect(added.body).toEqual(rows.map((row) => expect.objectContaining({ ...row, secret: expect.any(String) })));
  expect((await manager("POST /devices/import", [{ id: "p-3", kind: "env" }, rows[0]])).status).toBe(409);
  expect((await manager("GET /devices/p-3")).status).toBe(404);
  const shelf = await manager("POST /locations", { name: "Shelf", stage: "storage" });
  const table = `id,kind,rate_limit,location_id,antennas\np-4,env,,,\np-5,rfid,5,${String(shelf.body.id)},1:inside;2:outside\n`;
  const csv = { "Content-Type": "text/csv" };
  const fromTable = await manager("POST /devices/import", table, csv);
  expect(fromTable.body).toMatchObject([
    { id: "p-4", kind: "env", mount: null, secret: expect.any(String) },
    { id: "p-5", rate_limit: 5, mount: { location_id: shelf.body.id, antennas: { 1: "inside", 2: "outside" } } },
  ]);
  const wrong = await manager("POST /devices/import", "id,kind,color\np-6,env,red\n", csv);
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: "/0/color" }] } });
  expect((await manager("POST /devices/import", 'id,kind\n"p-7', csv)).status).toBe(400);
});

test("readings of all kinds are listed oldest first, page by page, with their flags", async () => {
  const from = Date.UTC(2026, 10, 1);
  const { pool } = api.db;
  await pool.query(
    `INSERT INTO gps_readings (device_id, ts, seq, received_at, content_hash, lat, lon, speed)
    SELECT 'gps-1', to_timestamp($1::float8 / 1000) + n * interval '1 second', CASE WHEN n % 2 = 0 THEN n ELSE -1 END, now(), 0, 48 + n * 0.001, 11, 10
    FROM generate_series(0, 9) AS n`,
    [from],
  );
  await pool.query(
    `INSERT INTO rfid_reads (device_id, ts, seq, received_at, content_hash, epc, antenna)
    SELECT 'gps-1', to_timestamp($1::float8 / 1000), -1, now(), 0, 'E' || n, 1 FROM generate_series(1, 3) AS n`,
    [from],
  );
  await pool.query(
    "INSERT INTO reading_flags (device_id, ts, seq, kind, quality, late) VALUES ('gps-1', to_timestamp($1::float8 / 1000), 0, 'gps', 'outlier', true)",
    [from],
  );
  const seen: Record<string, unknown>[] = [];
  let next: string | undefined = "/devices/gps-1/readings?limit=2";
  while (next !== undefined) {
    const page: Awaited<ReturnType<typeof manager>> = await manager(`GET ${next}`);
    seen.push(...(page.body as unknown as Record<string, unknown>[]));
    next = /^<(.+)>; rel="next"$/.exec(page.headers.get("Link") ?? "")?.[1];
  }
  expect(seen).toHaveLength(13);
  expect(seen[0]).toMatchObject({ kind: "gps", seq: 0, quality: "outlier", late: true, lat: 48, speed: 10 });
  expect(seen.slice(1, 4).map(({ epc }) => epc)).toEqual(["E1", "E2", "E3"]);
  expect(seen[4]).toMatchObject({ ts: new Date(from + 1000).toISOString(), quality: "ok", late: false });
  expect(seen[4]).not.toHaveProperty("seq");
  expect(seen[4]).not.toHaveProperty("accuracy");
  const some = await manager(`GET /devices/gps-1/readings?kind=gps&from=${from + 1000}&to=2026-11-01T00:00:03Z`);
  expect(some.body).toHaveLength(2);
  const hours = await manager("GET /devices/gps-1/readings?kind=gps&aggregate=hour");
  expect(hours.body).toEqual([
    { ts: new Date(from).toISOString(), kind: "gps", count: 10, speed: { mean: 10, min: 10, max: 10 } },
  ]);
  const ownKind = await manager("GET /devices/gps-1/readings?aggregate=hour&from=2026-11-01&to=2026-11-02");
  expect(ownKind.body).toEqual(hours.body);
  expect((await manager("GET /devices/gps-1/readings?kind=rfid&aggregate=hour")).status).toBe(400);
  expect((await manager("GET /devices/nobody/readings")).status).toBe(404);
});

test("an absurd value does not make its hour unreadable", async () => {
  await api.db.pool.query(
    `INSERT INTO env_readings (device_id, ts, seq, received_at, content_hash, celsius, lux)
    SELECT 'gps-1', '2026-11-01T05:00:00Z'::timestamptz + n * interval '1 second', -1, now(), 0, 4, (ARRAY[1e308, 1e308, -1e308])[n]
    FROM generate_series(1, 3) AS n`,
  );
  const hours = await manager("GET /devices/gps-1/readings?kind=env&aggregate=hour");
  expect(hours).toMatchObject({ status: 200, body: [{ count: 3, celsius: { mean: 4 }, lux: { max: 1e308 } }] });
});

test("the track of a shipment consists of its vehicle's fixes while loaded, without outliers", async () => {
  const created = await manager("POST /shipments", {
    product_name: "A",
    quantity: 1,
    location: "storage",
    at: "2026-10-31T00:00:00Z",
  });
  const at = `/shipments/${String(created.body.id)}`;
  expect((await manager(`GET ${at}/track`)).body.geometry).toBeNull();
  const loaded = await manager(`POST ${at}/load`, { vehicle_id: 1, at: "2026-10-31T01:00:00Z" });
  expect(loaded.body.vehicle_id).toBe(1);
  const { body, headers } = await manager(`GET ${at}/track`);
  expect(headers.get("Content-Type")).toBe("application/geo+json");
  const geometry = body.geometry as { type: string; coordinates: number[][] };
  expect(geometry.type).toBe("LineString");
  expect(geometry.coordinates).toHaveLength(9);
  const simple = (await manager(`GET ${at}/track?simplify=20`)).body.geometry as { coordinates: number[][] };
  expect(simple.coordinates).toHaveLength(2);
  const authorization = { Authorization: `Bearer ${await api.tokenOf("viewer")}` };
  const gpx = await api.app.request(`${at}/track`, { headers: { ...authorization, Accept: "application/gpx+xml" } });
  expect(gpx.headers.get("Content-Type")).toBe("application/gpx+xml");
  const xml = new XMLParser({ ignoreAttributes: false }).parse(await gpx.text());
  expect(xml.gpx.trk.trkseg.trkpt).toHaveLength(9);
  expect(xml.gpx.trk.trkseg.trkpt[0]).toMatchObject({ "@_lon": "11", time: "2026-11-01T00:00:01.000Z" });
  // From its mounting on another truck on, what the tracker sends is that truck's.
  const { rows } = await api.db.pool.query<{ other: number }>(
    "INSERT INTO vehicles (name) VALUES ('X') RETURNING id AS other",
  );
  await api.db.pool.query(
    `INSERT INTO device_mounts (device_id, since, mount) VALUES ('gps-1', '2026-11-01T00:00:04Z', jsonb_build_object('vehicle_id', $1::int))`,
    [rows[0]!.other],
  );
  const until = (await manager(`GET ${at}/track`)).body.properties as { coordTimes: string[] };
  const times = (body.properties as { coordTimes: string[] }).coordTimes;
  expect(until.coordTimes).toEqual(times.filter((time) => time < "2026-11-01T00:00:04.000Z"));
  await api.db.pool.query("DELETE FROM device_mounts WHERE since = '2026-11-01T00:00:04Z'");
});

test("fixes for a track are the same numbers as in readings, the absent ones too", async () => {
  await api.db.pool.query(
    `INSERT INTO gps_readings (device_id, ts, seq, received_at, content_hash, lat, lon, speed) VALUES
      ('fixes', '2000-01-01T00:00:00.001Z', -1, now(), 0, -0.1, 1e-7, NULL),
      ('fixes', '2026-11-01T23:59:59.999Z', 9007199254740991, now(), 0, NULL, NULL, 1e308),
      ('fixes', '2026-11-02T00:00:00.000Z', 0, now(), 0, -89.99999999999999, 179.12345678901234, 0),
      ('fixes', '2026-11-02T00:00:00.000Z', 1, now(), 0, 1, 2, 3)`,
  );
  const series = openPostgresSeries(api.db.pool);
  const query = { deviceId: "fixes", from: null, to: null, after: null, limit: 10 };
  const readings = await series.readings({ ...query, kind: "gps" });
  const expected = readings.map(({ ts, seq, values: { lat = null, lon = null, speed = null } }) => ({
    ts,
    seq,
    lat,
    lon,
    speed,
  }));
  expect(expected).toHaveLength(4);
  const fixes = async (wanted: Partial<SeriesQuery>) => rowsOfFixes(await series.fixes({ ...query, ...wanted }));
  expect(await fixes({})).toEqual(expected);
  expect(await fixes({ after: expected[1]!, to: expected[3]!.ts + 1, limit: 1 })).toEqual([expected[2]]);
  expect(await fixes({ deviceId: "nobody" })).toEqual([]);
});

test("the valid secrets of a device are listed, and each can be revoked, and only of that device", async () => {
  for (const id of ["key-1", "key-2"]) await manager("POST /devices", { id, kind: "gps" });
  await manager("POST /devices/key-1/credentials");
  const list = async (id: string) => (await manager(`GET /devices/${id}/credentials`)).body as unknown as object[];
  const [first, second] = (await list("key-1")) as [{ id: number }, { id: number }];
  expect([first, second]).toEqual([first.id, second.id].map((id) => ({ id, created_at: expect.any(String) })));
  expect((await manager(`DELETE /devices/key-2/credentials/${first.id}`)).status).toBe(404);
  expect((await manager(`DELETE /devices/key-1/credentials/${first.id}`)).status).toBe(204);
  expect((await manager(`DELETE /devices/key-1/credentials/${first.id}`)).status).toBe(404);
  expect(await list("key-1")).toEqual([second]);
  expect(await list("key-2")).toHaveLength(1);
  expect((await manager("GET /devices/nobody/credentials")).status).toBe(404);
  const { rows } = await api.db.pool.query(
    "SELECT subject, detail FROM audit WHERE action LIKE 'DELETE %' AND outcome = 'done'",
  );
  expect(rows).toEqual([
    {
      subject: `/devices/key-1/credentials/${first.id}`,
      detail: expect.objectContaining({ before: expect.objectContaining({ id: first.id }) }),
    },
  ]);
});
