import { extraLoaded, extraUnloaded } from "./extra-units.ts";
import {
  foundBy,
  goesOut,
  isAboardAfter,
  isOnOther,
  isReadByReader,
  lastPass,
  pickedUp,
  putOff,
  evidenceOf,
} from "./stop-evidence.ts";
import type { StopToVerify, TripEvidence, Unit, VerifiedHandling, VerifiedStop, VerifiedUnit } from "./verified.ts";

/*
 * What was to be loaded and unloaded at the stops of a trip, against what was read there:
 *
 * 1. Expected are units: the handling units of the shipments, tags bound by hand, and shipments that have neither. A unit is read by
 *    its own tags, and by those of the units it is packed in.
 * 2. Loaded is what went out through a gate of the place while the vehicle was there and did not come in again, or what the reader
 *    aboard heard after the vehicle had left, or what was scanned. Unloaded is what came in, what the reader aboard heard last while
 *    the vehicle was there, or what was scanned. Clocks may differ by two minutes.
 *    What another vehicle took first is not loaded.
 * 3. A person's word for a shipment counts for its only unit, and for units without a tag; for each of several units only where no
 *    reader has read anything.
 * 4. Once the vehicle has left the stop, what is expected and not read is missing.
 * 5. Extra is what was loaded or unloaded in the same ways although no stop up to here plans it (extra-units.ts). What is loaded at
 *    the last stop is for another trip, and what is unloaded at the first stop is of the one before, unless the plan unloads there.
 */

/** @param stops in their order */
export function verifyTrip(stops: readonly StopToVerify[], evidence: TripEvidence): VerifiedStop[] {
  const facts = evidence.facts.toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  const given = { ...evidence, facts };
  return stops.map((stop, at) => ({
    load: verify(stop, "load", given, () => (at === stops.length - 1 ? [] : extraLoaded(stops, at, given))),
    unload: verify(stop, "unload", given, () => (isOfTripBefore(stops, at) ? [] : extraUnloaded(stops, at, given))),
  }));
}

const isOfTripBefore = (stops: readonly StopToVerify[], at: number): boolean =>
  at === 0 && stops.length > 1 && stops[at]!.unload.size === 0;

function verify(
  stop: StopToVerify,
  action: "load" | "unload",
  evidence: TripEvidence,
  extraOf: () => VerifiedUnit[],
): VerifiedHandling {
  const expected = evidence.units.filter(({ shipmentId }) => stop[action].has(shipmentId));
  if (stop.during === null) {
    return { expected: expected.length, read: [], missing: stop.isSkipped ? expected.map(unread) : [], extra: [] };
  }
  const byReaders = new Map(expected.map((unit) => [unit, readerEvidence(unit, stop, action, evidence)]));
  const hasReaders = [...byReaders.values()].some((found) => found !== undefined && found !== "contradicted");
  const [read, missing]: [VerifiedUnit[], VerifiedUnit[]] = [[], []];
  for (const unit of expected) {
    const found = byReaders.get(unit);
    const word = found === "contradicted" ? undefined : evidenceOf(unit, stop, action, evidence);
    const isOnly = !expected.some((other) => other !== unit && other.shipmentId === unit.shipmentId);
    const isWordEnough = word?.by === "scan" || !hasReaders || unit.tags.length === 0 || isOnly;
    if (found !== undefined && found !== "contradicted") read.push(found);
    else if (word && isWordEnough) read.push(word);
    else if (stop.hasLeft) missing.push(unread(unit));
  }
  return { expected: expected.length, read, missing, extra: extraOf() };
}

/** Contradicted: the last pass went the other way. */
function readerEvidence(
  unit: Unit,
  stop: StopToVerify,
  action: "load" | "unload",
  evidence: TripEvidence,
): VerifiedUnit | "contradicted" | undefined {
  const pass = lastPass(unit, stop, evidence);
  if (action === "load" && isOnOther(unit.shipmentId, pass?.at ?? stop.during!.to, stop, evidence))
    return "contradicted";
  if (pass) {
    const isOut = goesOut(pass);
    if (isOut === undefined || isOut === (action === "load")) return foundBy(unit, pass, "gate");
    return "contradicted";
  }
  const aboard =
    action === "load"
      ? pickedUp(unit, stop, evidence)
      : (putOff(unit, stop, evidence) ?? isReadByReader(unit, stop, evidence));
  if (!aboard) return undefined;
  const isGone = action === "unload" && isAboardAfter(unit, stop, evidence);
  return isGone
    ? undefined
    : foundBy(unit, aboard, aboard.data && "vehicleId" in aboard.data ? "reader_aboard" : "gate");
}

function unread({ shipmentId, sscc, tags }: Unit): VerifiedUnit {
  return { shipmentId, sscc, epc: tags[0]?.epc ?? null, at: null, by: null };
}
