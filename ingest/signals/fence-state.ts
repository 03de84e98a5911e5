/** A vehicle's state at each fence it is in, or may just be entering or leaving, by location id. Other fences have none. */
export type FenceStates = Record<string, FenceState>;

export interface FenceState {
  inside: boolean;
  /** when it arrived, epoch milliseconds; null while it is outside */
  since: number | null;
  pending: PendingCrossing | null;
}

/** A crossing that is not certain yet; times in epoch milliseconds. */
export interface PendingCrossing {
  /** its first fix */
  since: number;
  /** the sum of the weights since */
  weight: number;
  /** the accepted fix before `since`: the last one on the other side; null if there is none */
  after: number | null;
  /** of a departure: how far that first fix is from the edge, metres */
  edgeM: number;
  /** of an arrival: when the straight line between the fixes was deep inside; null while it was not */
  deepAt: number | null;
}

/** An event at a fence. */
export interface Crossing {
  type: "arrived" | "departed" | "passed";
  locationId: number;
  at: number;
  /** when nothing was heard for long before the crossing: the last fix before it and the first one after it */
  between?: { from: number; to: number } | undefined;
  /** the fixes that show it, epoch milliseconds */
  fixes: readonly number[];
  /** of a departure: when it had arrived */
  since?: number;
  confidence: number;
}
