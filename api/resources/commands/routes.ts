import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { principalName } from "../../auth/principal.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { deviceIdParams, idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { invalid, notFound } from "../../http/problem.ts";
import { list, locationOf } from "../../http/response.ts";
import { getDevice } from "../devices/queries.ts";
import { addCommand, findCommand, listCommands } from "./queries.ts";
import { type Command, command, newCommand } from "./schema.ts";

const tag = "Devices";
const DEFAULT_LIFETIME_MS = 3_600_000;
const MAX_LIFETIME_MS = 30 * 86_400_000;

const commandParams = deviceIdParams.extend({
  command_id: idParams.shape.id.openapi({ type: "integer", param: { name: "command_id", in: "path" } }),
});

async function getCommand(db: Reader, deviceId: string, id: number): Promise<Command> {
  const found = await findCommand(db, deviceId, id);
  if (!found) throw notFound("command");
  return found;
}

/** Commands to devices. Each is kept until the device acknowledges it or it expires, whether or not it is connected. */
export function registerCommands(endpoints: Endpoints): void {
  endpoints.mutate(
    {
      route: "POST /devices/{id}/commands",
      access: MANAGEMENT,
      tag,
      summary: "Send a command to a device",
      params: deviceIdParams,
      body: newCommand,
      response: command,
      status: 201,
    },
    async ({ params, body, principal, c }, client) => {
      await getDevice(client, params.id);
      const { type, args, expires_at: expiresAt = new Date(Date.now() + DEFAULT_LIFETIME_MS) } = body;
      const lifetimeMs = expiresAt.getTime() - Date.now();
      if (lifetimeMs <= 0 || lifetimeMs > MAX_LIFETIME_MS)
        throw invalid("/expires_at", "expected a time in the next 30 days");
      const createdBy = principalName(principal);
      const id = await addCommand(client, { deviceId: params.id, type, args, expiresAt, createdBy });
      const headers = { Location: locationOf(c.req.url, id) };
      return { status: 201, body: await getCommand(client, params.id, id), headers };
    },
  );
  endpoints.read(
    {
      route: "GET /devices/{id}/commands",
      access: MANAGEMENT,
      tag,
      summary: "List the commands of a device, newest first",
      params: deviceIdParams,
      query: z.strictObject(pageParameters),
      response: z.array(command),
    },
    async ({ params, query, c, db }) => {
      await getDevice(db, params.id);
      const rows = await listCommands(db, params.id, idAfter(query.cursor), query.limit + 1);
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /devices/{id}/commands/{command_id}",
      access: MANAGEMENT,
      tag,
      summary: "Get one command and its result",
      params: commandParams,
      response: command,
    },
    async ({ params, db }) => {
      await getDevice(db, params.id);
      return { status: 200, body: await getCommand(db, params.id, params.command_id) };
    },
  );
}
