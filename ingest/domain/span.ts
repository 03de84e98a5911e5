/** A stretch of time, epoch milliseconds; null: without end on that side. */
export interface Span {
  since: number | null;
  /** exclusive */
  until: number | null;
}

export function isWithin({ since, until }: Span, at: number): boolean {
  return (since === null || at >= since) && (until === null || at < until);
}
