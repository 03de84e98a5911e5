import type { NewFact } from "../fact.ts";
import { isWithin } from "../time-range.ts";
import type { StopToVerify, TripEvidence, Unit, VerifiedUnit } from "./verified.ts";

/** The clocks of a gate, a scanner and a tracker may differ by this much, milliseconds. */
export const CLOCK_MS = 120_000;
/** A reader on a vehicle that hears a tag for so long after the departure has it aboard, milliseconds. */
const BEYOND_DEPARTURE_MS = 15_000;
/** Goods are put on a shelf, whose reader reads them, for so long after the vehicle has left, milliseconds. */
const PUT_AWAY_MS = 30 * 60_000;

type Seen = NewFact & { type: "seen" };

/** A tag heard by the reader on the vehicle, epoch milliseconds; `last: Infinity`: still. */
export interface DwellAboard {
  fact: NewFact;
  epc: string;
  since: number;
  last: number;
}

export function isDuring({ during }: StopToVerify, at: number): boolean {
  return during !== null && at >= during.from - CLOCK_MS && at <= during.to + CLOCK_MS;
}

/** Goods that another vehicle takes so long after the departure may have been at the gate for it, milliseconds. */
const OTHER_VEHICLE_MS = 30 * 60_000;

/** While the vehicle was at the stop, and on its way to the next one: what was loaded may be told on the road. */
export function isUntilNext(stop: StopToVerify, at: number): boolean {
  if (isDuring(stop, at)) return true;
  return stop.during !== null && at >= stop.during.from && at < stop.nextArrival;
}

/**
 * Another vehicle is the first that has the shipment after `at`, which lies at the stop. What brought it there is none that took it: its
 * time ends there.
 */
export function isOnOther(
  shipmentId: number | undefined,
  at: number,
  { during }: StopToVerify,
  { onVehicles, vehicleId }: TripEvidence,
): boolean {
  const [first] = onVehicles
    .filter(({ shipmentId: id, from }) => id === shipmentId && from <= during!.to + OTHER_VEHICLE_MS)
    .filter(({ from, to }) => from >= at || to === null || to > at + CLOCK_MS)
    .toSorted((a, b) => a.from - b.from || a.vehicleId - b.vehicleId);
  return first !== undefined && first.vehicleId !== vehicleId;
}

const isOf = ({ tags }: Unit, { subject, at }: NewFact): boolean =>
  tags.some((tag) => subject === `tag:${tag.epc}` && isWithin(tag, at));

/** Passes through gates of the place while the vehicle was there, in order of time. */
export function passesAt(stop: StopToVerify, { facts }: TripEvidence): Seen[] {
  return facts.filter(
    (fact): fact is Seen =>
      fact.type === "seen" &&
      fact.data.portal === true &&
      fact.data.locationId !== null &&
      stop.locationIds.has(fact.data.locationId) &&
      isDuring(stop, fact.at),
  );
}

/** Whether it went out (true) or in (false); undefined: nobody can say. */
export function goesOut({ data: { direction, likely } }: Seen): boolean | undefined {
  if (direction !== "unknown") return direction === "out";
  return likely === undefined ? undefined : likely === "out";
}

/** The last pass whose direction is known, else the last one. */
export function lastPass(unit: Unit, stop: StopToVerify, evidence: TripEvidence): Seen | undefined {
  const passes = passesAt(stop, evidence).filter((fact) => isOf(unit, fact));
  return passes.findLast((pass) => goesOut(pass) !== undefined) ?? passes.at(-1);
}

/** What the reader on the vehicle heard, and from when to when. */
export function dwellsAboard({ vehicleId, facts }: TripEvidence): DwellAboard[] {
  const open = new Map<string, DwellAboard>();
  const dwells: DwellAboard[] = [];
  for (const fact of facts) {
    if ((fact.type !== "seen" && fact.type !== "gone") || fact.data.vehicleId !== vehicleId) continue;
    const epc = fact.subject.slice("tag:".length);
    const key = `${epc} ${fact.deviceId ?? ""}`;
    const dwell = open.get(key);
    if (fact.type === "gone") {
      if (dwell) Object.assign(dwell, { since: Math.min(dwell.since, fact.data.since), last: fact.data.last });
      else dwells.push({ fact, epc, since: fact.data.since, last: fact.data.last });
      open.delete(key);
    } else if (dwell === undefined) {
      const begun = { fact, epc, since: fact.at, last: Infinity };
      open.set(key, begun);
      dwells.push(begun);
    }
  }
  return dwells;
}

/** A reader that was just switched on reads what is fixed beside it within so long, milliseconds. */
const FIRST_READS_MS = 60_000;

/**
 * The tag was there before anybody could load it: the reader aboard heard it before, or first of all that it ever heard. Readers have a
 * tag beside the antenna that proves that they read, and roll containers stay aboard.
 */
export function isOfVehicle(
  { epc, fact, since }: DwellAboard,
  { during }: StopToVerify,
  evidence: TripEvidence,
): boolean {
  const firstAt = evidence.readersSince?.get(fact.deviceId ?? "") ?? -Infinity;
  const isBefore = (dwell: DwellAboard): boolean =>
    dwell.epc === epc && dwell.since < during!.from && dwell.last >= during!.from - CLOCK_MS;
  return since <= firstAt + FIRST_READS_MS || dwellsAboard(evidence).some(isBefore);
}

/** Whether the reader aboard had it when the vehicle left the stop; while it stands there: whether it has it. */
export function leftWith({ during, hasLeft, nextArrival }: StopToVerify, { since, last }: DwellAboard): boolean {
  if (during === null || since >= nextArrival) return false;
  return hasLeft ? last >= during.to + BEYOND_DEPARTURE_MS : last >= during.from;
}

function dwellsOf(unit: Unit, evidence: TripEvidence): DwellAboard[] {
  return dwellsAboard(evidence).filter(({ fact }) => isOf(unit, fact));
}

export function pickedUp(unit: Unit, stop: StopToVerify, evidence: TripEvidence): NewFact | undefined {
  return dwellsOf(unit, evidence).find((dwell) => leftWith(stop, dwell))?.fact;
}

export function isAboardAfter(unit: Unit, stop: StopToVerify, evidence: TripEvidence): boolean {
  return stop.hasLeft && pickedUp(unit, stop, evidence) !== undefined;
}

/** The reader aboard heard it until the vehicle stood at the stop, and no longer. */
export function putOff(unit: Unit, stop: StopToVerify, evidence: TripEvidence): NewFact | undefined {
  return dwellsOf(unit, evidence).find(({ since, last }) => isDuring(stop, last) && since < stop.during!.from)?.fact;
}

/** A reader of the place, other than a gate, reads it there. */
export function isReadByReader(unit: Unit, stop: StopToVerify, { facts }: TripEvidence): NewFact | undefined {
  const { during } = stop;
  return facts.find(
    (fact) =>
      fact.type === "seen" &&
      fact.data.portal !== true &&
      fact.data.direction === "in" &&
      fact.data.locationId !== null &&
      stop.locationIds.has(fact.data.locationId) &&
      during !== null &&
      fact.at >= during.from - CLOCK_MS &&
      fact.at <= during.to + PUT_AWAY_MS &&
      isOf(unit, fact),
  );
}

/** A scan of the unit, or a person's word for its whole shipment. */
export function evidenceOf(
  unit: Unit,
  stop: StopToVerify,
  action: "load" | "unload",
  { vehicleId, facts }: TripEvidence,
): VerifiedUnit | undefined {
  const isTime = (at: number): boolean => (action === "load" ? isUntilNext(stop, at) : isDuring(stop, at));
  const told = facts.filter(
    (fact) => fact.subject === `shipment:${unit.shipmentId}` && isTime(fact.at) && says(fact, action, vehicleId),
  );
  const scan = told.find((fact) => unit.sscc !== null && fact.type === "scanned" && fact.data.code.includes(unit.sscc));
  const word = scan ?? told.find((fact) => !isScanOfUnit(fact));
  if (!word) return undefined;
  const { shipmentId, sscc, tags } = unit;
  return { shipmentId, sscc, epc: tags[0]?.epc ?? null, at: word.at, by: scan ? "scan" : "booking" };
}

function says(fact: NewFact, action: "load" | "unload", vehicleId: number): boolean {
  switch (fact.type) {
    case "loaded":
      return action === "load" && fact.data.vehicleId === vehicleId;
    case "unloaded":
    case "proof":
      return action === "unload";
    case "scanned": {
      const { action: did } = fact.data;
      const isUnloading = did === "unload" || did === "receive" || did === "deliver";
      return action === "load" ? did === "load" : isUnloading;
    }
    default:
      return false;
  }
}

/** An SSCC with or without its application identifier: it names one unit and not the shipment. */
function isScanOfUnit(fact: NewFact): boolean {
  return fact.type === "scanned" && /^\D?(?:00\D?)?\d{18}$/.test(fact.data.code);
}

export function foundBy(unit: Unit, { at, subject }: NewFact, by: VerifiedUnit["by"]): VerifiedUnit {
  const epc = subject.startsWith("tag:") ? subject.slice("tag:".length) : (unit.tags[0]?.epc ?? null);
  return { shipmentId: unit.shipmentId, sscc: unit.sscc, epc, at, by };
}
