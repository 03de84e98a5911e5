import type pg from "pg";
import { connectInflux } from "../influx/connection.ts";
import type { Truck } from "./load/truck.ts";

/** The readings of one device in a store. `span` is the number of sequence numbers from its first to its last. */
interface Stored {
  count: number;
  span: number;
}

/**
 * Compares the acknowledged readings with the stored ones, device by device.
 * @param influxUrl the series store; undefined when Postgres holds the series
 * @returns the number of acknowledged readings
 * @throws naming the first device with a missing or an extra reading
 */
export async function compareStored(
  pool: pg.Pool,
  trucks: readonly Truck[],
  influxUrl: string | undefined,
): Promise<number> {
  const stores =
    influxUrl === undefined
      ? [await inPostgres(pool, "gps_readings")]
      : [await inPostgres(pool, "reading_ids"), await inInflux(influxUrl)];
  for (const stored of stores) {
    for (const { deviceId, count } of trucks) {
      const found = stored.get(deviceId) ?? { count: 0, span: 0 };
      if (found.count !== count || found.span !== count) {
        throw new Error(`${deviceId}: ${count} readings acknowledged, ${found.count} stored`);
      }
    }
  }
  return trucks.reduce((sum, { count }) => sum + count, 0);
}

async function inPostgres(pool: pg.Pool, table: "gps_readings" | "reading_ids"): Promise<Map<string, Stored>> {
  const { rows } = await pool.query<Stored & { id: string }>(
    `SELECT device_id AS id, count(*)::int AS count, (max(seq) - min(seq) + 1)::int AS span
     FROM ${table} GROUP BY device_id`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function inInflux(url: string): Promise<Map<string, Stored>> {
  const influx = await connectInflux({ url, api: "v1", bucket: "waystock" });
  const series = await influx.query(
    `SELECT count("seq"), max("seq") - min("seq") + 1 FROM "readings" WHERE "kind" = 'gps' GROUP BY "device"`,
  );
  return new Map(
    series.map(({ tags, values }) => {
      const [, count, span] = values[0] ?? [];
      return [tags?.["device"] ?? "", { count: Number(count), span: Number(span) }];
    }),
  );
}
