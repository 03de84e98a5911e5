import { HANDLING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { unknownReference } from "../../http/problem.ts";
import { ok } from "../../http/response.ts";
import { findLocation } from "../locations/queries.ts";
import { findVehicle } from "../vehicles/queries.ts";
import { personFact, recordForShipment } from "./facts.ts";
import { proofData } from "./proof.ts";
import { getShipment } from "./queries.ts";
import { checkHandling } from "./status-change.ts";
import { loading, proofOfDelivery, shipment, unloading } from "./schema.ts";

const tag = "Shipments";
/** Reports about shipments that people make by hand: loaded, unloaded, delivered. */
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
}
