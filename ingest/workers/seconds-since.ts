/** By the clock of the machine. @param at epoch milliseconds; undefined: not known */
export function secondsSince(at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.max(0, Date.now() - at) / 1_000;
}
