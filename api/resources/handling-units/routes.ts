import { z } from "@hono/zod-openapi";
import { recordFacts } from "../../http/record-facts.ts";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { beyondLimits, type Reader } from "../../auth/limits.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, wholeListParameters } from "../../http/paging.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { invalid, notFound, Problem } from "../../http/problem.ts";
import { created, list, ok, type Versioned } from "../../http/response.ts";
import { getShipment } from "../shipments/queries.ts";
import { packUnit } from "./pack-unit.ts";
import { findHandlingUnit, listHandlingUnits, shipmentsMovedBy, unpackUnit } from "./queries.ts";
import { type HandlingUnit, handlingUnit, newHandlingUnit, unitParams, unpacking } from "./schema.ts";

const tag = "Shipments";

/** The logistic units of a shipment, e.g. cases on pallets, each with its SSCC. */
export function registerHandlingUnits(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/handling-units",
      access: SIGNED_IN,
      tag,
      summary: "List its logistic units, and which is packed in which",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: z.array(handlingUnit),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      await getShipment(db, params.id);
      const rows = await listHandlingUnits(db, params.id, { after: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /shipments/{id}/handling-units/{unit_id}",
      access: SIGNED_IN,
      tag,
      summary: "Get a logistic unit",
      params: unitParams,
      response: handlingUnit,
    },
    async ({ params, db }) => ok(await getHandlingUnit(db, params.id, params.unit_id)),
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/handling-units",
      access: HANDLING,
      tag,
      summary: "Pack a logistic unit: its tag speaks for the shipment, and it moves with its parent",
      params: idParams,
      body: newHandlingUnit,
      response: handlingUnit,
      status: 201,
    },
    async ({ params, body, principal, c }, client) => {
      await getShipment(client, params.id);
      const id = await packUnit(client, principal, params.id, body, companyPrefix);
      return created(await getHandlingUnit(client, params.id, id), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /shipments/{id}/handling-units/{unit_id}/unpack",
      access: HANDLING,
      tag,
      summary: "Unpack a logistic unit: from then on its tag and its parent no longer move its contents",
      params: unitParams,
      body: unpacking,
      bodyOptional: true,
      response: handlingUnit,
    },
    async ({ params, body, c }, client) => {
      const unit = await getHandlingUnit(client, params.id, params.unit_id);
      checkIfMatch(c, unit.version);
      if (unit.unpacked_at !== null) throw new Problem(409, "it is unpacked already");
      if (!(await unpackUnit(client, unit.id, body?.at ?? new Date()))) {
        throw invalid("/at", "it cannot be unpacked before it was packed");
      }
      const moved = await beyondLimits(client, () => shipmentsMovedBy(client, unit.id));
      await recordFacts(client, { facts: [], refold: moved.map((id): Subject => `shipment:${id}`) });
      return ok(await getHandlingUnit(client, params.id, params.unit_id));
    },
  );
}

async function getHandlingUnit(db: Reader, shipmentId: number, unitId: number): Promise<Versioned<HandlingUnit>> {
  const unit = await findHandlingUnit(db, unitId);
  if (unit?.shipment_id !== shipmentId) throw notFound("handling unit");
  return unit;
}
