/** Messages per second in the long run, and how many may arrive at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}
