import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { resource } from "../../http/response.ts";
import { findLocation, findVehicle } from "../master-data/queries.ts";
import { bindTag, listTags } from "./queries.ts";
import { id, idParams, timestamp } from "../../http/fields.ts";
import { loading, proofOfDelivery, shipment, unloading } from "./schema.ts";
import { normalizeEpc } from "../../../ingest/domain/gs1/epc.ts";
import { personFact, recordForShipment } from "./facts.ts";
import { shownShipment } from "./routes.ts";

const tag = "Shipments";

/** The tag of a shipment, in the form gates report it. */
const newTag = z.strictObject({ epc: z.string().trim().min(1).max(256).describe("hex or EPC URI") }).openapi("NewTag");
const tags = z.array(z.object({ epc: z.string(), bound_at: timestamp, shipment_id: id.optional() })).openapi("Tags");

/** What people do with shipments: load, unload, hand over, tag. */
export function registerShipmentHandling(endpoints: Endpoints, pool: Pool): void {
  endpoints.change(
    {
      route: "POST /shipments/{id}/load",
      tag,
      summary: "Put it on a vehicle",
      params: idParams,
      body: loading,
      answer: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      if (!(await findVehicle(client, body.vehicle_id))) throw invalid("/vehicle_id", "there is no vehicle of this id");
      const fact = personFact(principal, params.id, body.at ?? new Date());
      const data = { vehicleId: body.vehicle_id, locationId: null };
      await recordForShipment(c, client, params.id, [{ ...fact, type: "loaded", data }]);
      return resource(await shownShipment(client, params.id));
    },
  );
  endpoints.change(
    {
      route: "POST /shipments/{id}/unload",
      tag,
      summary: "Take it off its vehicle, at a location",
      params: idParams,
      body: unloading,
      answer: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      const { location_id: locationId } = body;
      if (!(await findLocation(client, locationId))) throw invalid("/location_id", "there is no location of this id");
      const fact = personFact(principal, params.id, body.at ?? new Date());
      await recordForShipment(c, client, params.id, [{ ...fact, type: "unloaded", data: { locationId } }]);
      return resource(await shownShipment(client, params.id));
    },
  );
  endpoints.change(
    {
      route: "POST /shipments/{id}/proof-of-delivery",
      tag,
      summary: "It was handed over",
      params: idParams,
      body: proofOfDelivery,
      answer: shipment,
    },
    async ({ params, body, principal, c }, client) => {
      const fact = personFact(principal, params.id, body.at ?? new Date());
      const data = { name: body.name, note: body.note ?? null, outcome: body.outcome };
      await recordForShipment(c, client, params.id, [{ ...fact, type: "proof", data }]);
      return resource(await shownShipment(client, params.id));
    },
  );
  endpoints.read(
    { route: "GET /shipments/{id}/tags", tag, summary: "Its tags", params: idParams, answer: tags },
    async ({ params }) => {
      await shownShipment(pool, params.id);
      return { status: 200, body: await listTags(pool, params.id) };
    },
  );
  endpoints.change(
    {
      route: "POST /shipments/{id}/tags",
      tag,
      summary: "Bind a tag by hand",
      params: idParams,
      body: newTag,
      answer: tags,
      status: 201,
    },
    async ({ params, body, c }, client) => {
      await shownShipment(client, params.id);
      if (!(await bindTag(client, params.id, normalizeEpc(body.epc).key))) {
        throw new Problem(409, "this tag is bound to another shipment");
      }
      // Reads of the tag from before it was bound belong to the shipment's story too.
      await recordForShipment(c, client, params.id, []);
      return { status: 201, body: await listTags(client, params.id) };
    },
  );
}
