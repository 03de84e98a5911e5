import { z } from "@hono/zod-openapi";
import { type Stop, stopsBetween } from "../../../ingest/domain/vehicle/drives.ts";
import type { Reader } from "../../auth/limits.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { id, idParams, timestamp } from "../../http/fields.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { found } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { asList, CSV, csvFile, csvOfRows, format, wantsCsv } from "../../tables/csv-answer.ts";
import { periodFilter, periodOf, rounded } from "../analytics/report.ts";
import { type Drive, loadDrives, MAX_DRIVE_DAYS } from "./drive-queries.ts";
import { IGNITION_HOLDS, loadIdling } from "./engine-queries.ts";
import { findVehicle } from "./queries.ts";
import { loadStopPlaces } from "./stop-places.ts";

const DAYS = 7;
const MINUTE_MS = 60_000;

const vehicleStop = z
  .object({
    location_id: id
      .nullable()
      .describe(
        "in whose geofence, as it is now, it stood; of several the smallest one. Null: in none, see `lat` and `lon`",
      ),
    location_name: z.string().nullable(),
    lat: z.number(),
    lon: z.number(),
    arrived_at: timestamp.describe("when the drive before ended"),
    left_at: timestamp.describe("when the drive after it began"),
    minutes: z.number(),
    idling_minutes: z
      .number()
      .nullable()
      .describe(
        `with the ignition on, which holds ${IGNITION_HOLDS} without being told again; null: it is not known at any time of the stop`,
      ),
  })
  .openapi("VehicleStop");

const COLUMNS = Object.keys(vehicleStop.shape);
const afterKey = z.tuple([z.number()]);

/** Where a vehicle stood. */
export function registerStops(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /vehicles/{id}/stops",
      access: SIGNED_IN,
      tag: "Vehicles",
      summary: "List where a vehicle stood between two drives, and for how long, in the order of time (JSON or CSV)",
      params: idParams,
      query: z.strictObject({ ...periodFilter("between drives that ended", DAYS), format, ...wholeListParameters }),
      response: z.array(vehicleStop),
      alternativeResponses: [CSV],
    },
    async ({ params, query: { format: wanted, cursor, limit, ...asked }, c, db }) => {
      found(await findVehicle(db, params.id), "vehicle");
      const drives = await loadDrives(db, [params.id], periodOf(asked, DAYS, MAX_DRIVE_DAYS));
      const stops = stopsBetween(drives);
      if (wantsCsv(c, wanted)) {
        return csvFile(`stops-of-vehicle-${params.id}`, csvOfRows(COLUMNS, await viewsOf(db, stops)));
      }
      const since = decodeCursor(cursor, afterKey)?.[0];
      const rest = stops.filter(({ from }) => since === undefined || from > since);
      const page = pageOf(rest.slice(0, limit + 1), limit, ({ from }) => [from]);
      return asList(list({ ...page, rows: await viewsOf(db, page.rows) }, c.req.url));
    },
  );
}

async function viewsOf(db: Reader, stops: readonly Stop<Drive>[]): Promise<z.output<typeof vehicleStop>[]> {
  if (stops.length === 0) return [];
  const placeOf = await loadStopPlaces(db);
  const asked = stops.map(({ after: { vehicleId }, from, to }) => ({ vehicleId, during: [{ from, to }] }));
  const idling = await loadIdling(db, asked, []);
  return stops.map(({ from, to, after: { end } }, at) => {
    const place = placeOf(end);
    const idlingMs = idling[at]!;
    return {
      location_id: place?.id ?? null,
      location_name: place?.name ?? null,
      ...{ lat: end.lat, lon: end.lon },
      arrived_at: new Date(from),
      left_at: new Date(to),
      minutes: rounded((to - from) / MINUTE_MS, 1),
      idling_minutes: idlingMs === null ? null : rounded(idlingMs / MINUTE_MS, 1),
    };
  });
}
