import type pg from "pg";
import type { TestApi } from "../support.ts";

/** Creates sample data around Munich through the API, as a person would. Only the trucks' fixes go straight to the table. */
export async function seedDashboard(api: TestApi) {
  const call = await api.as("admin");
  async function create(path: string, body: object): Promise<number> {
    const answer = await call(`POST ${path}`, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return Number(answer.body.id);
  }
  const place = (name: string, stage: string, lat: number, lon: number) =>
    create("/locations", { name, stage, geofence: { lat, lon, radius_m: 900 } });

  const works = await place("Ingolstadt Works", "production", 48.79, 11.42);
  const warehouse = await place("Garching Warehouse", "storage", 48.25, 11.65);
  const dock = await place("Augsburg Cross-dock", "transportation", 48.37, 10.9);
  const stores = [
    await place("Munich Central Store", "delivery", 48.137, 11.575),
    await place("Landshut Store", "delivery", 48.54, 12.15),
    await place("Rosenheim Store", "delivery", 47.856, 12.13),
  ];
  const names = ["Hydraulic pump HP-40", "Bearing set 6204", "Control unit CU-7", "Brake disc 280 mm", "Gear oil 5 l"];
  const shipments: number[] = [];
  for (const [index, name] of names.entries()) {
    const item = await create("/items", { sku: `SKU-${index + 1}`, name });
    for (const location of [warehouse, dock]) {
      const quantity = [8, 130, 44, 12, 260][index] ?? 0;
      await create("/inventory-items", {
        item_id: item,
        location_id: location,
        quantity,
        reorder_point: 20 + index * 10,
      });
    }
    const location = [works, warehouse, dock][index % 3] ?? works;
    const more = { quantity: 12 + index, location, destination_id: stores[index % 3] };
    shipments.push(await create("/shipments", { product_name: name, ...more }));
    shipments.push(
      await create("/shipments", { product_name: name, ...more, quantity: 40 + index, location: warehouse }),
    );
  }
  const trucks: number[] = [];
  for (let number = 1; number <= 6; number++) {
    trucks.push(await create("/vehicles", { name: `Truck ${number}`, plate: `M-WS ${100 + number}` }));
    await create("/devices", { id: `gps-${number}`, kind: "gps", mount: { vehicle_id: trucks.at(-1) } });
  }
  for (const index of [1, 3, 5]) {
    await call(`POST /shipments/${shipments[index]}/load`, { vehicle_id: trucks[index] });
  }
  return { call, shipments, trucks };
}

/** Sets a truck's position and notifies the channel that the live stream listens to. */
export async function moveTruck(
  pool: pg.Pool,
  vehicleId: number,
  fix: { lat: number; lon: number; speed: number; heading: number },
): Promise<void> {
  await pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon, accuracy, speed, heading)
     VALUES ($1, 'gps-1', now(), now(), $2, $3, 6, $4, $5)
     ON CONFLICT (vehicle_id) DO UPDATE SET ts = now(), received_at = now(), lat = excluded.lat, lon = excluded.lon,
       speed = excluded.speed, heading = excluded.heading`,
    [vehicleId, fix.lat, fix.lon, fix.speed, fix.heading],
  );
  await pool.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ positions: [vehicleId] })]);
}
