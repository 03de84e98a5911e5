import { byTime, type NewFact } from "../fact.ts";
import { gs1KeysOf } from "../gs1/epc-keys.ts";
import { withoutNeighbours } from "../shipment/cross-reads.ts";
import { parsePureIdentity } from "../gs1/epc-uri.ts";

/** From when to when (null: still) a tagged unit was at a place, and the facts that say so. Epoch milliseconds. */
export interface UnitStay {
  locationId: number;
  from: number;
  to: number | null;
  cameBy: NewFact;
  leftBy: NewFact | null;
}

/** The GTIN, 14 digits, of the item that a tag with this key is a unit of; undefined: it is the tag of something else. */
export function gtinOfTag(key: string): string | undefined {
  const epc = key.startsWith("urn:epc:id:sgtin:") ? parsePureIdentity(key) : undefined;
  return epc && gs1KeysOf(epc).gtin;
}

/**
 * Folds the facts of one tag (any order) to where its unit was. It comes by being seen inside, and leaves by being seen
 * on its way out, by being seen elsewhere, or where it lay by not being read any more. What a portal no longer reads is
 * where it went.
 */
export function foldStays(facts: readonly NewFact[]): UnitStay[] {
  const stays: UnitStay[] = [];
  let current: UnitStay | undefined;
  const leave = (fact: NewFact): void => {
    if (current === undefined) return;
    if (fact.at > current.from) stays.push({ ...current, to: fact.at, leftBy: fact });
    current = undefined;
  };
  const come = (locationId: number, fact: NewFact): void => {
    current = { locationId, from: fact.at, to: null, cameBy: fact, leftBy: null };
  };
  for (const { fact, stillAt } of withoutNeighbours([...facts].sort(byTime))) {
    if (fact.type === "seen" && fact.data.direction === "in") {
      const { locationId } = fact.data;
      if (current?.locationId === locationId) continue;
      leave(fact);
      // Aboard a vehicle it is in nobody's stock.
      if (locationId !== null) come(locationId, fact);
    } else if (fact.type === "seen" && fact.data.direction === "out") {
      leave(fact);
    } else if (fact.type === "gone" && fact.data.portal !== true && fact.data.locationId === current?.locationId) {
      leave(fact);
      const next = stillAt?.data.locationId ?? null;
      if (next !== null) come(next, fact);
    }
  }
  return current === undefined ? stays : [...stays, current];
}

/** A unit came to (+1) or left (−1) a stock position. */
export interface UnitMove {
  change: 1 | -1;
  fact: NewFact;
}

/**
 * How many units were at a stock position after each move: facts that set the level where RFID governs it.
 * @param before how many there were before the first of `moves` (any order)
 */
export function countUnits(stockId: number, before: number, moves: readonly UnitMove[]): NewFact[] {
  const ordered = moves
    .map(({ change, fact }) => ({ change, fact, key: unitCountKey(stockId, fact.key) }))
    .sort((a, b) => a.fact.at - b.fact.at || (a.key < b.key ? -1 : 1));
  let quantity = before;
  return ordered.map(({ change, fact, key }) => {
    quantity += change;
    const { at, evidence, confidence, deviceId } = fact;
    const data = { quantity, source: "rfid", change } as const;
    const common = { key, at, evidence, confidence, signal: UNIT_SIGNAL, ...(deviceId !== undefined && { deviceId }) };
    return { ...common, subject: `stock:${stockId}`, type: "counted", data, rule: "unit-stay" };
  });
}

export function unitCountKey(stockId: number, factKey: string): string {
  return `counted:${stockId}:${factKey}`;
}

/** Names what these counts are derived from: not one tag, but all that were there. */
const UNIT_SIGNAL = "units";
