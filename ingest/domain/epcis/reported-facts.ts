import type { FactData, FactType, NewFact, Stage } from "../fact.ts";
import { factOrder } from "../fact-order.ts";
import type { Places } from "../place.ts";
import type { Statement } from "./captured.ts";

/*
 * How captured events become facts of a shipment. The facts follow from all that was captured about it and was not declared wrong, so the
 * order in which events arrive does not matter.
 *
 * 1. What another Waystock has concluded, it says: status, stage and place are `reported`. Its evidence (a tag at a gate) is recorded
 *    without effect (`heard`), for its effect is told by events of their own.
 * 2. Of other senders the business step says what was done (`FACT_OF` below), at the business location, else at the read point.
 * 3. The first statement that makes something new (commissioning, packing, any other ADD of an object) begins a shipment that was not
 *    known, where it names a place that we know, or a stage.
 */

/** What a partner says may be wrong: it is not a sensor of ours. */
const CONFIDENCE = 0.8;

/** What the URIs of statements mean here. */
export interface Known {
  location(uri: string | null): number | undefined;
  vehicle(uri: string | null): number | undefined;
  places: Places;
}

export interface Subject {
  shipmentId: number;
  /** the tag that the statement named, if it did not name the shipment itself */
  tag?: string;
}

export type Translation = { facts: NewFact[] } | { problem: string };

const CREATING = new Set(["commissioning", "packing", "encoding"]);

export const isCreating = ({ action, step, isEvidence }: Statement): boolean =>
  action === "ADD" && !isEvidence && (step === null || CREATING.has(step));

/** Where a shipment begins that this statement makes. @returns undefined when it does not say */
export function beginningOf(statement: Statement, known: Known): FactData["created"] | undefined {
  const locationId = known.location(statement.place) ?? known.location(statement.readPoint);
  if (locationId === undefined)
    return statement.stage === null ? undefined : { stage: statement.stage, locationId: null };
  return { stage: statement.stage ?? known.places.get(locationId)?.stage ?? "storage", locationId };
}

export function createdFact(statement: Statement, shipmentId: number, data: FactData["created"]): NewFact {
  return { ...common(statement, { shipmentId }, "created"), type: "created", data };
}

export function translate(statement: Statement, subject: Subject, known: Known): Translation {
  const { step, place: placeUri, readPoint, status } = statement;
  const place = known.location(placeUri) ?? (isLeaving(statement) ? undefined : known.location(readPoint));
  const make = <T extends FactType>(type: T, data: FactData[T]): Translation => ({
    facts: [{ ...common(statement, subject, type), type, data } as NewFact],
  });
  const noPlace = (): Translation => {
    const named = placeUri ?? readPoint;
    return { problem: named === null ? "it names no place" : `the place ${named} is not known here` };
  };

  if (step === "sensor_reporting") {
    const { alarm } = statement;
    return alarm === null ? { facts: [] } : make("excursion", { ...alarm, min: null, max: null, minutes: 0 });
  }
  if (step === "entering_exiting" && (statement.isEvidence || subject.tag !== undefined)) {
    const at = known.location(readPoint) ?? place;
    if (at === undefined) return noPlace();
    const direction = statement.direction ?? (placeUri === null ? "out" : "in");
    if (!statement.isEvidence) return make("seen", { locationId: at, portal: true, direction });
    return make("heard", { locationId: at, portal: true, since: statement.at, last: statement.at });
  }
  if (statement.isEvidence) return { facts: [] };
  if (status !== null) {
    if (placeUri !== null && place === undefined) return noPlace();
    const stage = statement.stage ?? stageOf(place, known) ?? "transportation";
    const vehicleId = known.vehicle(statement.vehicle) ?? null;
    return make("reported", { status, stage, locationId: placeUri === null ? null : (place ?? null), vehicleId });
  }
  if (isLeaving(statement)) {
    const vehicleId = known.vehicle(statement.parent) ?? null;
    return make("reported", { status: null, stage: "transportation", locationId: null, vehicleId });
  }
  if (step === "decommissioning" || step === "destroying" || step === "void_shipping")
    return make("reported", {
      status: "cancelled",
      stage: stageOf(place, known) ?? "storage",
      locationId: place ?? null,
      vehicleId: null,
    });
  if (step === "loading") {
    const vehicleId = known.vehicle(statement.parent);
    if (vehicleId !== undefined) return make("loaded", { vehicleId, locationId: place ?? null });
    return place === undefined ? noPlace() : make("scanned", scan("load", place, statement));
  }
  if (place === undefined) {
    if (step === "accepting") return make("proof", { name: "EPCIS", note: null });
    return noPlace();
  }
  if (statement.disposition === "returned")
    return make("reported", {
      status: "returned",
      stage: stageOf(place, known) ?? "storage",
      locationId: place,
      vehicleId: null,
    });
  if (step === "unloading") return make("unloaded", { locationId: place });
  return make("scanned", scan(FACT_OF[step ?? ""] ?? null, place, statement));
}

const FACT_OF: Readonly<Record<string, FactData["scanned"]["action"]>> = {
  receiving: "receive",
  picking: "pick",
  accepting: "deliver",
  cycle_counting: "count",
  stock_taking: "count",
};

const LEAVING = new Set(["departing", "shipping", "transporting", "consigning"]);

function isLeaving({ step, disposition, place }: Statement): boolean {
  if (step !== null && LEAVING.has(step)) return place === null || step === "departing" || step === "shipping";
  return place === null && disposition === "in_transit" && step !== "loading";
}

const scan = (
  action: FactData["scanned"]["action"],
  locationId: number,
  { thing }: Statement,
): FactData["scanned"] => ({ action, locationId, vehicleId: null, code: thing });

function stageOf(locationId: number | undefined, { places }: Known): Stage | undefined {
  return locationId === undefined ? undefined : (places.get(locationId)?.stage ?? undefined);
}

function common({ eventId, at, event, confidence }: Statement, { shipmentId, tag }: Subject, type: FactType) {
  // Of one instant what its sender has folded first comes first.
  const order = String(factOrder(event ?? type)).padStart(2, "0");
  return {
    key: `epcis:${order}:${eventId}:${type}:${shipmentId}`,
    subject:
      (type === "seen" || type === "heard") && tag !== undefined
        ? (`tag:${tag}` as const)
        : (`shipment:${shipmentId}` as const),
    at,
    rule: "epcis",
    evidence: [{ kind: "epcis", epcis_event: eventId }],
    confidence: confidence ?? CONFIDENCE,
  };
}
