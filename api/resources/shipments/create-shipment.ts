import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";
import { statusAtRest } from "../../../ingest/domain/place.ts";
import type { Principal } from "../../auth/principal.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { assertParties, assertReferences, ownerWithin } from "../../http/references.ts";
import { insertRow, wordArray } from "../../http/rows.ts";
import { personFact } from "./facts.ts";
import { goodsOf, insertLines } from "./lines.ts";
import { resolveLocation } from "./manual-change.ts";
import { bindTag, DETAIL_COLUMNS } from "./queries.ts";
import type { newShipment } from "./schema.ts";
import { nextTrackingNumber } from "./tracking-number.ts";

const INSERTED_COLUMNS = [
  "tracking_number",
  "product_name",
  "item_id",
  "quantity",
  "line_count",
  "status",
  "stage",
  "stage_since",
  "location_id",
  "origin_id",
  "created_at",
  ...DETAIL_COLUMNS,
];

/** @returns its id @throws Problem 400 for what does not exist */
export async function createShipment(
  client: PoolClient,
  principal: Principal,
  body: z.output<typeof newShipment>,
  companyPrefix: string | undefined,
): Promise<number> {
  const at = body.at ?? new Date();
  const { stage, locationId } = await resolveLocation(client, body.location, principal.limits);
  await assertReferences(client, "orders", [{ pointer: "/order_id", id: body.order_id }]);
  await assertReferences(client, "locations", [{ pointer: "/destination_id", id: body.destination_id }]);
  const ownerId = ownerWithin(principal.limits, body.owner_id);
  await assertParties(client, "owner", [{ pointer: "/owner_id", id: ownerId }]);
  const { lines, ...goods } = await goodsOf(client, body);
  const status = statusAtRest(stage, locationId !== null && locationId === body.destination_id);
  const row = {
    ...body,
    owner_id: ownerId,
    ...goods,
    tracking_number: await nextTrackingNumber(client, companyPrefix),
    profiles: wordArray(body.profiles),
    status,
    stage,
    stage_since: at,
    location_id: locationId,
    origin_id: locationId,
    created_at: at,
  };
  const id = await insertRow(client, "shipments", row, INSERTED_COLUMNS);
  await insertLines(client, id, lines);
  const sscc = parseSscc(row.tracking_number, companyPrefix);
  // A tag with this SSCC speaks for the shipment, unless somebody has bound it to another one by hand.
  if (sscc?.epc !== undefined) await bindTag(client, id, sscc.epc);
  const createdFact: NewFact = { ...personFact(principal, id, at), type: "created", data: { stage, locationId } };
  await recordFacts(client, { facts: [createdFact] });
  return id;
}
