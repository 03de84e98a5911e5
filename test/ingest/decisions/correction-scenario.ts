import type { Pool } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { worldIn } from "../../support/world.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
export const minute = (n: number): number => T + n * 60_000;

export interface Places {
  hub: number;
  other: number;
  shop: number;
}

/**
 * Of a fact: it becomes known; it is derived again with other values; late readings move it to another time; they do not give it any
 * longer; a person voids or restores it.
 */
export type Act = "add" | "revise" | "move" | "retract" | "void" | "restore";

/** What happens to each fact, in this order; between facts any order may come. */
export const SCENARIO: Record<string, Act[]> = {
  wrongTruck: ["add", "void"],
  rightTruck: ["add"],
  departed: ["add", "revise"],
  ghostArrival: ["add", "void", "revise"],
  movedWhileVoid: ["add", "void", "move"],
  movedAndRestored: ["add", "void", "move", "restore"],
  wrongUnload: ["add", "void", "restore", "void"],
  restoredUnload: ["add", "void", "restore"],
  ghostTag: ["add", "void", "retract", "restore"],
  withdrawnAndBack: ["add", "retract", "void", "add", "restore"],
  arrived: ["add", "retract", "add"],
  tag: ["add"],
  override: ["add"],
  proof: ["add"],
};
export type Name = keyof typeof SCENARIO;

export interface Cast {
  shipment: number;
  facts: Record<Name, NewFact>;
}

/** A shipment with a cast of its own. */
export async function castNew(pool: Pool, places: Places): Promise<Cast> {
  const world = worldIn(pool);
  const shipment = await world.shipment(places.hub, places.shop, minute(0));
  const [right, wrong] = [await world.vehicle("right"), await world.vehicle("wrong")];
  const epc = `tag-${shipment}`;
  await world.tag(shipment, epc);
  const person = {
    subject: `shipment:${shipment}` as const,
    rule: "person",
    evidence: [{ actor_id: 1 }],
    confidence: 1,
  };
  const reading = { evidence: [{ device_id: "d", kind: "k" }], confidence: 0.9, deviceId: "d" };
  const tracked = { ...reading, subject: `vehicle:${right}` as const, rule: "position", signal: "gps" };
  const read = { ...reading, subject: `tag:${epc}` as const, rule: "tag-presence", signal: `rfid ${epc}` };
  const seen = (locationId: number) => ({ locationId, direction: "in" as const, portal: true as const, reads: 9 });
  const facts: Record<Name, Omit<NewFact, "key">> = {
    wrongTruck: { ...person, type: "loaded", at: minute(5), data: { vehicleId: wrong, locationId: null } },
    rightTruck: { ...person, type: "loaded", at: minute(6), data: { vehicleId: right, locationId: null } },
    departed: { ...tracked, type: "departed", at: minute(10), data: { locationId: places.hub } },
    ghostArrival: { ...tracked, type: "arrived", at: minute(20), data: { locationId: places.other } },
    movedWhileVoid: { ...tracked, type: "arrived", at: minute(31), data: { locationId: places.other } },
    movedAndRestored: { ...tracked, type: "departed", at: minute(90), data: { locationId: places.shop } },
    wrongUnload: { ...person, type: "unloaded", at: minute(15), data: { locationId: places.other } },
    restoredUnload: { ...person, type: "unloaded", at: minute(70), data: { locationId: places.other } },
    ghostTag: { ...read, type: "seen", at: minute(30), data: seen(places.other) },
    withdrawnAndBack: { ...read, type: "seen", at: minute(80), data: seen(places.hub) },
    arrived: { ...tracked, type: "arrived", at: minute(40), data: { locationId: places.shop } },
    tag: { ...read, type: "seen", at: minute(45), data: seen(places.shop) },
    override: {
      ...person,
      type: "manual",
      at: minute(50),
      data: { status: "exception", stage: null, locationId: null },
    },
    proof: { ...person, type: "proof", at: minute(60), data: { name: "Ada", note: null } },
  };
  const keyed = Object.entries(facts).map(([name, fact]) => [name, { ...fact, key: `${shipment} ${name}` } as NewFact]);
  return { shipment, facts: Object.fromEntries(keyed) as Cast["facts"] };
}
