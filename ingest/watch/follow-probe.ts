import type { Pool } from "pg";
import type { Conditions } from "../domain/conditions/bands.ts";
import { excursionFact } from "../domain/conditions/excursions.ts";
import type { ProbeStay } from "../domain/conditions/probe-stays.ts";
import { addReading, endWalk, type WalkListener, type WalkState } from "../domain/conditions/probe-walk.ts";
import type { NewFact } from "../domain/fact.ts";
import type { Sample } from "../signals/signal-rule.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";
import type { DeviceProgress } from "../stores/queries/conditions/watched-shipments.ts";
import type { StoredReadings } from "../stores/queries/stored-readings.ts";

/** What was known after the last reading that no other can come before, unless it comes late. */
export interface FollowedProbe {
  /** of the stay and of what the shipment allows */
  key: string;
  /** how many late readings the device had sent by then */
  late: number;
  state: WalkState;
  after: Sample;
  facts: readonly NewFact[];
}

const PAGE = 5_000;
/** Before every reading of its millisecond. */
const FIRST_SEQ = -2;

/**
 * The excursions of a shipment by one of its probes, from the stored readings: so the order in which these have arrived does not matter.
 * It goes on from what is known, unless late readings have come since or another thing is asked; then it begins again.
 */
export async function followProbe(
  { pool, stored }: { pool: Pool; stored: StoredReadings },
  shipment: { id: number; conditions: Conditions },
  stay: ProbeStay,
  progress: DeviceProgress,
  known: FollowedProbe | undefined,
): Promise<{ facts: NewFact[]; followed: FollowedProbe }> {
  const { deviceId, from, to } = stay;
  const { id: shipmentId, conditions } = shipment;
  const key = JSON.stringify([deviceId, from, conditions]);
  const goesOn =
    known !== undefined && known.key === key && known.late === progress.late && (to === null || known.after.ts < to);
  let state: WalkState = goesOn ? known.state : {};
  let after: Sample = goesOn ? known.after : { ts: from, seq: FIRST_SEQ };
  const facts = goesOn ? [...known.facts] : [];
  // A fact that late readings have shown, from before what had been looked at already.
  const lateUntil = !goesOn && known?.key === key && known.late !== progress.late ? known.after.ts : -Infinity;
  const listener: WalkListener = {
    onExcursion(quantity, found, readAt) {
      const fact = excursionFact(found, { shipmentId, deviceId, quantity, band: conditions.bands[quantity]!, readAt });
      facts.push(readAt <= lateUntil ? { ...fact, late: true } : fact);
    },
  };
  const settledUntil = progress.newestTs - REORDER_WINDOW_MS;
  let followed: FollowedProbe = { key, late: progress.late, state, after, facts: [...facts] };
  for (let isLast = false; !isLast;) {
    const page = await stored.read(pool, { deviceId, kind: "env", epc: "" }, after, PAGE);
    isLast = page.length < PAGE;
    for (const { ts, seq, content } of page) {
      if (to !== null && ts >= to) {
        isLast = true;
        break;
      }
      state = addReading(state, content, conditions, from, listener);
      after = { ts, seq };
      if (ts <= settledUntil) followed = { ...followed, state, after, facts };
    }
    // Kept by value: the list grows.
    followed = { ...followed, facts: facts.filter(({ concludedAt }) => concludedAt! <= followed.after.ts) };
  }
  if (to !== null) endWalk(state, conditions, { from, to }, true, listener);
  return { facts, followed };
}
