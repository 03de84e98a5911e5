import { type Site, siteNamed } from "./sites.ts";
import type { Truck } from "./truck.ts";

/** From some time on no goods leave a warehouse: its gate is out of order, trucks wait at the dock and goods in the yard. */
export interface Jam {
  site: Site;
  /** epoch milliseconds */
  fromMs: number;
}

/** Trucks bring goods there every few minutes, and take them away as often. */
const SITE = "Warehouse Ingolstadt";
/** Until then the places have a past that the jam differs from. */
const AFTER_SHARE = 0.5;
/** A shorter world has no time for one. */
const LEAST_MS = 40 * 60_000;

/** The jam of a world between two times; undefined: it is too short. */
export function planJam(startMs: number, untilMs: number): Jam | undefined {
  const lastsMs = untilMs - startMs;
  if (!Number.isFinite(lastsMs) || lastsMs < LEAST_MS) return undefined;
  return { site: siteNamed(SITE), fromMs: startMs + lastsMs * AFTER_SHARE };
}

/** Whether a truck that stands at a dock cannot be loaded now. One that has begun is not kept. */
export const isHeldUp = ({ ends, direction, loaded }: Truck, now: number, jam: Jam | undefined): boolean =>
  jam !== undefined && now >= jam.fromMs && !loaded && direction === 0 && ends[0] === jam.site;
