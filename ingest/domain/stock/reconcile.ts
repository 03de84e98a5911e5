import type { SourceCounts, StockSource, StockState } from "./state.ts";

/*
 * The scale, RFID and the ledger each say how much of one product there is at one place, and one of them governs. When
 * another sensor disagrees with it for 15 minutes, a person is asked to count, and is told which source is the suspect:
 *
 * 1. Of three sources, the one that disagrees with two equal others.
 * 2. Otherwise, where RFID says something: the source with the lowest count. Tags go unread behind metal and liquid, but
 *    a reader never invents one.
 * 3. Otherwise the scale, if its confidence is below 0.8; else the ledger: a movement was not recorded.
 */

/** A shorter disagreement is goods on their way from one sensor to the other, or a movement still to be recorded. */
export const DISAGREEMENT_MS = 15 * 60_000;

/** A scale below this confidence is suspected before the ledger. */
const SURE_CONFIDENCE = 0.8;

type Levels = Pick<StockState, "quantity" | "ledger" | "scale" | "rfid">;

/** Whether a sensor that does not govern disagrees with the quantity. */
export function sourcesDisagree({ quantity, scale, rfid }: Levels, governing: StockSource): boolean {
  const disagrees = (sensor: "scale" | "rfid", count: Levels["scale"]) =>
    governing !== sensor && count !== null && count.quantity !== quantity;
  return disagrees("scale", scale) || disagrees("rfid", rfid);
}

/** The quantity by each source, and which source is most likely wrong; undefined when no sensor disagrees with the quantity. */
export function reconcile(
  levels: Levels,
  governing: StockSource,
): { sourceCounts: SourceCounts; suspect: StockSource } | undefined {
  if (!sourcesDisagree(levels, governing)) return undefined;
  const sourceCounts = countsOf(levels, governing);
  return { sourceCounts, suspect: suspectOf(sourceCounts, levels.scale?.confidence ?? 1) };
}

function countsOf({ quantity, ledger, scale, rfid }: Levels, governing: StockSource): SourceCounts {
  return {
    ...(ledger !== null && { ledger }),
    ...(scale && { scale: scale.quantity }),
    ...(rfid && { rfid: rfid.quantity }),
    [governing]: quantity,
  };
}

function suspectOf(sourceCounts: SourceCounts, scaleConfidence: number): StockSource {
  const counts = Object.entries(sourceCounts) as [StockSource, number][];
  const outvoted = counts.filter(([, quantity]) => counts.filter(([, other]) => other === quantity).length === 1);
  if (counts.length === 3 && outvoted.length === 1) return outvoted[0]![0];
  if (sourceCounts.rfid !== undefined) return counts.toSorted(([, a], [, b]) => a - b)[0]![0];
  return scaleConfidence < SURE_CONFIDENCE ? "scale" : "ledger";
}
