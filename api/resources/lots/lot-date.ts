/** Today in UTC, as `2026-11-29`: a lot may be used to the end of its last day there. */
export const todayUtc = (): string => new Date().toISOString().slice(0, 10);
