import type { NewFact } from "../fact.ts";
import { isWithin } from "../time-range.ts";
import {
  type DwellAboard,
  dwellsAboard,
  goesOut,
  isDuring,
  isOfVehicle,
  isOnOther,
  isUntilNext,
  leftWith,
  passesAt,
} from "./stop-evidence.ts";
import type { StopToVerify, TripEvidence, Unit, VerifiedUnit } from "./verified.ts";

/*
 * What was loaded or unloaded at a stop although nothing plans it:
 *
 * 1. Loaded: the last pass of its tag went out, or the reader aboard heard it when the vehicle left, or its shipment was on the
 *    vehicle from then on by all that is known. What is aboard since an earlier stop, or another vehicle took, is not extra here;
 *    nor is a tag that belongs to the vehicle and to no shipment, nor what a later stop unloads and no stop is said to load.
 * 2. Unloaded: the last pass of its tag went in and it was aboard before; or its shipment was put off there by all that is known.
 *    Goods that come in by other ways are none of this trip.
 */

export function extraLoaded(stops: readonly StopToVerify[], at: number, evidence: TripEvidence): VerifiedUnit[] {
  const stop = stops[at]!;
  const isUnloadedLater = (id: number): boolean =>
    stops.slice(at + 1).some(({ unload }) => unload.has(id)) && !stops.some(({ load }) => load.has(id));
  const isExpected = (id: number | null): boolean =>
    id !== null && (stops.slice(0, at + 1).some(({ load }) => load.has(id)) || isUnloadedLater(id));
  const earlier = dwellsAboard(evidence).filter(({ since }) => stop.during !== null && since < stop.during.from);
  const found = new Found(evidence);
  for (const { fact, isOut } of lastPasses(stop, evidence)) {
    const epc = epcOf(fact);
    if (
      !isOut ||
      earlier.some((dwell) => dwell.epc === epc) ||
      isOnOther(unitOf(fact, evidence)?.shipmentId, fact.at, stop, evidence)
    )
      continue;
    found.addTag(fact, "gate", isExpected);
  }
  for (const dwell of dwellsAboard(evidence)) {
    const isNamed = unitOf(dwell.fact, evidence) !== undefined;
    if (!isNewAboard(stop, dwell) || (!isNamed && isOfVehicle(dwell, stop, evidence))) continue;
    found.addTag(dwell.fact, "reader_aboard", isExpected);
  }
  for (const { shipmentId, vehicleId, from } of evidence.onVehicles) {
    const isLoaded =
      vehicleId === evidence.vehicleId && isUntilNext(stop, from) && !isDuringAny(stops.slice(at + 1), from);
    if (isLoaded) found.addShipment(shipmentId, from, isExpected);
  }
  return found.units;
}

export function extraUnloaded(stops: readonly StopToVerify[], at: number, evidence: TripEvidence): VerifiedUnit[] {
  const stop = stops[at]!;
  const isExpected = (id: number | null): boolean => id !== null && stop.unload.has(id);
  const found = new Found(evidence);
  for (const { fact, isOut } of lastPasses(stop, evidence)) {
    if (isOut || !wasAboard(fact, stops.slice(0, at), evidence)) continue;
    found.addTag(fact, "gate", isExpected);
  }
  for (const { shipmentId, vehicleId, to } of evidence.onVehicles) {
    const isPutOff = vehicleId === evidence.vehicleId && to !== null && isDuring(stop, to);
    if (isPutOff) found.addShipment(shipmentId, to, isExpected);
  }
  return found.units;
}

const isDuringAny = (stops: readonly StopToVerify[], at: number): boolean => stops.some((stop) => isDuring(stop, at));

/** Of each tag the last pass whose direction is known. */
function lastPasses(stop: StopToVerify, evidence: TripEvidence): { fact: NewFact; isOut: boolean }[] {
  const passes = new Map<string, { fact: NewFact; isOut: boolean }>();
  for (const fact of passesAt(stop, evidence)) {
    const isOut = goesOut(fact);
    if (isOut !== undefined) passes.set(fact.subject, { fact, isOut });
  }
  return [...passes.values()];
}

/** The reader aboard hears it since this stop, and has it when the vehicle leaves. */
function isNewAboard(stop: StopToVerify, dwell: DwellAboard): boolean {
  return stop.hasLeft && dwell.since >= stop.during!.from && isDuring(stop, dwell.since) && leftWith(stop, dwell);
}

/** It was loaded at an earlier stop, by plan or by what was read there. */
function wasAboard(fact: NewFact, earlier: readonly StopToVerify[], evidence: TripEvidence): boolean {
  const shipmentId = unitOf(fact, evidence)?.shipmentId;
  if (shipmentId !== undefined && earlier.some(({ load }) => load.has(shipmentId))) return true;
  if (dwellsAboard(evidence).some(({ epc, since }) => epc === epcOf(fact) && since < fact.at)) return true;
  return earlier.some((stop) =>
    lastPasses(stop, evidence).some((pass) => pass.isOut && pass.fact.subject === fact.subject),
  );
}

const epcOf = ({ subject }: NewFact): string => subject.slice("tag:".length);

/** The unit whose own tag this is, else one that is packed in it. */
function unitOf(fact: NewFact, { units }: TripEvidence): Unit | undefined {
  const epc = epcOf(fact);
  const has = (tag: Unit["tags"][number] | undefined): boolean => tag?.epc === epc && isWithin(tag, fact.at);
  return units.find(({ tags }) => has(tags[0])) ?? units.find(({ tags }) => tags.some(has));
}

/** Extra units, each once. */
class Found {
  readonly units: VerifiedUnit[] = [];
  readonly #evidence: TripEvidence;

  constructor(evidence: TripEvidence) {
    this.#evidence = evidence;
  }

  addTag(fact: NewFact, by: VerifiedUnit["by"], isExpected: (shipmentId: number | null) => boolean): void {
    const unit = unitOf(fact, this.#evidence);
    const shipmentId = unit?.shipmentId ?? null;
    if (isExpected(shipmentId)) return;
    const isKnown = this.units.some(({ epc, sscc }) => epc === epcOf(fact) || (sscc !== null && sscc === unit?.sscc));
    if (!isKnown) this.units.push({ shipmentId, sscc: unit?.sscc ?? null, epc: epcOf(fact), at: fact.at, by });
  }

  /** Of a shipment whose units were read, nothing more is said. */
  addShipment(shipmentId: number, at: number, isExpected: (shipmentId: number | null) => boolean): void {
    if (isExpected(shipmentId) || this.units.some((unit) => unit.shipmentId === shipmentId)) return;
    this.units.push({ shipmentId, sscc: null, epc: null, at, by: "booking" });
  }
}
