import type { ReadingFlagRow } from "../stores/writes/reading-flags.ts";
import type { Reading } from "./reading.ts";

export function addFlag(flags: ReadingFlagRow[], readings: readonly Reading[], flag: "late" | "timeCorrected"): void {
  const known = new Map(flags.map((row) => [flagKey(row), row]));
  for (const { deviceId, ts, seq, kind } of readings) {
    const key = flagKey({ deviceId, ts, seq, kind });
    const existing = known.get(key);
    if (existing) {
      existing[flag] = true;
      continue;
    }
    // All tags read in one millisecond share one flag.
    const row: ReadingFlagRow = { deviceId, ts, seq, kind, quality: "ok", late: false, [flag]: true };
    known.set(key, row);
    flags.push(row);
  }
}

function flagKey({ deviceId, ts, seq, kind }: Pick<ReadingFlagRow, "deviceId" | "ts" | "seq" | "kind">): string {
  return `${deviceId} ${kind} ${ts} ${seq}`;
}
