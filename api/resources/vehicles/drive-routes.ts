import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { id, idParams, timestamp } from "../../http/fields.ts";
import { wholeListParameters, decodeCursor, pageOf } from "../../http/paging.ts";
import { found } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { asList, CSV, csvFile, csvOfRows, format, wantsCsv } from "../../tables/csv-answer.ts";
import { periodFilter, periodOf, rounded } from "../analytics/report.ts";
import type { SeriesReader } from "../readings/series.ts";
import { type Drive, loadDrives, MAX_DRIVE_DAYS } from "./drive-queries.ts";
import { loadDriveSpeeds } from "./drive-speeds.ts";
import { IGNITION_HOLDS, loadIdling } from "./engine-queries.ts";
import { findVehicle } from "./queries.ts";

const DAYS = 7;
const HARSH =
  "as devices on it have measured, or as the speeds of fixes at most 5 s apart show; 0 where neither is at hand";
const KMH_PER_MPS = 3.6;
const MINUTE_MS = 60_000;
const point = z.object({ lat: z.number(), lon: z.number() });

const drive = z
  .object({
    from: timestamp,
    to: timestamp,
    driving_minutes: z.number(),
    distance_m: z.number().describe("metres"),
    distance_source: z
      .enum(["odometer", "track"])
      .describe("odometer: where it is known and goes on; else along the track"),
    start: point,
    end: point,
    top_speed_kmh: z
      .number()
      .nullable()
      .describe(
        "of the speeds that its fixes tell; null: they tell none, or are no longer kept (`RETENTION_RAW_DAYS`)",
      ),
    idling_minutes: z
      .number()
      .nullable()
      .describe(
        `stood with the ignition on while the drive lasted, such as at a light, by the speeds of its fixes; an ignition holds ${IGNITION_HOLDS} without being told again. Null: speeds or ignition are not known. What it idled between two drives: \`GET /vehicles/{id}/stops\``,
      ),
    driver_id: id.nullable(),
    driver_name: z.string().nullable().describe("who had signed on, else who was planned to drive"),
    harsh_braking: z.number().int().describe(HARSH),
    harsh_acceleration: z.number().int(),
    harsh_cornering: z.number().int().describe("as devices tell: fixes do not show it"),
    device_id: z.string().describe("the tracker that saw it best"),
  })
  .openapi("Drive");

const after = z.tuple([z.number()]);

interface Stores {
  pool: Pool;
  series: SeriesReader;
}

/** What a vehicle has driven. A principal that may see the vehicle may see what its trackers have told. */
export function registerDrives(endpoints: Endpoints, stores: Stores): void {
  endpoints.read(
    {
      route: "GET /vehicles/{id}/drives",
      access: SIGNED_IN,
      tag: "Vehicles",
      summary: "List what a vehicle has driven, and who drove, in the order of time (JSON or CSV)",
      params: idParams,
      query: z.strictObject({ ...periodFilter("drives that ended", DAYS), format, ...wholeListParameters }),
      response: z.array(drive),
      alternativeResponses: [CSV],
    },
    async ({ params, query: { format: wanted, cursor, limit, ...asked }, c, db }) => {
      found(await findVehicle(db, params.id), "vehicle");
      const drives = await loadDrives(db, [params.id], periodOf(asked, DAYS, MAX_DRIVE_DAYS));
      if (wantsCsv(c, wanted)) {
        const rows = (await viewsOf(db, stores, drives)).map(flat);
        return csvFile(`drives-of-vehicle-${params.id}`, csvOfRows(COLUMNS, rows));
      }
      const since = decodeCursor(cursor, after)?.[0];
      const rest = drives.filter(({ to }) => since === undefined || to > since);
      const page = pageOf(rest.slice(0, limit + 1), limit, ({ to }) => [to]);
      return asList(list({ ...page, rows: await viewsOf(db, stores, page.rows) }, c.req.url));
    },
  );
}

type DriveView = z.output<typeof drive>;

/** The places have two columns each. */
const COLUMNS = Object.keys(drive.shape).flatMap((name) =>
  name === "start" || name === "end" ? [`${name}_lat`, `${name}_lon`] : [name],
);

const flat = ({ start, end, ...row }: DriveView): object => ({
  ...row,
  ...{ start_lat: start.lat, start_lon: start.lon },
  ...{ end_lat: end.lat, end_lon: end.lon },
});

async function viewsOf(db: Reader, stores: Stores, drives: readonly Drive[]): Promise<DriveView[]> {
  const speeds = await loadDriveSpeeds(stores, drives);
  const moving = drives.flatMap(({ vehicleId, from, to }, at) =>
    speeds[at]!.movingIn({ from, to }).map((span) => ({ vehicleId, ...span })),
  );
  const asked = drives.map(({ vehicleId, from, to }) => ({ vehicleId, during: [{ from, to }] }));
  const idling = await loadIdling(db, asked, moving);
  return drives.map((each, at) => viewOf(each, speeds[at]!.topMps, idling[at]!));
}

function viewOf(
  { from, to, distanceM, source, start, end, driverId, driverName, harsh, deviceId }: Drive,
  topMps: number | null,
  idlingMs: number | null,
): DriveView {
  return {
    from: new Date(from),
    to: new Date(to),
    driving_minutes: rounded((to - from) / MINUTE_MS, 1),
    distance_m: Math.round(distanceM),
    distance_source: source,
    start,
    end,
    top_speed_kmh: topMps === null ? null : rounded(topMps * KMH_PER_MPS, 1),
    idling_minutes: topMps === null || idlingMs === null ? null : rounded(idlingMs / MINUTE_MS, 1),
    driver_id: driverId,
    driver_name: driverName,
    harsh_braking: harsh.braking,
    harsh_acceleration: harsh.acceleration,
    harsh_cornering: harsh.cornering,
    device_id: deviceId,
  };
}
