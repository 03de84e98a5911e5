/** A range of time, epoch milliseconds; null: open on that side. */
export interface TimeRange {
  since: number | null;
  /** exclusive */
  until: number | null;
}

export function isWithin({ since, until }: TimeRange, at: number): boolean {
  return (since === null || at >= since) && (until === null || at < until);
}
