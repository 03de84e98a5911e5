import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { leaveLimits } from "../../auth/limits.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { utf8Text } from "../../http/body.ts";
import { deviceIdParams } from "../../http/fields.ts";
import { decodeCursor, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, noContent, ok, okLive, withoutVersion } from "../../http/response.ts";
import { deleteRow, updateRow } from "../../http/rows.ts";
import { addDevice, checkProfile, setMount } from "./add-device.ts";
import { registerDeviceCredentials } from "./credential-routes.ts";
import { devicesFromCsv } from "./import-csv.ts";
import { DEVICE_COLUMNS, getDevice, listDevices, notifyDevicesChanged } from "./queries.ts";
import { followScale } from "./shelf-position.ts";
import { readQuality } from "./quality.ts";
import {
  device,
  DEVICE_KINDS,
  DEVICE_STATES,
  deviceChange,
  deviceWithSecret,
  newDevice,
  newDevices,
  quality,
} from "./schema.ts";

const tag = "Devices";

const listQuery = z.strictObject({
  kind: z.enum(DEVICE_KINDS).optional(),
  state: z.enum(DEVICE_STATES).optional(),
  ...pageParameters,
});

export function registerDevices(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /devices",
      access: MANAGEMENT,
      tag,
      summary: "List devices",
      query: listQuery,
      response: z.array(device),
    },
    async ({ query, c, db }) => {
      const { kind, state, limit } = query;
      const after = decodeCursor(query.cursor, z.tuple([z.string().max(128)]))?.[0];
      const rows = await listDevices(db, { after, kind, state, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /devices",
      access: MANAGEMENT,
      tag,
      summary: "Add a device",
      body: newDevice,
      response: deviceWithSecret,
      status: 201,
      showsSecret: true,
    },
    async ({ body, c }, client) => {
      const added = await addDevice(client, body, "");
      await notifyDevicesChanged(client, [body.id]);
      return created(added, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /devices/import",
      access: MANAGEMENT,
      tag,
      summary: "Add many devices from an array or a CSV table, all or none; their secrets are shown once",
      body: newDevices,
      alternativeBody: { type: "text/csv", read: (bytes) => devicesFromCsv(utf8Text(bytes)) },
      response: z.array(deviceWithSecret),
      status: 201,
      showsSecret: true,
    },
    async ({ body }, client) => {
      const added: object[] = [];
      for (const [at, row] of body.entries()) added.push(withoutVersion(await addDevice(client, row, `/${at}`)));
      await notifyDevicesChanged(
        client,
        body.map(({ id }) => id),
      );
      return { status: 201, body: added };
    },
  );
  endpoints.read(
    {
      route: "GET /devices/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Get one device",
      params: deviceIdParams,
      response: device,
    },
    async ({ params, db }) => okLive(await getDevice(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /devices/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change a device, or mount it elsewhere",
      params: deviceIdParams,
      audited: { table: "devices", read: (client, { id }) => getDevice(client, id) },
      body: deviceChange,
      response: device,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      const { mount, ...row } = body;
      await checkProfile(client, row.profile_id, "/profile_id");
      await updateRow(client, "devices", params.id, row, DEVICE_COLUMNS);
      if (mount !== undefined) await setMount(client, params.id, mount, "/mount");
      await notifyDevicesChanged(client, [params.id]);
      await leaveLimits(client);
      return ok(await getDevice(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /devices/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a device; its readings are kept",
      params: deviceIdParams,
      audited: { table: "devices", read: (client, { id }) => getDevice(client, id) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      await leaveLimits(client);
      await followScale(client, params.id, true);
      await deleteRow(client, "devices", params.id);
      await notifyDevicesChanged(client, [params.id]);
      return noContent;
    },
  );
  registerDeviceCredentials(endpoints);
  endpoints.read(
    {
      route: "GET /devices/{id}/quality",
      access: MANAGEMENT,
      tag,
      summary: "Count what it sent (received, stored, duplicate, late, quarantined, missing), and assess its clock",
      params: deviceIdParams,
      response: quality,
    },
    async ({ params, db }) => {
      await getDevice(db, params.id);
      return { status: 200, body: await readQuality(pool, params.id) };
    },
  );
}
