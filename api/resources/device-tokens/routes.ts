import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import type { Tokens } from "../../auth/tokens.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { notFound } from "../../http/problem.ts";
import { findDevice } from "../devices/queries.ts";
import { deviceIdParams, timestamp } from "../../http/fields.ts";

const SHORTEST_S = 60;
const LONGEST_S = 86_400;
const USUAL_S = 3600;

const newToken = z.strictObject({
  expires_in: z.number().int().min(SHORTEST_S).max(LONGEST_S).default(USUAL_S).describe("seconds"),
});
const deviceToken = z
  .object({ id: z.string(), token: z.string(), expires_in: z.number().int(), expires_at: timestamp })
  .openapi("DeviceToken");

/**
 * Tokens that a device may use as its MQTT password (`aud: "mqtt"`), for those that are not to know a lasting secret, e.g.
 * a driver's telephone. A token cannot be called back before it expires; suspending its device ends it at once.
 */
export function registerDeviceTokens(endpoints: Endpoints, pool: Pool, tokens: Tokens): void {
  endpoints.mutate(
    {
      route: "POST /devices/{id}/tokens",
      access: MANAGEMENT,
      tag: "Devices",
      summary: "A token that the device may use as its MQTT password until it expires",
      params: deviceIdParams,
      body: newToken,
      bodyOptional: true,
      response: deviceToken,
      status: 201,
      showsSecret: true,
    },
    async ({ params, body }, client) => {
      if (!(await findDevice(client, params.id))) throw notFound("device");
      const expiresIn = body.expires_in;
      const expiresAt = Math.floor(Date.now() / 1000) + expiresIn;
      const token = await tokens.issueForDevice(params.id, expiresAt);
      const expires_at = new Date(expiresAt * 1000).toISOString();
      return { status: 201, body: { id: params.id, token, expires_in: expiresIn, expires_at } };
    },
  );
}
