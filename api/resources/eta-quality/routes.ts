import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { queryCount, queryId } from "../../http/fields.ts";
import { decodeCursor, pageOf, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { csvLines } from "../../tables/csv-text.ts";
import { type EtaQualityFilter, type EtaQualityKey, listEtaQuality } from "./queries.ts";
import { type EtaQuality, etaQuality } from "./schema.ts";

const tag = "Analytics";
const filters = {
  origin_id: queryId.optional(),
  destination_id: queryId.optional(),
  horizon_minutes: queryCount.optional(),
};
const csvQuery = z.strictObject(filters);
const whole = z.number().int().min(0).max(2_147_483_647);
const cursorKey = z.tuple([whole, whole, whole]);
const COLUMNS = Object.keys(etaQuality.shape) as (keyof EtaQuality)[];
const PAGE_SIZE = 1_000;

const filterOf = (query: z.output<typeof csvQuery>): EtaQualityFilter => ({
  originId: query.origin_id,
  destinationId: query.destination_id,
  horizon: query.horizon_minutes,
});

const keyOf = ({ origin_id, destination_id, horizon_minutes }: EtaQuality): EtaQualityKey => [
  origin_id,
  destination_id,
  horizon_minutes,
];

/** How far the estimates of arrivals may be trusted: what was estimated, and what came true. */
export function registerEtaQuality(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /analytics/eta-quality",
      access: SIGNED_IN,
      tag,
      summary:
        "How good were the estimated times of arrival, by lane and by how long before the arrival they were made?",
      query: z.strictObject({ ...filters, ...pageParameters }),
      response: z.array(etaQuality),
    },
    async ({ query, c, db }) => {
      const { limit, cursor, ...rest } = query;
      const page = { after: decodeCursor(cursor, cursorKey), limit: limit + 1 };
      return list(pageOf(await listEtaQuality(db, filterOf(rest), page), limit, keyOf), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /analytics/eta-quality.csv",
      access: SIGNED_IN,
      tag,
      summary: "The same as CSV",
      query: csvQuery,
      response: z.string(),
      responseType: "text/csv",
    },
    async ({ query, db }) => ({
      status: 200,
      bytes: await qualityCsv(db, filterOf(query)),
      headers: {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="eta-quality.csv"',
        "Cache-Control": "private, no-store",
      },
    }),
  );
}

async function qualityCsv(db: Reader, filter: EtaQualityFilter): Promise<Uint8Array> {
  const parts = [csvLines([COLUMNS])];
  for (let after: EtaQualityKey | undefined; ;) {
    const rows = await listEtaQuality(db, filter, { after, limit: PAGE_SIZE });
    if (rows.length > 0) parts.push(csvLines(rows.map((row) => COLUMNS.map((column) => row[column]))));
    if (rows.length < PAGE_SIZE) return Buffer.concat(parts);
    after = keyOf(rows.at(-1)!);
  }
}
