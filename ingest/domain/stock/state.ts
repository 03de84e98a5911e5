import type { SensorProblem } from "../fact.ts";
import type { ArrivedGoods } from "./arrivals.ts";
import { levelOf } from "./movement.ts";
import { type LotQuantity, lotsWithin } from "./lots.ts";

/** The sources of a stock level. Exactly one of them governs each stock position. */
export type StockSource = "ledger" | "scale" | "rfid";

/** How much of one product there is at one place, in base units: the result of folding counts and adjustments. */
export interface StockState {
  /** the sum of what is recorded; movement.ts says what of it fits as a level */
  quantity: number;
  /** when the quantity was last established, epoch milliseconds */
  measuredAt: number | null;
  /** the sum of what people counted and adjusted; null before the first */
  ledger: number | null;
  /** the last count of each sensor; null once a person has counted after it */
  scale: SensorCount | null;
  rfid: SensorCount | null;
  /** since when a sensor that does not govern disagrees with the quantity, epoch milliseconds */
  differsSince: number | null;
  /** a sensor that cannot be believed now; absent in states stored before this was known */
  suspect?: SuspectSensor | null;
  /** what was received in the last day, which another source may still tell of; absent when there is nothing */
  arrived?: ArrivedGoods[];
  /** which lots there are, in the order in which they came; absent until the first is named, and never again */
  lots?: LotQuantity[];
  /** the newest fact in this state: later ones can be folded on top of it */
  lastFact: { at: number; key: string } | null;
}

export interface SuspectSensor {
  source: "scale";
  problem: SensorProblem;
  /** epoch milliseconds */
  since: number;
  detail: string;
  deviceId: string | null;
}

export interface SensorCount {
  quantity: number;
  /** 0 to 1 */
  confidence: number;
}

/** The input of the fold besides facts. */
export interface StockContext {
  /** the source whose counts set the quantity; a person's count always does */
  governing: StockSource;
}

/** The lots of the level: never more than it. */
export const lotsOf = ({ lots, quantity }: StockState): LotQuantity[] =>
  lots === undefined ? NO_LOTS : lotsWithin(lots, levelOf(quantity));

const NO_LOTS: LotQuantity[] = [];

/** The quantity by each source, in base units. */
export type SourceCounts = Partial<Record<StockSource, number>>;

export const EMPTY_STOCK: StockState = {
  quantity: 0,
  measuredAt: null,
  ledger: null,
  scale: null,
  rfid: null,
  differsSince: null,
  suspect: null,
  lastFact: null,
};
