import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { canManage, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { id, idParams, timestamp } from "../../http/fields.ts";
import { found } from "../../http/problem.ts";
import { timeOfMs } from "../../http/sql-time.ts";
import { ABOARD, OF_ABOARD, SIGNED_ON_AT } from "./devices-aboard.ts";
import { findVehicle } from "./queries.ts";

/** What a device told longer than this before its newest reading is not looked for. */
const LOOKED_BACK = "24 hours";

/** Who signed on longer ago is not looked for. */
const SIGN_ON_SHOWN = "30 days";

/** A value with the time at which it was measured, and by which device. */
const timed = <T extends z.ZodType>(value: T) => z.object({ value, ts: timestamp, device_id: z.string() }).nullable();
const told = <T extends z.ZodType>(value: T, what: string) =>
  timed(value).describe(`${what}; null: not told within ${LOOKED_BACK} before the newest reading`);

const telemetry = z
  .object({
    ignition: told(z.boolean(), "whether the ignition is on"),
    odometer_m: told(z.number(), "metres"),
    fuel_percent: told(z.number(), "of a tank"),
    engine_hours: told(z.number(), "hours that the engine has run in its life"),
    voltage: told(z.number(), "volts"),
    driver: timed(
      z.object({
        driver_id: id.nullable().describe("null: the card is nobody's"),
        name: z.string().describe("of a card that is nobody's, the end of its number"),
        token: z
          .string()
          .nullable()
          .optional()
          .describe("number of a card that is nobody's; left out for roles that may not change drivers"),
      }),
    ).describe(
      `who signed on last, and when, by a card reader of the vehicle or by a scan of the card. Null: nobody within ${SIGN_ON_SHOWN}`,
    ),
  })
  .openapi("VehicleTelemetry");
type Telemetry = z.output<typeof telemetry>;

/** What a vehicle tells of itself. */
export function registerTelemetry(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /vehicles/{id}/telemetry",
      access: SIGNED_IN,
      tag: "Vehicles",
      summary: "Get what devices on a vehicle have told last, each value with its age, and who has signed on",
      params: idParams,
      response: telemetry,
    },
    async ({ params, principal: { role }, db }) => {
      found(await findVehicle(db, params.id), "vehicle");
      const told = await loadTelemetry(db, params.id);
      return { status: 200, body: canManage(role) ? told : withoutToken(told) };
    },
  );
}

/** Whoever knows the number of a card can print one, and sign on with it once it is a driver's. */
function withoutToken(told: Telemetry): Telemetry {
  if (told.driver === null) return told;
  const { token: _, ...driver } = told.driver.value;
  return { ...told, driver: { ...told.driver, value: driver } };
}

const VALUES = {
  ignition: "r.ignition",
  odometer_m: "r.odometer",
  fuel_percent: "round(100 * r.fuel::numeric, 1)::float8",
  engine_hours: "r.engine_hours",
  voltage: "r.voltage",
} as const;

async function loadTelemetry(db: Reader, vehicleId: number): Promise<Telemetry> {
  // The newest is found by the key, and the values that stand together with it are near by: no device's whole past is read.
  const last = Object.entries(VALUES).map(
    ([name, value]) =>
      `(SELECT json_build_object('value', ${value}, 'ts', r.ts, 'device_id', r.device_id) FROM near r WHERE ${value} IS NOT NULL ORDER BY r.ts DESC, r.seq DESC LIMIT 1) AS ${name}`,
  );
  type Told = { [K in keyof Telemetry]: (Omit<NonNullable<Telemetry[K]>, "ts"> & { ts: string }) | null };
  const { rows } = await db.query<Told>({
    name: "api_vehicle_telemetry",
    text: `WITH ${ABOARD},
      newest AS (SELECT a.device_id, a.since, a.until, n.ts FROM aboard a CROSS JOIN LATERAL (
        SELECT r.ts FROM vehicle_readings r WHERE ${OF_ABOARD} ORDER BY r.ts DESC LIMIT 1) n),
      near AS MATERIALIZED (SELECT r.* FROM newest a JOIN vehicle_readings r ON ${OF_ABOARD} AND r.ts > a.ts - interval '${LOOKED_BACK}')
      SELECT ${last.join(", ")},
        (SELECT json_build_object('value', json_build_object('driver_id', w.id, 'name', coalesce(w.name, card_name(f.data ->> 'token')),
            'token', CASE WHEN w.id IS NULL THEN f.data ->> 'token' END), 'ts', ${timeOfMs(SIGNED_ON_AT)}, 'device_id', f.device_id)
          FROM facts f LEFT JOIN drivers w ON w.token = f.data ->> 'token'
          WHERE f.subject = 'vehicle:' || ($1::int[])[1] AND f.at > now() - interval '${SIGN_ON_SHOWN}' AND f.type = 'driver_signed_on' AND f.withdrawn_at IS NULL ORDER BY ${SIGNED_ON_AT} DESC, f.at DESC, f.id DESC LIMIT 1) AS driver`,
    values: [[vehicleId]],
  });
  const dated = Object.entries(rows[0]!).map(([name, value]) => [name, value && { ...value, ts: new Date(value.ts) }]);
  return Object.fromEntries(dated) as Telemetry;
}
