/** A vehicle's state at each fence it is in, or may just be entering or leaving, by location id. Other fences have none. */
export type FenceStates = Record<string, FenceState>;

export interface FenceState {
  inside: boolean;
  /** when it arrived, epoch milliseconds; null while it is outside */
  since: number | null;
  /** a crossing that is not certain yet: its first fix, epoch milliseconds, and the sum of the weights since */
  pending: { since: number; weight: number } | null;
}

/** An event at a fence. */
export interface Crossing {
  type: "arrived" | "departed" | "passed";
  locationId: number;
  at: number;
  /** the fixes that show it, epoch milliseconds */
  fixes: readonly number[];
  /** of a departure: when it had arrived */
  since?: number;
  confidence: number;
}
