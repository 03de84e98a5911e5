import { z } from "@hono/zod-openapi";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";
import { HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { microseconds } from "../../http/lists/times.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { Problem } from "../../http/problem.ts";
import { list, noContent } from "../../http/response.ts";
import { recordForShipment } from "./facts.ts";
import { bindTag, getShipment, listTags } from "./queries.ts";
import { findBinding, releaseTag, unbindTag } from "./tag-bindings.ts";
import { boundTags, newTag } from "./tag-schema.ts";

const tag = "Shipments";
/** When the last tag of a page was bound, and its EPC. */
const tagCursor = z.tuple([microseconds, z.string()]);
const tagParams = idParams.extend({
  epc: z
    .string()
    .min(1)
    .max(256)
    .openapi({ param: { name: "epc", in: "path" }, description: "hex or EPC URI, percent-encoded" }),
});

/** Which tags a shipment has, as people say it. */
export function registerShipmentTags(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/tags",
      access: SIGNED_IN,
      tag,
      summary: "List its tags",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: boundTags,
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      await getShipment(db, params.id);
      const rows = await listTags(db, params.id, { after: decodeCursor(cursor, tagCursor), limit: limit + 1 });
      const page = pageOf(rows, limit, ({ key, tag: { epc } }) => [key, epc]);
      return list({ ...page, rows: page.rows.map(({ tag }) => tag) }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/tags",
      access: HANDLING,
      tag,
      summary: "Bind a tag to it; a tag of a shipment that is closed may be bound again",
      params: idParams,
      body: newTag,
      response: boundTags,
      status: 201,
    },
    async ({ params, body, c }, client) => {
      await getShipment(client, params.id);
      const epc = normalizeEpc(body.epc).key;
      const binding = await releaseTag(client, epc, params.id, body.since);
      if (binding && !(await bindTag(client, params.id, epc, binding.since))) {
        throw new Problem(409, "this tag is bound to another shipment");
      }
      // Reads of the tag before it was bound belong to the shipment's history too, so it is folded again.
      await recordForShipment(c, client, params.id, [], undefined, binding?.released);
      return { status: 201, body: (await listTags(client, params.id)).map(({ tag }) => tag) };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /shipments/{id}/tags/{epc}",
      access: MANAGEMENT,
      tag,
      summary:
        "Take back that a tag was bound to it: it never was its tag, and what was read of it says nothing of this shipment",
      params: tagParams,
      audited: {
        table: "shipments",
        read: (client, { id, epc }) => findBinding(client, normalizeEpc(epc).key, id),
      },
      status: 204,
    },
    async ({ params: { id, epc }, c }, client) => {
      await getShipment(client, id);
      const given = await unbindTag(client, normalizeEpc(epc).key, id);
      await recordForShipment(c, client, id, [], undefined, given);
      return noContent;
    },
  );
}
