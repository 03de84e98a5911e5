import { READING_KINDS, type SeriesKind } from "../../domain/reading-kinds.ts";
import type { Reading } from "../../pipeline/reading.ts";

/** One reading in InfluxDB line protocol: measurement `readings`, tags `device` and `kind`, every number a float. */
export function lineOf(reading: Reading<SeriesKind>): string {
  const { deviceId, kind, seq, receivedAt } = reading;
  const content = reading.content as unknown as Record<string, number | boolean | undefined>;
  let fields = `received_at=${receivedAt}`;
  if (seq >= 0) fields += `,seq=${seq}`;
  for (const name of READING_KINDS[kind].columnNames) {
    const value = content[name];
    if (value !== undefined) fields += `,${name}=${Number(value)}`;
  }
  return `readings,device=${escapeTag(deviceId)},kind=${kind} ${fields} ${pointTime(reading)}`;
}

/**
 * The time of a point: `ts` in nanoseconds plus `seq` mod 10⁶. Two readings of one millisecond become two points; a reading
 * sent twice becomes one. As text, because a double cannot hold nanoseconds exactly.
 */
export function pointTime({ ts, seq }: Pick<Reading, "ts" | "seq">): string {
  const nanoseconds = seq < 0 ? 0 : seq % 1_000_000;
  return `${ts}${String(nanoseconds).padStart(6, "0")}`;
}

/** Escapes commas, equals signs and spaces, which would end a tag value (InfluxDB line protocol, "Special characters"). */
function escapeTag(value: string): string {
  return value.replace(/[,= ]/g, (character) => `\\${character}`);
}
