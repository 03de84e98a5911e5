import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { id, idParams, timestamp } from "../../http/fields.ts";
import { wholeListParameters, decodeCursor, pageOf } from "../../http/paging.ts";
import { found } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { periodFilter, periodOf } from "../analytics/report.ts";
import { type Drive, loadDrives } from "./drive-queries.ts";
import { findVehicle } from "./queries.ts";

const DAYS = 7;
const HARSH =
  "as devices on it have measured, or as the speeds of fixes at most 5 s apart show; 0 where neither is at hand";
const point = z.object({ lat: z.number(), lon: z.number() });

export const drive = z
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
    driver_id: id.nullable(),
    driver_name: z.string().nullable().describe("who had signed on, else who was planned to drive"),
    harsh_braking: z.number().int().describe(HARSH),
    harsh_acceleration: z.number().int(),
    harsh_cornering: z.number().int().describe("as devices tell: fixes do not show it"),
    device_id: z.string().describe("the tracker that saw it best"),
  })
  .openapi("Drive");

const after = z.tuple([z.number()]);

/** What a vehicle has driven. */
export function registerDrives(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /vehicles/{id}/drives",
      access: SIGNED_IN,
      tag: "Vehicles",
      summary: "List what a vehicle has driven, and who drove, in the order of time",
      params: idParams,
      query: z.strictObject({ ...periodFilter("drives that ended", DAYS), ...wholeListParameters }),
      response: z.array(drive),
    },
    async ({ params, query: { cursor, limit, ...asked }, c, db }) => {
      found(await findVehicle(db, params.id), "vehicle");
      const since = decodeCursor(cursor, after)?.[0];
      const drives = await loadDrives(db, [params.id], periodOf(asked, DAYS));
      const rest = drives.filter(({ to }) => since === undefined || to > since);
      const page = pageOf(rest.slice(0, limit + 1), limit, ({ to }) => [to]);
      return list({ ...page, rows: page.rows.map(viewOf) }, c.req.url);
    },
  );
}

function viewOf({
  from,
  to,
  distanceM,
  source,
  start,
  end,
  driverId,
  driverName,
  harsh,
  deviceId,
}: Drive): z.output<typeof drive> {
  return {
    from: new Date(from),
    to: new Date(to),
    driving_minutes: Math.round((to - from) / 6_000) / 10,
    distance_m: Math.round(distanceM),
    distance_source: source,
    start,
    end,
    driver_id: driverId,
    driver_name: driverName,
    harsh_braking: harsh.braking,
    harsh_acceleration: harsh.acceleration,
    harsh_cornering: harsh.cornering,
    device_id: deviceId,
  };
}
