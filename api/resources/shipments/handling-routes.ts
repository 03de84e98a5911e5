import { z } from "@hono/zod-openapi";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { microseconds } from "../../http/lists/times.ts";
import { decodeCursor, pageOf, wholeListParameters } from "../../http/paging.ts";
import { Problem, unknownReference } from "../../http/problem.ts";
import { list, ok } from "../../http/response.ts";
import { findLocation } from "../locations/queries.ts";
import { findVehicle } from "../vehicles/queries.ts";
import { personFact, recordForShipment } from "./facts.ts";
import { proofData } from "./proof.ts";
import { bindTag, getShipment, listTags } from "./queries.ts";
import { checkHandling } from "./status-change.ts";
import { releaseTag } from "./tag-bindings.ts";
import { boundTags, loading, newTag, proofOfDelivery, shipment, unloading } from "./schema.ts";

const tag = "Shipments";
/** When the last tag of a page was bound, and its EPC. */
const tagCursor = z.tuple([microseconds, z.string()]);

/** Reports about shipments that people make by hand: loaded, unloaded, delivered, tagged. */
export function registerShipmentHandling(endpoints: Endpoints): void {
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/load",
      access: HANDLING,
      tag,
      summary: "Record that it was loaded onto a vehicle",
      params: idParams,
      audited: { table: "shipments", read: (client, { id }) => getShipment(client, id) },
      body: loading,
      response: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      if (!(await findVehicle(client, body.vehicle_id))) throw unknownReference("/vehicle_id", "vehicle");
      await checkHandling(client, params.id, body.at);
      const fact = personFact(principal, params.id, body.at ?? new Date());
      const data = { vehicleId: body.vehicle_id, locationId: null };
      await recordForShipment(c, client, params.id, [{ ...fact, type: "loaded", data }]);
      return ok(await getShipment(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/unload",
      access: HANDLING,
      tag,
      summary: "Record that it was unloaded at a location",
      params: idParams,
      audited: { table: "shipments", read: (client, { id }) => getShipment(client, id) },
      body: unloading,
      response: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      const { location_id: locationId } = body;
      if (!(await findLocation(client, locationId))) throw unknownReference("/location_id", "location");
      await checkHandling(client, params.id, body.at);
      const fact = personFact(principal, params.id, body.at ?? new Date());
      await recordForShipment(c, client, params.id, [{ ...fact, type: "unloaded", data: { locationId } }]);
      return ok(await getShipment(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/proof-of-delivery",
      access: HANDLING,
      tag,
      summary: "Record the proof of delivery",
      params: idParams,
      audited: { table: "shipments", read: (client, { id }) => getShipment(client, id) },
      body: proofOfDelivery,
      response: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      await checkHandling(client, params.id, body.at);
      const fact = personFact(principal, params.id, body.at ?? new Date());
      const data = await proofData(client, params.id, body);
      await recordForShipment(c, client, params.id, [{ ...fact, type: "proof", data }]);
      return ok(await getShipment(client, params.id));
    },
  );
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
}
