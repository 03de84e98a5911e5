import type { NewFact } from "../fact.ts";
import { CLOCK_MS } from "./clocks.ts";
import { fenceOf } from "./place-parts.ts";
import type { StepContext } from "./state.ts";

/*
 * What goes out of a gate must have gone in. A pass without a direction, of which the strongest reads were missed, leans
 * inward (tag-evidence.ts) when the next pass of the tag is outward at the same place, and every vehicle that stood there
 * during the first has driven off meanwhile, two minutes before the second at least, and not come back: what it had
 * carried stayed behind.
 *
 * A pass outward while a vehicle stands there proves nothing: a gate hears what is aboard. Nor does one after anybody has
 * handled the goods, or a reader aboard or elsewhere has heard them in between.
 */

type Pass = NewFact & { type: "seen" };

/** @param ordered facts of any kind, by the time they happened */
export function explainPasses<F extends NewFact>(ordered: readonly F[], context: StepContext): readonly F[] {
  const wentIn = new Set<NewFact>();
  /** of each tag, the pass that nothing has explained yet */
  const unexplained = new Map<string, Pass>();
  for (const fact of ordered) {
    if (fact.type === "loaded" || fact.type === "unloaded" || fact.type === "scanned") unexplained.clear();
    if (fact.type !== "seen") continue;
    const pass = unexplained.get(fact.subject);
    unexplained.delete(fact.subject);
    if (!isPass(fact)) continue;
    if (pass && isWayOut(pass, fact, context)) wentIn.add(pass);
    if (fact.data.direction === "unknown" && fact.data.likely === undefined) unexplained.set(fact.subject, fact);
  }
  if (wentIn.size === 0) return ordered;
  return ordered.map((fact) => (wentIn.has(fact) ? { ...fact, data: { ...fact.data, likely: "in" } } : fact));
}

function isPass(fact: Pass): boolean {
  return fact.data.portal === true && fact.data.locationId !== null;
}

/** Whether the second pass shows that the goods had stayed at the place of the first. */
function isWayOut(first: Pass, second: Pass, context: StepContext): boolean {
  const place = fenceOf(first.data.locationId!, context);
  if (second.data.direction !== "out" || place === null) return false;
  if (fenceOf(second.data.locationId!, context) !== place) return false;
  const { tracks } = context;
  const vehicles = tracks.vehiclesIn(place, first.at);
  return (
    vehicles.length > 0 &&
    vehicles.every((id) => (tracks.of(id).sinceLeaving(place, second.at) ?? -Infinity) > CLOCK_MS)
  );
}
