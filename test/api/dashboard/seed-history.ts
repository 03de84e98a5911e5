import type { TestApi } from "../support.ts";
import { openDashboard, type ServedDashboard } from "./chromium-window.ts";
import { moveTruck, seedDashboard } from "./seed-dashboard.ts";

type Seeded = Awaited<ReturnType<typeof seedDashboard>>;

const HOUR_MS = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** Points of a drive from Garching to Rosenheim, one every two minutes; the last one was just measured. */
export const DRIVE = Array.from({ length: 45 }, (_, n) => ({
  lat: 48.25 - 0.0089 * n,
  lon: 11.65 + 0.0109 * n + 0.04 * Math.sin(n / 6),
}));

/** Adds what happened: a shipment on its way with a track, a counted stock position, an order, and a device with a problem. */
export async function seedHistory(api: TestApi, { call, trucks }: Seeded) {
  const { pool } = api.db;
  const created = async (path: string, body: object): Promise<number> => {
    const answer = await call(`POST ${path}`, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return Number(answer.body.id);
  };

  const places = (await call("GET /locations")).body as unknown as { id: number; name: string }[];
  const at = (name: string): number => places.find((place) => place.name.startsWith(name))!.id;
  const shipmentId = await created("/shipments", {
    ...{ product_name: "Turbine blade", quantity: 3, reference: "PO-771", at: ago(3 * HOUR_MS) },
    ...{ location: at("Garching"), destination_id: at("Rosenheim") },
  });
  await call(`POST /shipments/${shipmentId}/load`, { vehicle_id: trucks[3], at: ago(2 * HOUR_MS) });
  await pool.query(
    `INSERT INTO gps_readings (device_id, ts, seq, received_at, content_hash, lat, lon, speed)
    SELECT 'gps-4', now() - ($1 - n) * interval '2 minutes', n, now(), 0, lat, lon, 20
    FROM unnest($2::float8[], $3::float8[]) WITH ORDINALITY AS t (lat, lon, n)`,
    [DRIVE.length, DRIVE.map(({ lat }) => lat), DRIVE.map(({ lon }) => lon)],
  );

  for (const [index, truck] of trucks.entries()) {
    await moveTruck(pool, truck, { lat: 48.1 + index * 0.1, lon: 11.2 + index * 0.15, speed: 18, heading: 55 });
  }
  await moveTruck(pool, trucks[3]!, { ...DRIVE.at(-1)!, speed: 20, heading: 140 });

  const nut = await created("/items", { sku: "NUT-8", name: "Nut M8", unit_weight_grams: 5 });
  const stockId = await created("/inventory-items", {
    ...{ item_id: nut, location_id: at("Garching"), quantity: 80, reorder_point: 25 },
  });
  for (const quantity of [64, 51, 20, 1]) await call(`PUT /inventory-items/${stockId}`, { quantity });
  // The counts were made one after the other in the last days.
  await pool.query(
    `UPDATE facts f SET at = now() - (5 - n) * interval '26 hours' FROM (
      SELECT id, row_number() OVER (ORDER BY id) AS n FROM facts WHERE subject = 'stock:' || $1::int AND type = 'counted'
    ) AS t WHERE t.id = f.id`,
    [stockId],
  );
  const orderId = await created("/orders", {
    kind: "customer",
    reference: "SO-1",
    lines: [{ item_id: nut, quantity: 4 }],
  });

  await created("/devices", {
    ...{ id: "shelf-4", kind: "scale" },
    mount: { location_id: at("Augsburg"), item_id: nut, tare_grams: 900 },
  });
  const refused = [
    ["unknown_code", "4006381333932 is not a code of any product"],
    ["overdrawn", "5 picked, 3 are there"],
  ];
  for (const [reason, detail] of refused) {
    await pool.query(
      `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
       VALUES ($1, 'shelf-4', 'devices/shelf-4/scan', now(), $1, $2, '{}')`,
      [reason, detail],
    );
  }
  await pool.query(
    "INSERT INTO quarantine_hours (source, hour, messages, bytes, kept) VALUES ('shelf-4', date_trunc('hour', now()), 1240, 9000, 200)",
  );
  await pool.query(
    `INSERT INTO device_warnings (device_id, kind, detail, first_at, last_at, times)
     VALUES ('shelf-4', 'forbidden_publish', 'devices/shelf-5/scale', now(), now(), 12)`,
  );
  await pool.query(
    `INSERT INTO audit (actor, action, outcome, detail)
     VALUES ('shelf-4', 'connect', 'refused', '{"reason": "further refusals, only counted", "times": 1234}')`,
  );
  return { shipmentId, stockId, orderId };
}

/** The page with all that is seeded. */
export interface SeededDashboard {
  served: ServedDashboard;
  data: Seeded;
  seeded: Awaited<ReturnType<typeof seedHistory>>;
}

export async function openSeededDashboard(binary: string): Promise<SeededDashboard> {
  const served = await openDashboard(binary);
  const data = await seedDashboard(served.api);
  return { served, data, seeded: await seedHistory(served.api, data) };
}
