/** What a shipment has promised, and what is expected. Times in epoch milliseconds. */
export interface AlertedPromise {
  dueAt: number | null;
  /** by the clock of Postgres */
  now: number;
  /** when half of the runs would be there; null: not known, or no vehicle carries it */
  p50: number | null;
  p90: number | null;
  /** of the position that this follows from */
  positionAt: number | null;
  /** by the time of the positions */
  pastDueSince: number | null;
  basis: string | null;
  runs: number | null;
}
