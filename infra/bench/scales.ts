import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { BenchContext } from "./context.ts";
import { type BenchEnvironment, openEnvironment } from "./environment.ts";
import { LEVELS, Scale, UNIT_WEIGHT_GRAMS } from "./load/scale.ts";
import { type LoadClients, openConnections, runOnPlatform } from "./measure.ts";
import type { Plan } from "./plan.ts";
import { median, medianRow, type Row } from "./table.ts";

const SCALES = 1_000;
const GATEWAYS = 50;
const SCALES_PER_PLACE = 20;
/** Half of the shelves are below it at any time, and each passes it by turns. */
const REORDER_POINT = 50;
/** The scales' clocks start this long ago, so that minutes of load stay in the past. */
const HISTORY_MS = 24 * 3_600_000;
const ALERTS_WITHIN_MS = 60_000;

interface ScaleWorld {
  secret: string;
  gateways: { id: string; senders: Scale[] }[];
}

/**
 * The same 1,000 shelf scales without reorder rules, under them, and without them again, so that what grows meanwhile is on neither
 * side: items with a supplier at places, a reorder point at each, and rules that alert one second after a level was too low.
 */
export async function measureScales(plan: Plan, directory: string, context: BenchContext): Promise<Row[]> {
  let world: ScaleWorld | undefined;
  const environment = await openEnvironment({
    directory: join(directory, "scales"),
    ...context,
    seedMore: async (pool) => void (world = await seedScales(pool)),
  });
  const { secret, gateways } = world!;
  const { pool, mqttPort } = environment.platform;
  const clients = await openConnections(gateways, secret, { host: "127.0.0.1", port: mqttPort });
  try {
    const measure = () => measureRounds(environment, clients, plan);
    await setRules(pool, 0);
    const before = await measure();
    await setRules(pool, REORDER_POINT);
    await runOnPlatform(environment.platform, environment.progress, clients, { rate: 5_000, seconds: plan.paced });
    await alertsOpened(pool);
    const under = await measure();
    const alerts = await alertsOpened(pool);
    await setRules(pool, 0);
    const without = [...before, ...(await measure())];
    return rowsOf(without, under, alerts);
  } finally {
    await clients.close();
    await environment.close();
  }
}

/** Readings derived and stored a second, and the row of the table. */
interface Round {
  stored: number;
  row: Row;
}

async function measureRounds(
  { platform, progress }: BenchEnvironment,
  clients: LoadClients,
  { rounds, burst }: Plan,
): Promise<Round[]> {
  const measured: Round[] = [];
  // The first warms up what the rules have changed.
  for (let round = 0; round <= rounds; round += 1) {
    const run = await runOnPlatform(platform, progress, clients, { rate: undefined, seconds: burst });
    const { perSecond, p50, p99, lagMs, cpu, storedPerSecond } = run;
    const load = `saturation, ${GATEWAYS} connections, ${burst} s`;
    if (round > 0) measured.push({ stored: storedPerSecond, row: { what: "", load, perSecond, p50, p99, lagMs, cpu } });
  }
  return measured;
}

function rowsOf(without: readonly Round[], under: readonly Round[], alerts: number): Row[] {
  const stored = (rounds: readonly Round[]) => median(rounds.map((round) => round.stored))!;
  const rowOf = (rounds: readonly Round[], what: string, note: string): Row => ({
    ...medianRow(rounds.map(({ row }) => row)),
    what,
    note: `${stored(rounds).toLocaleString("en-US")}/s derived and stored${note}`,
  });
  const ratio = stored(under) / stored(without);
  return [
    rowOf(without, "1,000 scales", ""),
    rowOf(under, "1,000 scales under reorder rules", `: ${ratio.toFixed(2)} of those without; ${alerts} alerts opened`),
  ];
}

/** Sets the reorder point of every shelf, and the rules of stock on, or off for 0. */
async function setRules(pool: pg.Pool, reorderPoint: number): Promise<void> {
  await pool.query("UPDATE inventory_items SET reorder_point = $1, version = version + 1", [reorderPoint]);
  await pool.query(
    `UPDATE alert_rules SET enabled = $1, params = '{"hold_seconds": 1}', version = version + 1
    WHERE type IN ('low_stock', 'out_of_stock', 'overstock')`,
    [reorderPoint > 0],
  );
}

/** Waits until the rules have opened an alert. @returns how many they have opened so far @throws when they open none */
async function alertsOpened(pool: pg.Pool): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { rows } = await pool.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM alerts WHERE type = 'low_stock'",
    );
    if (rows[0]!.count > 0) return rows[0]!.count;
    if (performance.now() - startedAt > ALERTS_WITHIN_MS) throw new Error("the reorder rules opened no alert");
    await sleep(100);
  }
}

/** Adds shelves with one item and one scale each, twenty at a place. */
export async function seedScales(pool: pg.Pool): Promise<ScaleWorld> {
  const secret = randomBytes(32).toString("base64url");
  const startsAt = Date.now() - HISTORY_MS;
  const ids = Array.from({ length: SCALES }, (_, index) => `bench-scale-${String(index).padStart(5, "0")}`);
  await pool.query(
    `WITH supplier AS (
      INSERT INTO parties (name, roles, lead_time_days) VALUES ('bench supplier', '["supplier"]', 7) RETURNING id
    ), items AS (
      INSERT INTO items (sku, name, unit_weight_grams, supplier_id)
      SELECT d, d, $2, supplier.id FROM unnest($1::text[]) AS t (d), supplier RETURNING id, sku
    ), places AS (
      INSERT INTO locations (name, stage) SELECT 'shelves ' || n, 'storage' FROM generate_series(0, $3::int) n RETURNING id, name
    ), shelves AS (
      SELECT d, i.id AS item, p.id AS place FROM unnest($1::text[]) WITH ORDINALITY AS t (d, n)
        JOIN items i ON i.sku = d JOIN places p ON p.name = 'shelves ' || (n - 1) / $4::int
    ), stock AS (
      INSERT INTO inventory_items (item_id, location_id, source) SELECT item, place, 'scale' FROM shelves
    ), devices AS (
      INSERT INTO devices (id, kind, decoder, rate_limit) SELECT d, 'scale', 'native', 0 FROM shelves RETURNING id
    )
    INSERT INTO device_mounts (device_id, since, mount)
    SELECT id, to_timestamp($5 / 1000.0), json_build_object('location_id', place, 'item_id', item, 'tare_grams', 0)
    FROM devices JOIN shelves ON d = id`,
    [ids, UNIT_WEIGHT_GRAMS, SCALES / SCALES_PER_PLACE - 1, SCALES_PER_PLACE, startsAt - 3_600_000],
  );
  const scales = ids.map((deviceId, index) => new Scale({ deviceId, phase: index % LEVELS, startsAt }));
  const gateways = Array.from({ length: GATEWAYS }, (_, index) => ({
    id: `bench-scales-${String(index).padStart(2, "0")}`,
    senders: scales.filter((_, scale) => scale % GATEWAYS === index),
  }));
  await pool.query(
    "INSERT INTO service_accounts (id, secret_sha256, filters) SELECT id, $2, $3 FROM unnest($1::text[]) AS t (id)",
    [
      gateways.map(({ id }) => id),
      createHash("sha256").update(secret).digest(),
      JSON.stringify({ publish: ["devices/+/scale"], subscribe: [] }),
    ],
  );
  return { secret, gateways };
}
