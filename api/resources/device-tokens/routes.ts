import type { Pool } from "pg";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Tokens } from "../../auth/tokens.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { deviceIdParams } from "../../http/fields.ts";
import { getDevice, tokenGeneration } from "../devices/queries.ts";
import { deviceToken, newDeviceToken } from "./schema.ts";

/**
 * Issues tokens that a device sends as its MQTT password (`aud: "mqtt"`), for devices that should not hold a permanent
 * secret, e.g. a driver's phone. A token ends with its device, and with a rotation of the device's secrets.
 */
export function registerDeviceTokens(endpoints: Endpoints, pool: Pool, tokens: Tokens): void {
  endpoints.mutate(
    {
      route: "POST /devices/{id}/tokens",
      access: MANAGEMENT,
      tag: "Devices",
      summary: "Issue a token that the device may use as its MQTT password until it expires",
      params: deviceIdParams,
      body: newDeviceToken,
      bodyOptional: true,
      response: deviceToken,
      status: 201,
      showsSecret: true,
    },
    async ({ params, body }, client) => {
      await getDevice(client, params.id);
      const expiresIn = body.expires_in;
      const expiresAt = Math.floor(Date.now() / 1000) + expiresIn;
      const token = await tokens.issueForDevice(params.id, await tokenGeneration(client, params.id), expiresAt);
      const expires_at = new Date(expiresAt * 1000).toISOString();
      return { status: 201, body: { id: params.id, token, expires_in: expiresIn, expires_at } };
    },
  );
}
