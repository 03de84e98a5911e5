import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { nameOf } from "../../auth/principal.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { invalid, notFound } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { addCommand, findCommand, listCommands } from "./queries.ts";
import { findDevice } from "../devices/queries.ts";
import { type Command, command, newCommand } from "./schema.ts";
import { deviceIdParams, idParams } from "../../http/fields.ts";

const tag = "Devices";
const LIFE_MS = 3_600_000;
const LONGEST_LIFE_MS = 30 * 86_400_000;

const commandParams = deviceIdParams.extend({
  command_id: idParams.shape.id.openapi({ type: "integer", param: { name: "command_id", in: "path" } }),
});

async function holdDevice(db: Pool | PoolClient, id: string): Promise<void> {
  if (!(await findDevice(db, id))) throw notFound("device");
}

async function shown(db: Pool | PoolClient, deviceId: string, id: number): Promise<Command> {
  const found = await findCommand(db, deviceId, id);
  if (!found) throw notFound("command");
  return found;
}

/** What devices are asked to do: kept until they answer or the time is over, whether or not they are connected now. */
export function registerCommands(endpoints: Endpoints, pool: Pool): void {
  endpoints.change(
    {
      route: "POST /devices/{id}/commands",
      tag,
      summary: "Ask a device to do something",
      params: deviceIdParams,
      body: newCommand,
      answer: command,
      status: 201,
    },
    async ({ params, body, principal, c }, client) => {
      await holdDevice(client, params.id);
      const { type, args, expires_at: expiresAt = new Date(Date.now() + LIFE_MS) } = body;
      const lifeMs = expiresAt.getTime() - Date.now();
      if (lifeMs <= 0 || lifeMs > LONGEST_LIFE_MS) throw invalid("/expires_at", "expected a time in the next 30 days");
      const createdBy = nameOf(principal);
      const id = await addCommand(client, { deviceId: params.id, type, args, expiresAt, createdBy });
      const at = `${new URL(c.req.url).pathname}/${id}`;
      return { status: 201, body: await shown(client, params.id, id), headers: { Location: at } };
    },
  );
  endpoints.read(
    {
      route: "GET /devices/{id}/commands",
      tag,
      summary: "What a device was asked to do, newest first",
      params: deviceIdParams,
      query: z.strictObject(pageParameters),
      answer: z.array(command),
    },
    async ({ params, query, c }) => {
      await holdDevice(pool, params.id);
      const rows = await listCommands(pool, params.id, idAfter(query.cursor), query.limit + 1);
      return list(
        pageOf(rows, query.limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
  endpoints.read(
    {
      route: "GET /devices/{id}/commands/{command_id}",
      tag,
      summary: "One command, and how it went",
      params: commandParams,
      answer: command,
    },
    async ({ params }) => ({ status: 200, body: await shown(pool, params.id, params.command_id) }),
  );
}
