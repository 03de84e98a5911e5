import { z } from "@hono/zod-openapi";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { notFound } from "../../http/problem.ts";
import { list, noContent } from "../../http/response.ts";
import { deleteRow } from "../../http/rows.ts";
import { findQuarantined, listQuarantine, lockQuarantined, requestRetry } from "./queries.ts";
import { quarantined } from "./schema.ts";

const tag = "Quarantine";

/** Ids of quarantined messages are `bigint`. */
const params = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .openapi({ type: "integer", param: { name: "id", in: "path" } }),
});
const listQuery = z.strictObject({
  device_id: z.string().max(128).optional(),
  reason: z.string().max(64).optional().describe("such as `unknown-device`: nobody has registered it"),
  ...pageParameters,
});

/** Messages that ingest could not read, or did not believe. */
export function registerQuarantine(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /quarantine",
      access: MANAGEMENT,
      tag,
      summary: "List quarantined messages, newest first",
      query: listQuery,
      response: z.array(quarantined),
    },
    async ({ query, c, db }) => {
      const { device_id: deviceId, reason, limit } = query;
      const rows = await listQuarantine(db, { before: idAfter(query.cursor), deviceId, reason, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /quarantine/{id}/retry",
      access: MANAGEMENT,
      tag,
      summary: "Have ingest process the message again, e.g. after a change of decoder",
      params,
      status: 202,
    },
    async ({ params }, client) => {
      if (!(await lockQuarantined(client, params.id))) throw notFound("message");
      await requestRetry(client, params.id);
      return { status: 202 };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /quarantine/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Delete the message",
      params,
      audited: { table: "quarantine", read: (client, { id }) => findQuarantined(client, id) },
      status: 204,
    },
    async ({ params }, client) => {
      if (!(await lockQuarantined(client, params.id))) throw notFound("message");
      await deleteRow(client, "quarantine", params.id);
      return noContent;
    },
  );
}
