import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { epcsOfSscc, parseSscc, type Sscc } from "../../../ingest/domain/gs1/sscc.ts";
import { beyondLimits } from "../../auth/limits.ts";
import { type Principal, userIdOf } from "../../auth/principal.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { insertRow } from "../../http/rows.ts";
import { findItem } from "../items/queries.ts";
import { ensureLot } from "../lots/queries.ts";
import { releaseTag } from "../shipments/tag-bindings.ts";
import { bindUnitTags, lockUnit, shipmentsMovedBy, unpackUnit } from "./queries.ts";
import type { newHandlingUnit } from "./schema.ts";

const COLUMNS = ["shipment_id", "sscc", "epc", "parent_id", "contents", "packed_at", "actor_id"];

/**
 * Packs a logistic unit of a shipment: its tag speaks for the shipment.
 * @returns its id @throws Problem 400 for what does not exist, 409 for an SSCC that is in use
 */
export async function packUnit(
  client: PoolClient,
  principal: Principal,
  shipmentId: number,
  body: z.output<typeof newHandlingUnit>,
  companyPrefix: string | undefined,
): Promise<number> {
  const { sscc, epc } = readUnit(body.sscc, "/sscc", companyPrefix);
  const parentId =
    body.parent === undefined || body.parent === null ? undefined : await packedUnit(client, body.parent);
  for (const [at, { item_id, lot }] of (body.contents ?? []).entries()) {
    if (!(await findItem(client, item_id))) {
      throw unknownReference(`/contents/${at}/item_id`, "item");
    }
    if (lot !== undefined) await ensureLot(client, item_id, lot);
  }
  // The 18 digits too, which hand scanners read from the label.
  const epcs = [sscc, ...(epc === undefined ? epcsOfSscc(sscc) : [epc])];
  const { since, released } = await releaseUnit(client, sscc, epcs, shipmentId, body.packed_at);
  const { contents } = body;
  const packed_at = body.packed_at ?? since ?? undefined;
  const row = { shipment_id: shipmentId, sscc, epc, parent_id: parentId, contents, packed_at };
  const id = await insertRow(client, "handling_units", { ...row, actor_id: userIdOf(principal) }, COLUMNS);
  if (!(await bindUnitTags(client, { shipmentId: shipmentId, unitId: id, since }, epcs))) {
    throw new Problem(409, "this SSCC is bound to another shipment as a tag");
  }
  await recordFacts(client, { facts: [], refold: [`shipment:${shipmentId}`, ...released] });
  return id;
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
    throw invalid("/packed_at", "the unit was packed for its earlier shipment after this time");
  }
  for (const id of moved) released.add(`shipment:${id}`);
  return { since, released: [...released] };
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
