import { test } from "vitest";
import { sumDueHours } from "../../../../ingest/rollups/rollup-worker.ts";
import { worldIn } from "../../../support/world.ts";
import { startApi, type TestResponse } from "../../support.ts";

export type Row = Record<string, unknown>;
export const HOUR_MS = 3_600_000;

let serial = 0;

/** A stay, in hours before now. */
export interface GivenStay {
  location: number | null;
  stage?: string;
  from: number;
  to?: number;
  end?: "moved" | "delivered" | "delivered_partly" | "cancelled";
  units?: number;
  owner?: number;
}

/** Tests of analytics on an API of their file. */
export const analyticsTest = test
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", { scope: "file" }, async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  .extend("world", { scope: "file" }, ({ api }) => worldIn(api.db.pool))
  .extend("viewer", { scope: "file" }, ({ api }) => api.as("viewer"))
  .extend("n", () => (serial += 1))
  .extend("given", ({ api: { db } }) => ({
    /** A shipment with this stay. @returns its id */
    async stay({ location, stage = "storage", from, to, end = "moved", units = 1, owner }: GivenStay): Promise<number> {
      const { rows } = await db.pool.query<{ id: number }>(
        `WITH made AS (INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, owner_id, created_at)
          VALUES ($1, 'goods', $2, 'in_storage', $3, now(), $4, $5, now()) RETURNING id)
        INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, owner_id, units)
        SELECT id, now() - $6::float8 * interval '1 hour', now() - $7::float8 * interval '1 hour', $3, $4,
          CASE WHEN $7::float8 IS NOT NULL THEN $8 END, $5, $2 FROM made RETURNING shipment_id AS id`,
        [`A${(serial += 1)}`, units, stage, location, owner ?? null, from, to ?? null, end],
      );
      return rows[0]!.id;
    },
    async summed(): Promise<void> {
      while (await sumDueHours(db.pool, 36_500, 500));
    },
  }));

/** Pages that no list here has: it would go on for ever. */
const TOO_MANY_PAGES = 300;

/** The rows of all pages. */
export async function allPages(
  call: (request: string) => Promise<TestResponse>,
  path: string,
  limit: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  let pages = 0;
  for (let next: string | undefined = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`; next !== undefined;) {
    if ((pages += 1) > TOO_MANY_PAGES) throw new Error(`${path} does not end`);
    const { body, headers } = await call(`GET ${next}`);
    rows.push(...(body as unknown as Row[]));
    next = /<([^>]+)>/.exec(headers.get("link") ?? "")?.[1];
  }
  return rows;
}
