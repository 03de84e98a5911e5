import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { deviceIdParams, id, idParams, timestamp } from "../../http/fields.ts";
import { found } from "../../http/problem.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { noContent } from "../../http/response.ts";
import { addCredential, getDevice } from "./queries.ts";
import { credential } from "./schema.ts";

const tag = "Devices";

const credentialParams = deviceIdParams.extend({
  credential_id: idParams.shape.id.openapi({ type: "integer", param: { name: "credential_id", in: "path" } }),
});

const liveCredential = z.object({ id, created_at: timestamp }).openapi("LiveCredential");
type LiveCredential = z.output<typeof liveCredential>;

/** The secrets of a device: at most two are valid at once, so that it can be moved from one to the next. */
export function registerDeviceCredentials(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /devices/{id}/credentials",
      access: MANAGEMENT,
      tag,
      summary: "List the secrets of a device that are valid, oldest first; a secret itself is not kept",
      params: deviceIdParams,
      response: z.array(liveCredential),
    },
    async ({ params, db }) => {
      await getDevice(db, params.id);
      return { status: 200, body: await listCredentials(db, params.id) };
    },
  );
  endpoints.mutate(
    {
      route: "POST /devices/{id}/credentials",
      access: MANAGEMENT,
      tag,
      summary: "Issue a new secret; the previous one stays valid, older ones are revoked",
      params: deviceIdParams,
      response: credential,
      status: 201,
      showsSecret: true,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      const secret = newSecret();
      await addCredential(client, params.id, sha256(secret));
      return { status: 201, body: { id: params.id, secret } };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /devices/{id}/credentials/{credential_id}",
      access: MANAGEMENT,
      tag,
      summary: "Revoke a secret of a device: connections that were opened with it end",
      params: credentialParams,
      status: 204,
      audited: { table: "devices", read: (client, params) => findCredential(client, params) },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      found(await findCredential(client, params), "credential");
      await client.query("UPDATE device_credentials SET revoked_at = now() WHERE id = $1", [params.credential_id]);
      return noContent;
    },
  );
}

const LIVE = "SELECT id, created_at FROM device_credentials WHERE device_id = $1 AND revoked_at IS NULL";

async function listCredentials(db: Reader, deviceId: string): Promise<LiveCredential[]> {
  const { rows } = await db.query<LiveCredential>(`${LIVE} ORDER BY id`, [deviceId]);
  return rows;
}

async function findCredential(
  client: PoolClient,
  { id: deviceId, credential_id: credentialId }: z.output<typeof credentialParams>,
): Promise<LiveCredential | undefined> {
  const { rows } = await client.query<LiveCredential>(`${LIVE} AND id = $2`, [deviceId, credentialId]);
  return rows[0];
}
