import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { MANAGEMENT } from "../../auth/roles.ts";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { found, invalid } from "../../http/problem.ts";
import { list, noContent, ok, okLive, type Versioned } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { findProfile, listProfiles } from "./queries.ts";
import {
  type DeviceProfile,
  deviceProfile,
  deviceProfileChange,
  deviceProfileWithKey,
  newDeviceProfile,
} from "./schema.ts";

const tag = "Devices";
const COLUMNS = ["name", "kind", "decoder", "quota", "certificates", "active", "payload_fields"];

/** Profiles by whose key new devices register themselves, at `POST /provision` (provision-route.ts). */
export function registerDeviceProfiles(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /device-profiles",
      access: MANAGEMENT,
      tag,
      summary: "List device profiles",
      query: z.strictObject(pageParameters),
      response: z.array(deviceProfile),
    },
    async ({ query, c }) => {
      const rows = await listProfiles(pool, idAfter(query.cursor) ?? 0, query.limit + 1);
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /device-profiles",
      access: MANAGEMENT,
      tag,
      summary: "Let new devices register with a key, up to a quota; each waits for approval",
      body: newDeviceProfile,
      response: deviceProfileWithKey,
      status: 201,
      showsSecret: true,
    },
    async ({ body }, client) => {
      checkKind(body);
      const profile_key = newSecret();
      const key = sha256(profile_key);
      // As bytea text: `insertRow` would turn a Buffer into JSON.
      const row = { ...body, key_sha256: `\\x${key.toString("hex")}` };
      const id = await insertRow(client, "device_profiles", row, [...COLUMNS, "key_sha256"]);
      const [added] = await listProfiles(client, id - 1, 1);
      return ok({ ...added!, profile_key } as Versioned<DeviceProfile>, 201);
    },
  );
  endpoints.read(
    {
      route: "GET /device-profiles/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Get a device profile",
      params: idParams,
      response: deviceProfile,
    },
    async ({ params }) => okLive(found(await findProfile(pool, params.id), "device profile")),
  );
  endpoints.mutate(
    {
      route: "PUT /device-profiles/{id}",
      access: MANAGEMENT,
      tag,
      summary:
        "Change a profile, such as what the payload fields of its devices are; holds for what they send from now on",
      params: idParams,
      audited: { table: "device_profiles", read: (client, { id }) => findProfile(client, id) },
      body: deviceProfileChange,
      response: deviceProfile,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "device_profiles", params.id, "device profile");
      const before = found(await findProfile(client, params.id), "device profile");
      checkKind({ ...before, ...body });
      if (body.quota !== undefined && body.quota < before.used)
        throw invalid("/quota", `${before.used} devices have registered already`);
      await updateRow(client, "device_profiles", params.id, body, COLUMNS);
      return ok(found(await findProfile(client, params.id), "device profile"));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /device-profiles/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a profile; the devices that registered with it stay",
      params: idParams,
      audited: { table: "device_profiles", read: (client, { id }) => findProfile(client, id) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "device_profiles", params.id, "device profile");
      await deleteRow(client, "device_profiles", params.id);
      return noContent;
    },
  );
}

/** @throws Problem 400 */
function checkKind({
  certificates,
  kind,
}: {
  certificates?: boolean | undefined;
  kind?: string | null | undefined;
}): void {
  if (certificates === true && !kind)
    throw invalid("/kind", "certificates do not tell the kind of a device, so the profile must");
}
