import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { recordFacts } from "../../http/record-facts.ts";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { epcsOfSscc, parseSscc, type Sscc } from "../../../ingest/domain/gs1/sscc.ts";
import { beyondLimits } from "../../auth/limits.ts";
import { userIdOf } from "../../auth/principal.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, wholeListParameters } from "../../http/paging.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { invalid, notFound, Problem, unknownReference } from "../../http/problem.ts";
import { created, list, ok, type Versioned } from "../../http/response.ts";
import { insertRow } from "../../http/rows.ts";
import { findItem } from "../items/queries.ts";
import { getShipment } from "../shipments/queries.ts";
import { releaseTag } from "../shipments/tag-bindings.ts";
import {
  bindUnitTags,
  findHandlingUnit,
  listHandlingUnits,
  lockUnit,
  shipmentsMovedBy,
  unpackUnit,
} from "./queries.ts";
import { type HandlingUnit, handlingUnit, newHandlingUnit, unitParams, unpacking } from "./schema.ts";

const tag = "Shipments";
const COLUMNS = ["shipment_id", "sscc", "epc", "parent_id", "contents", "packed_at", "actor_id"];

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
      const { sscc, epc } = readUnit(body.sscc, "/sscc", companyPrefix);
      const parentId =
        body.parent === undefined || body.parent === null ? undefined : await packedUnit(client, body.parent);
      for (const [at, { item_id }] of (body.contents ?? []).entries()) {
        if (!(await findItem(client, item_id))) {
          throw unknownReference(`/contents/${at}/item_id`, "item");
        }
      }
      // The 18 digits too, which hand scanners read from the label.
      const epcs = [sscc, ...(epc === undefined ? epcsOfSscc(sscc) : [epc])];
      const { since, released } = await releaseUnit(client, sscc, epcs, params.id, body.packed_at);
      const { contents } = body;
      const packed_at = body.packed_at ?? since ?? undefined;
      const row = { shipment_id: params.id, sscc, epc, parent_id: parentId, contents, packed_at };
      const id = await insertRow(client, "handling_units", { ...row, actor_id: userIdOf(principal) }, COLUMNS);
      if (!(await bindUnitTags(client, { shipmentId: params.id, unitId: id, since }, epcs))) {
        throw new Problem(409, "this SSCC is bound to another shipment as a tag");
      }
      await recordFacts(client, { facts: [], refold: [`shipment:${params.id}`, ...released] });
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

/**
 * Ends the first life of an SSCC whose shipment is closed: its unit and its tags.
 * @throws Problem 409 when the SSCC is that of a unit of a shipment that is under way, or of this one
 */
async function releaseUnit(
  client: PoolClient,
  sscc: string,
  epcs: readonly string[],
  shipmentId: number,
  packedAt: Date | undefined,
): Promise<{ since: Date | null; released: Subject[] }> {
  const unit = await lockUnit(client, sscc);
  if (unit?.shipment_id === shipmentId) throw new Problem(409, `there is a unit ${sscc} already`);
  let since: Date | null = null;
  const released = new Set<Subject>();
  for (const epc of epcs) {
    const binding = await releaseTag(client, epc, shipmentId, packedAt);
    for (const subject of binding?.released ?? []) released.add(subject);
    if (binding?.released.length) since = binding.since;
  }
  if (!unit) return { since, released: [...released] };
  if (since === null) throw new Problem(409, `there is a unit ${sscc} already`);
  const moved = await beyondLimits(client, () => shipmentsMovedBy(client, unit.id));
  if (unit.unpacked_at === null && !(await unpackUnit(client, unit.id, since))) {
    throw invalid("/packed_at", "the unit of the shipment before was packed later");
  }
  for (const id of moved) released.add(`shipment:${id}`);
  return { since, released: [...released] };
}

async function getHandlingUnit(
  client: PoolClient,
  shipmentId: number,
  unitId: number,
): Promise<Versioned<HandlingUnit>> {
  const unit = await findHandlingUnit(client, unitId);
  if (unit?.shipment_id !== shipmentId) throw notFound("handling unit");
  return unit;
}

/** @throws Problem 400 when the text is no SSCC */
function readUnit(text: string, pointer: string, companyPrefix: string | undefined): Sscc {
  const unit = parseSscc(text, companyPrefix);
  if (!unit) throw invalid(pointer, "expected an SSCC: 18 digits with a valid check digit, or its EPC");
  return unit;
}

/** Locks the unit that another one is packed into; it may belong to another shipment. @throws Problem 400 or 409 */
async function packedUnit(client: PoolClient, text: string): Promise<number> {
  const parent = await lockUnit(client, readUnit(text, "/parent", undefined).sscc);
  if (!parent) throw invalid("/parent", "there is no unit with this SSCC");
  if (parent.unpacked_at !== null) throw new Problem(409, "the parent is unpacked already");
  return parent.id;
}
