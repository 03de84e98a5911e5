import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { decodeCursor, pageById, pageParameters } from "../../http/paging.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { created, list, noContent, ok, type Versioned, withoutVersion } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import {
  addCredential,
  findDevice,
  listDevices,
  mountDevice,
  notifyDevicesChanged,
  readQuality,
  getDevice,
} from "./queries.ts";
import { findItem } from "../items/queries.ts";
import { findLocation } from "../locations/queries.ts";
import { findVehicle } from "../vehicles/queries.ts";
import {
  type Device,
  device,
  DEVICE_KINDS,
  deviceChange,
  deviceWithSecret,
  type Mount,
  type NewDevice,
  newDevice,
  newDevices,
  quality,
} from "./schema.ts";
import { deviceIdParams } from "../../http/fields.ts";
import { devicesOfTable } from "./import-table.ts";

const tag = "Devices";
const COLUMNS = ["decoder", "name", "state", "rate_limit", "interval_s"];

const listQuery = z.strictObject({
  kind: z.enum(DEVICE_KINDS).optional(),
  state: z.enum(["pending", "active", "suspended", "retired"]).optional(),
  ...pageParameters,
});

async function setMount(client: PoolClient, id: string, mount: Mount | null, pointer: string): Promise<void> {
  if (mount === null) return mountDevice(client, id, undefined, null);
  const { since, ...place } = mount;
  if ("vehicle_id" in place && !(await findVehicle(client, place.vehicle_id))) {
    throw invalid(`${pointer}/vehicle_id`, "there is no vehicle of this id");
  }
  if ("location_id" in place && !(await findLocation(client, place.location_id))) {
    throw invalid(`${pointer}/location_id`, "there is no location of this id");
  }
  if ("item_id" in place && !(await findItem(client, place.item_id))) {
    throw invalid(`${pointer}/item_id`, "there is no item of this id");
  }
  return mountDevice(client, id, since, place);
}

/** Adds one device with its first secret. @returns it, with the secret in plain for this once */
async function addDevice(
  client: PoolClient,
  { mount, ...row }: NewDevice,
  pointer: string,
): Promise<Versioned<Device> & { secret: string }> {
  if (await findDevice(client, row.id)) {
    const errors = [{ pointer: `${pointer}/id`, message: "there is already a device of this id" }];
    throw new Problem(409, `there is already a device ${row.id}`, { errors });
  }
  await insertRow(client, "devices", row, ["id", "kind", ...COLUMNS]);
  if (mount) await setMount(client, row.id, mount, `${pointer}/mount`);
  const secret = newSecret();
  await addCredential(client, row.id, sha256(secret));
  return { ...(await getDevice(client, row.id)), secret };
}

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
    async ({ query, c }) => {
      const { kind, state, limit } = query;
      const after = decodeCursor(query.cursor, z.tuple([z.string().max(128)]))?.[0];
      const rows = await listDevices(pool, { after, kind, state, limit: limit + 1 });
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
      summary: "Add many devices, all or none, from an array or a CSV table; secrets are shown once",
      body: newDevices,
      alternativeBody: { type: "text/csv", read: (bytes) => devicesOfTable(bytes.toString("utf8")) },
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
      summary: "One device",
      params: deviceIdParams,
      response: device,
    },
    async ({ params }) => ok(await getDevice(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /devices/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change or re-mount a device",
      params: deviceIdParams,
      body: deviceChange,
      response: device,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      const { mount, ...row } = body;
      await updateRow(client, "devices", params.id, row, COLUMNS);
      if (mount !== undefined) await setMount(client, params.id, mount, "/mount");
      await notifyDevicesChanged(client, [params.id]);
      return ok(await getDevice(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /devices/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a device; its readings stay",
      params: deviceIdParams,
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "devices", params.id, "device");
      await deleteRow(client, "devices", params.id);
      await notifyDevicesChanged(client, [params.id]);
      return noContent;
    },
  );
  endpoints.mutate(
    {
      route: "POST /devices/{id}/credentials",
      access: MANAGEMENT,
      tag,
      summary: "A new secret; the one before stays valid, older ones do not",
      params: deviceIdParams,
      response: z.object({ id: z.string(), secret: z.string() }).openapi("Credential"),
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
  endpoints.read(
    {
      route: "GET /devices/{id}/quality",
      access: MANAGEMENT,
      tag,
      summary: "How well it reports",
      params: deviceIdParams,
      response: quality,
    },
    async ({ params }) => {
      await getDevice(pool, params.id);
      const nothingYet = { received: 0, stored: 0, duplicate: 0, late: 0, quarantined: 0, gap: 0, skew_ms: null };
      return { status: 200, body: (await readQuality(pool, params.id)) ?? nothingYet };
    },
  );
}
