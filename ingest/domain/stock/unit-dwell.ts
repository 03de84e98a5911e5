import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { gs1KeysOf } from "../gs1/epc-keys.ts";
import { parsePureIdentity } from "../gs1/epc-uri.ts";
import { filterCrossReads } from "../shipment/cross-reads.ts";

/** A time a tagged unit was at a place (`to: null`: it still is), and the facts that show it. Epoch milliseconds. */
export interface UnitDwell {
  locationId: number;
  from: number;
  to: number | null;
  arrivalFact: NewFact;
  departureFact: NewFact | null;
}

/** The GTIN (14 digits) of the item that the tag with this key is a unit of; undefined for any other tag. */
export function gtinOfTag(key: string): string | undefined {
  const epc = key.startsWith("urn:epc:id:sgtin:") ? parsePureIdentity(key) : undefined;
  return epc && gs1KeysOf(epc).gtin;
}

/**
 * Folds the facts of one tag (any order) to the places where its unit was:
 *
 * 1. A read inside a place starts a dwell there. A read aboard a vehicle does not: the unit is in no stock then.
 * 2. The dwell ends when the tag is read going out or elsewhere, or is no longer read at all.
 * 3. That a portal no longer reads the tag ends nothing: the unit went in past the portal, and is still there.
 */
export function foldUnitDwells(facts: readonly NewFact[]): UnitDwell[] {
  const dwells: UnitDwell[] = [];
  let current: UnitDwell | undefined;
  const depart = (fact: NewFact): void => {
    if (current === undefined) return;
    if (fact.at > current.from) dwells.push({ ...current, to: fact.at, departureFact: fact });
    current = undefined;
  };
  const arrive = (locationId: number, fact: NewFact): void => {
    current = { locationId, from: fact.at, to: null, arrivalFact: fact, departureFact: null };
  };
  for (const { fact, stillReadAt } of filterCrossReads([...facts].sort(byEventTime))) {
    if (fact.type === "seen" && fact.data.direction === "in") {
      const { locationId } = fact.data;
      if (current?.locationId === locationId) continue;
      depart(fact);
      if (locationId !== null) arrive(locationId, fact);
    } else if (fact.type === "seen" && fact.data.direction === "out") {
      depart(fact);
    } else if (fact.type === "gone" && fact.data.portal !== true && fact.data.locationId === current?.locationId) {
      depart(fact);
      const next = stillReadAt?.data.locationId ?? null;
      if (next !== null) arrive(next, fact);
    }
  }
  return current === undefined ? dwells : [...dwells, current];
}

/** A unit arrived at (+1) or departed from (−1) a stock position. */
export interface UnitMove {
  change: 1 | -1;
  fact: NewFact;
}

/**
 * The number of units at a stock position after each move, as `counted` facts: where RFID governs, they set the quantity.
 * @param before the number of units before the first of `moves` (any order)
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
    return { ...common, subject: `stock:${stockId}`, type: "counted", data, rule: "unit-dwell" };
  });
}

export function unitCountKey(stockId: number, factKey: string): string {
  return `counted:${stockId}:${factKey}`;
}

/** The signal of these counts: not one tag, but all tags at the place. */
const UNIT_SIGNAL = "units";
