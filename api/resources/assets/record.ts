import type { PoolClient } from "pg";
import type { z } from "zod";
import { type Principal, userIdOf } from "../../auth/principal.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { insertRow } from "../../http/rows.ts";
import { findParty } from "../parties/queries.ts";
import { readAssetCode } from "./codes.ts";
import { assetTypesByGrai, getAssetMovement, lockAssets, placeAssets } from "./queries.ts";
import type { newAssetMovement } from "./schema.ts";

type NewAssetMovement = z.output<typeof newAssetMovement>;

/** A clock may be ahead by so much, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000;
const COLUMNS = [
  "asset_type_id",
  "party_id",
  "quantity",
  "serials",
  "at",
  "location_id",
  "shipment_id",
  "reference",
  "reverses",
  "actor_id",
];

/**
 * Records what was given to a party or returned by it. One asset with a serial is with one party only.
 * @returns the id of the movement
 * @throws Problem 400 for codes of different types, 409 for an asset that is elsewhere
 */
export async function recordAssetMovement(
  client: PoolClient,
  principal: Principal,
  body: NewAssetMovement,
): Promise<number> {
  const { typeId, serials } = await readAssets(client, body);
  const party = await findParty(client, body.party_id);
  if (party === undefined) throw unknownReference("/party_id", "party");
  await assertReferences(client, "locations", [{ pointer: "/location_id", id: body.location_id }]);
  await assertReferences(client, "shipments", [{ pointer: "/shipment_id", id: body.shipment_id }]);
  const quantity = body.quantity ?? serials.length;
  if (quantity < serials.length)
    throw invalid("/quantity", `the quantity is less than the number of serials, ${serials.length}`);
  const at = body.at ?? new Date();
  if (at.getTime() > Date.now() + MAX_AHEAD_MS) throw invalid("/at", "this time has not come yet");
  const isGiven = body.direction === "given";
  // Two movements of an asset that is not known yet must not both find it nowhere.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock assets'), $1)", [typeId]);
  for (const asset of await lockAssets(client, typeId, serials)) {
    const where = asset.partyId === null ? "with us" : `with ${asset.party ?? "another party"}`;
    const since = `${where} since ${asset.since.toISOString()}`;
    if (asset.since > at) throw new Problem(409, `asset ${asset.serial} was moved later: it is ${since}`);
    if (isGiven ? asset.partyId !== null : asset.partyId !== body.party_id) {
      throw new Problem(409, `asset ${asset.serial} is ${since}`);
    }
  }
  const movementId = await insertRow(
    client,
    "asset_movements",
    {
      ...body,
      asset_type_id: typeId,
      quantity: isGiven ? quantity : -quantity,
      serials,
      at,
      actor_id: userIdOf(principal) ?? undefined,
    },
    COLUMNS,
  );
  await placeAssets(client, serials, { typeId, partyId: isGiven ? body.party_id : null, at, movementId });
  return movementId;
}

/**
 * Takes a movement back.
 * @returns the id of the reversal
 * @throws Problem 409 when it was taken back already, or one of its assets was moved since
 */
export async function reverseAssetMovement(
  client: PoolClient,
  principal: Principal,
  id: number,
  reason: string,
): Promise<number> {
  const seen = await getAssetMovement(client, id);
  const { asset_type_id: typeId, party_id: partyId, serials, quantity, location_id, shipment_id, at } = seen;
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock assets'), $1)", [typeId]);
  const { reversed_by: by } = await getAssetMovement(client, id);
  if (seen.reverses !== null) throw new Problem(409, "a reversal cannot be reversed: record the movement again");
  if (by !== null) throw new Problem(409, `it was taken back already, by movement ${by}`);
  const { rows } = await client.query<{ serial: string }>(
    "SELECT serial FROM assets WHERE asset_type_id = $1 AND serial = ANY($2::text[]) AND movement_id <> $3 ORDER BY serial LIMIT 1",
    [typeId, serials, id],
  );
  if (rows[0] !== undefined) throw new Problem(409, `asset ${rows[0].serial} was moved since`);
  const movementId = await insertRow(
    client,
    "asset_movements",
    {
      asset_type_id: typeId,
      party_id: partyId,
      quantity: -quantity,
      serials,
      at,
      location_id: location_id ?? undefined,
      shipment_id: shipment_id ?? undefined,
      reference: reason,
      reverses: id,
      actor_id: userIdOf(principal) ?? undefined,
    },
    COLUMNS,
  );
  await placeAssets(client, serials, { typeId, partyId: quantity > 0 ? null : partyId, at, movementId });
  return movementId;
}

/** The type and the serials that a body names. */
async function readAssets(
  client: PoolClient,
  { asset_type_id: named, assets = [] }: NewAssetMovement,
): Promise<{ typeId: number; serials: string[] }> {
  const codes = assets.map(readAssetCode);
  const types = await assetTypesByGrai(
    client,
    codes.flatMap(({ grai }) => grai ?? []),
  );
  let typeId = named;
  const serials = new Set<string>();
  for (const [index, { grai, serial }] of codes.entries()) {
    const pointer = `/assets/${index}`;
    const found = grai === undefined ? undefined : types.get(grai);
    if (grai !== undefined && found === undefined) throw invalid(pointer, `there is no asset type with GRAI ${grai}`);
    if (found !== undefined) {
      if (typeId !== undefined && typeId !== found) throw invalid(pointer, "it is of another asset type");
      typeId = found;
    }
    if (serials.has(serial)) throw invalid(pointer, `asset ${serial} stands here twice`);
    serials.add(serial);
  }
  if (typeId === undefined) throw invalid("/asset_type_id", "name the asset type: a serial alone does not say it");
  if (named !== undefined) {
    await assertReferences(client, "asset_types", [{ pointer: "/asset_type_id", id: named }]);
  }
  return { typeId, serials: [...serials] };
}
