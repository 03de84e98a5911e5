/*
 * Where goods are held up. A place is compared with its own past: what usually stays for a week is no bottleneck after a day.
 *
 *   usual    what nine in ten stays there took at most before the window; of a place without a past, in its stage. Not the median: half
 *            of all goods stay longer than that on any day, and a busy place would always seem jammed
 *   excess   by how much longer each stay took or takes than that, within the window, times its units: unit-hours
 *   trend    what came less what left in the second half of the window, against the first
 */

export interface PlaceLoad {
  /** shipments and units that are there now */
  shipmentsWaiting: number;
  unitsWaiting: number;
  /** of the longest of these */
  longestWaitHours: number | null;
  /** shipments that came and left in the window */
  arrived: number;
  left: number;
  windowHours: number;
  /** net growth of shipments in the first and the second half of the window */
  growth: readonly [number, number];
  usualHours: number | null;
  /** how many dwells that is known of, and whose they are */
  usualOf: { stays: number; of: "place" | "stage" } | null;
  /** units times hours beyond what is usual */
  excessUnitHours: number;
}

export type Trend = "growing" | "shrinking" | "steady";

/** Fewer dwells than this tell nothing of what is usual. */
export const MIN_STAYS = 5;
/** What came and left differs by less than this share of what is there: steady. */
const STEADY_SHARE = 0.1;

export function trendOf({ growth, shipmentsWaiting }: Pick<PlaceLoad, "growth" | "shipmentsWaiting">): Trend {
  const [, late] = growth;
  if (Math.abs(late) <= STEADY_SHARE * shipmentsWaiting) return "steady";
  return late > 0 ? "growing" : "shrinking";
}

/** How long what waits will take at the pace of the window (Little's law), hours; null: nothing leaves. */
export function hoursToClear({ shipmentsWaiting, left, windowHours }: PlaceLoad): number | null {
  if (shipmentsWaiting === 0) return 0;
  return left === 0 ? null : (shipmentsWaiting * windowHours) / left;
}

/** Why a place stands where it stands, in words. */
export function reasonOf(load: PlaceLoad): string {
  const { shipmentsWaiting, longestWaitHours, arrived, left, usualHours, usualOf, excessUnitHours } = load;
  if (usualHours === null || usualOf === null)
    return `Fewer than ${MIN_STAYS} stays have ended in this stage: it is not known what is usual.`;
  const usual = `nine in ten take ${hours(usualHours)} at most (of ${usualOf.stays} stays ${usualOf.of === "place" ? "here" : "in this stage: this place has no past of its own"})`;
  if (excessUnitHours === 0) return `Nothing takes longer than usual: ${usual}.`;
  const waits =
    shipmentsWaiting === 0
      ? "Nothing waits now; what has left had waited"
      : `${counted(shipmentsWaiting, "shipment")} ${shipmentsWaiting === 1 ? "waits" : "wait"}, the longest for ${hours(longestWaitHours ?? 0)}`;
  const pace = arrived > left ? `more come (${arrived}) than leave (${left})` : `${arrived} came and ${left} left`;
  return `${waits}; ${usual}; ${pace}; the queue is ${trendOf(load)}.`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function hours(value: number): string {
  if (value < 1) return `${Math.round(value * 60)} min`;
  return value < 48 ? `${Math.round(value * 10) / 10} h` : `${Math.round((value / 24) * 10) / 10} days`;
}

/** The first first: by excess, then by what waits, then by the place, so that pages agree. */
export function byExcess<
  Row extends { excessUnitHours: number; unitsWaiting: number; stage: string; locationId: number | null },
>(a: Row, b: Row): number {
  return (
    b.excessUnitHours - a.excessUnitHours ||
    b.unitsWaiting - a.unitsWaiting ||
    a.stage.localeCompare(b.stage) ||
    (a.locationId ?? 0) - (b.locationId ?? 0)
  );
}
