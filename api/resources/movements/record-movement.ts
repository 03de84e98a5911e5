import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { z } from "zod";
import type { FactData, NewFact } from "../../../ingest/domain/fact.ts";
import { lotsTaken } from "../../../ingest/domain/stock/lots.ts";
import { levelOf } from "../../../ingest/domain/stock/movement.ts";
import { statedLots } from "../../../ingest/domain/stock/serial-moves.ts";
import { beyondLimits } from "../../auth/limits.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { insertRow } from "../../http/rows.ts";
import { type AdjustLimit, assertMayAdjust } from "./adjust-limit.ts";
import { findStockAt, findStockSum, movementIdsOf, type StockSum } from "./queries.ts";
import type { newMovement } from "./schema.ts";

type NewMovement = z.output<typeof newMovement>;

/** A clock may be ahead by so much, milliseconds. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Records what a person or a system says was put, taken or moved.
 * @returns the id of the movement; of goods that were moved, of the one where they were
 * @throws Problem 409 when fewer are there, 403 beyond an operator's limit
 */
export async function recordMovement(
  client: PoolClient,
  principal: Principal,
  body: NewMovement,
  limit: AdjustLimit,
): Promise<number> {
  const from = await positionOf(client, body);
  const pieces = body.quantity * (await factorOf(client, from.itemId, body.unit));
  if (!Number.isSafeInteger(pieces) || Math.abs(pieces) > 2_147_483_647) throw invalid("/quantity", "this is too many");
  const now = Date.now();
  const at = body.at?.getTime() ?? now;
  if (at > now + MAX_AHEAD_MS) throw invalid("/at", "this time has not come yet");
  const name = randomUUID();
  const said = { principal, at, evidence: body.evidence };
  if (body.to === undefined) {
    assertMayAdjust(principal, limit, { level: levelOf(from.sum), isMeasured: from.isMeasured }, pieces);
    const key = `person:${name}`;
    const data = { delta: pieces, reason: body.reason, ...lotsOf(body, pieces) };
    await recordFitting(client, [adjusted(key, from.id, data, said)]);
    return (await movementIdsOf(client, [key]))[0]!;
  }
  const to = await destinationOf(client, from, body.to);
  // What is moved keeps its lots, also where nobody has named them.
  const lots = body.lot === undefined ? lotsTaken(from.lots, levelOf(from.sum), pieces) : lotsOf(body, pieces).lots!;
  const data = { reason: body.reason, transfer: name, ...(lots.length > 0 && { lots }) };
  await recordFitting(client, [
    adjusted(`transfer:${name}:out`, from.id, { ...data, delta: -pieces }, said),
    adjusted(`transfer:${name}:in`, to, { ...data, delta: pieces }, said),
  ]);
  return (await movementIdsOf(client, [`transfer:${name}:out`]))[0]!;
}

const lotsOf = (
  { lot, expires_on: expiry }: Pick<NewMovement, "lot" | "expires_on">,
  pieces: number,
): Pick<FactData["adjusted"], "lots"> => statedLots(lot, Math.abs(pieces), expiry);

interface Statement {
  principal: Principal;
  /** epoch milliseconds */
  at: number;
  evidence: string | undefined;
}

/** A fact that says how much more or less there is. */
export function adjusted(key: string, stockId: number, data: FactData["adjusted"], statement: Statement): NewFact {
  const { evidence, ...reporter } = reporterOf(statement.principal);
  return {
    key,
    subject: `stock:${stockId}`,
    at: statement.at,
    type: "adjusted",
    data,
    rule: "person",
    ...reporter,
    evidence: statement.evidence === undefined ? evidence : [...evidence, { note: statement.evidence }],
    confidence: 1,
  };
}

/** Records facts, and refuses them when a level cannot hold what they say. @throws Problem 409 */
export async function recordFitting(
  client: PoolClient,
  facts: readonly ((NewFact & { type: "adjusted" }) | NewFact)[],
): Promise<void> {
  await recordFacts(client, { facts });
  for (const { subject, data } of facts) {
    const { delta } = data as FactData["adjusted"];
    const { sum } = (await findStockSum(client, Number(subject.slice("stock:".length))))!;
    const level = levelOf(sum);
    if (sum < level && delta < 0)
      throw new Problem(409, `only ${levelOf(sum - delta)} are known to be here: count what is here`);
    if (sum > level && delta > 0) throw new Problem(409, `this is more than a stock position can hold (${level})`);
  }
}

async function positionOf(client: PoolClient, body: NewMovement): Promise<StockSum> {
  const { inventory_item_id: stockId, item_id: itemId, location_id: locationId } = body;
  if (stockId !== undefined) {
    const position = await findStockSum(client, stockId);
    if (position === undefined) throw unknownReference("/inventory_item_id", "inventory item");
    return position;
  }
  const place = { itemId: itemId!, locationId: locationId!, ownerId: body.owner_id, condition: body.condition };
  const position = await findStockAt(client, place);
  if (position === undefined) throw invalid("/location_id", "this item is not kept there: add a stock position first");
  return position;
}

/** How many base units one of `unit` is. @throws Problem 400 for a unit that the item has not */
async function factorOf(client: PoolClient, itemId: number, unit: string | undefined): Promise<number> {
  if (unit === undefined) return 1;
  const { rows } = await client.query<{ base_unit: string; packs: { unit: string; quantity: number }[] }>(
    "SELECT base_unit, packs FROM items WHERE id = $1",
    [itemId],
  );
  const { base_unit: base, packs } = rows[0]!;
  const factor = unit === base ? 1 : packs.find((pack) => pack.unit === unit)?.quantity;
  if (factor === undefined) {
    throw invalid(
      "/unit",
      `this item has no such unit; it has ${[base, ...packs.map((pack) => pack.unit)].join(", ")}`,
    );
  }
  return factor;
}

/** The position that goods are moved to. Of the same owner; it is added when there is none. */
async function destinationOf(
  client: PoolClient,
  from: StockSum,
  {
    location_id: locationId = from.locationId,
    condition = from.condition,
  }: { location_id?: number | undefined; condition?: string | undefined },
): Promise<number> {
  if (locationId === from.locationId && condition === from.condition)
    throw invalid("/to", "the goods are there already");
  const place = { itemId: from.itemId, locationId, ownerId: from.ownerId, condition };
  const known = await findStockAt(client, place);
  if (known !== undefined) return known.id;
  const { rowCount } = await client.query("SELECT FROM locations WHERE id = $1 FOR KEY SHARE", [locationId]);
  if (rowCount === 0) throw unknownReference("/to/location_id", "location");
  return addPosition(client, { item_id: from.itemId, location_id: locationId, owner_id: from.ownerId, condition });
}

/** Adds a stock position. The first of an item at a location that is good is the one that sensors count. @returns its id */
export async function addPosition(
  client: PoolClient,
  row: {
    item_id: number;
    location_id: number;
    owner_id?: number | null | undefined;
    condition: string;
    /** null, as undefined: it is inherited */
    reorder_point?: number | null | undefined;
  } & Record<string, unknown>,
): Promise<number> {
  const { rows } = await beyondLimits(client, () =>
    client.query("SELECT FROM inventory_items WHERE item_id = $1 AND location_id = $2 AND is_main", [
      row.item_id,
      row.location_id,
    ]),
  );
  const isMain = row.condition === "good" && rows.length === 0;
  const source = isMain ? (row["source"] ?? "ledger") : "ledger";
  const point = row.reorder_point ?? undefined;
  const made = { ...row, reorder_point: point, inherits_reorder_point: point === undefined, source, is_main: isMain };
  return insertRow(client, "inventory_items", made, [
    "item_id",
    "location_id",
    "owner_id",
    "condition",
    "reorder_point",
    "inherits_reorder_point",
    "source",
    "is_main",
  ]);
}
