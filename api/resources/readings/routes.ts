import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import {
  HOURLY_KINDS,
  isSeriesKind,
  READING_KIND_NAMES,
  type ReadingKind,
} from "../../../ingest/domain/reading-kinds.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { dayOrInstant, deviceIdParams } from "../../http/fields.ts";
import { decodeCursor, type Page, pageOf, pageParameters } from "../../http/paging.ts";
import { invalid } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { getDevice } from "../devices/queries.ts";
import { type FlaggedRow, readReadings } from "./queries.ts";
import { hourOfReadings, reading } from "./schema.ts";
import { readHours as readHoursInPostgres } from "./series-postgres.ts";
import { AFTER_ALL, BEFORE_ALL, type SeriesReader } from "./series.ts";

/** A time as in payloads, ISO 8601 with an offset or epoch milliseconds; or a day. */
const queryTime = z
  .union([
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform((ms) => new Date(Number(ms))),
    dayOrInstant,
  ])
  .openapi({ type: "string", format: "date-time" });

const readingsQuery = z.strictObject({
  kind: z.enum(READING_KIND_NAMES).optional(),
  from: queryTime.optional().describe("inclusive"),
  to: queryTime.optional().describe("exclusive"),
  aggregate: z
    .enum(["hour"])
    .optional()
    .describe(`mean, minimum and maximum of each value by the hour; of ${HOURLY_KINDS.join(", ")}`),
  ...pageParameters,
});
type ReadingsQuery = z.output<typeof readingsQuery>;

/** Sort key of readings of all kinds: time, kind, counter, and for tag reads EPC and antenna. */
const cursorSchema = z.tuple([
  z.number().min(0).max(8.64e15),
  z.enum(READING_KIND_NAMES),
  z.number().int().min(-1).max(Number.MAX_SAFE_INTEGER),
  z.string().max(256),
  z.number().int().min(-1).max(65_535),
]);
type Cursor = z.output<typeof cursorSchema>;

interface ListedReading extends FlaggedRow {
  kind: ReadingKind;
}

/** Where the list of one kind continues when the list of all kinds continues after `cursor`. */
function afterFor(kind: ReadingKind, cursor: Cursor | undefined) {
  if (!cursor) return null;
  const [ts, atKind, seq, epc, antenna] = cursor;
  if (kind === atKind) return { ts, seq, epc, antenna };
  return { ts, seq: kind < atKind ? AFTER_ALL : BEFORE_ALL };
}

const byTimeAndKind = (a: ListedReading, b: ListedReading): number =>
  a.ts - b.ts || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);

function keyOf({ ts, kind, seq, values }: ListedReading): Cursor {
  const { epc, antenna } = values;
  return [ts, kind, seq, typeof epc === "string" ? epc : "", typeof antenna === "number" ? antenna : -1];
}

function toView({ ts, receivedAt, kind, seq, quality, late, values }: ListedReading): object {
  const times = { ts: new Date(ts), received_at: new Date(receivedAt) };
  return { ...times, kind, ...(seq >= 0 && { seq }), quality, late, ...values };
}

export function registerReadings(endpoints: Endpoints, pool: Pool, series: SeriesReader): void {
  async function readPage(deviceId: string, query: ReadingsQuery): Promise<Page<object>> {
    const { kind, from, to, limit } = query;
    const cursor = decodeCursor(query.cursor, cursorSchema);
    const range = { deviceId, from: from?.getTime() ?? null, to: to?.getTime() ?? null, limit: limit + 1 };
    const lists = await Promise.all(
      (kind === undefined ? READING_KIND_NAMES : [kind]).map(async (kind) => {
        const rows = await readReadings(pool, series, { ...range, kind, after: afterFor(kind, cursor) });
        return rows.map((row): ListedReading => ({ ...row, kind }));
      }),
    );
    const { rows, next } = pageOf(lists.flat().sort(byTimeAndKind), limit, keyOf);
    return { rows: rows.map(toView), next };
  }

  async function readHours(deviceId: string, ownKind: string, query: ReadingsQuery): Promise<Page<object>> {
    const { from, to, limit } = query;
    const kind = HOURLY_KINDS.find((name) => name === (query.kind ?? ownKind));
    if (kind === undefined) {
      throw invalid("/kind", `hours are available for ${HOURLY_KINDS.join(", ")}`);
    }
    const lastHour = decodeCursor(query.cursor, z.tuple([z.number().min(0).max(8.64e15)]))?.[0];
    const wanted = {
      deviceId,
      from: lastHour === undefined ? (from?.getTime() ?? null) : lastHour + 3_600_000,
      to: to?.getTime() ?? null,
      after: null,
      limit: limit + 1,
    };
    const rows = await (isSeriesKind(kind)
      ? series.hours({ ...wanted, kind })
      : readHoursInPostgres(pool, { ...wanted, kind }));
    const page = pageOf(rows, limit, ({ hour }) => [hour]);
    return {
      rows: page.rows.map(({ hour, count, values }) => ({ ts: new Date(hour), kind, count, ...values })),
      next: page.next,
    };
  }

  endpoints.read(
    {
      route: "GET /devices/{id}/readings",
      access: MANAGEMENT,
      tag: "Devices",
      summary: "List its readings with their quality, oldest first",
      params: deviceIdParams,
      query: readingsQuery,
      response: z.array(z.union([reading, hourOfReadings])),
    },
    async ({ params, query, c, db }) => {
      const device = await getDevice(db, params.id);
      const page = await (query.aggregate === undefined
        ? readPage(params.id, query)
        : readHours(params.id, device.kind, query));
      return list(page, c.req.url);
    },
  );
}
