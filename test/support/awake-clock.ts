/** So often it looks whether this process runs, milliseconds. */
const TICK_MS = 20;
/** A longer gap between two looks is time in which the machine or this process stood still, milliseconds. */
const LONGEST_GAP_MS = 100;

/**
 * A clock for what another process promises: it hardly counts while this one is held, as when the whole machine stands still
 * for seconds. Not for what runs in this process: that may be what holds it.
 * @returns milliseconds since the call
 */
export function startAwakeClock(): () => number {
  let counted = 0;
  let seenAt = performance.now();
  const now = (): number => {
    const at = performance.now();
    counted += Math.min(at - seenAt, LONGEST_GAP_MS);
    seenAt = at;
    return counted;
  };
  setInterval(now, TICK_MS).unref();
  return now;
}
