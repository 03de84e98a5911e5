import type { Pool } from "pg";
import { assessClock, type ClockAssessment } from "./clock.ts";
import { describeRefusals, describeSetAside } from "./refusals.ts";
import { readCounts } from "./queries.ts";
import type { DeviceCounts, DeviceQuality } from "./schema.ts";

/** A device whose readings all come later than this sends late, or its clock is behind. */
const MAX_DELAY_MS = 60_000;
/** Readings that are all older than this are an upload of a recording. */
const RECORDING_MS = 24 * 3_600_000;
/** More can be read in `ignored_fields`. */
const MAX_FIELDS_WARNED = 5;

/** What a device sent, how well, and what people should know of it. */
export async function readQuality(db: Pool, id: string): Promise<DeviceQuality> {
  const counts = await readCounts(db, id);
  const clock = await assessClock(db, id, counts.skew_ms);
  const refusals = [...(await describeSetAside(db, id)), ...(await describeRefusals(db, id))];
  return { ...counts, ...clock, warnings: [...refusals, ...warningsOf(counts, clock)] };
}

function warningsOf(
  counts: DeviceCounts,
  { clock_offset_ms: offset, clock_samples: samples }: ClockAssessment,
): string[] {
  const warnings: string[] = [];
  const seconds = (ms: number) => `${Math.max(1, Math.round(Math.abs(ms) / 1000))} s`;
  if (offset !== null) {
    const proofs = { receipt: "readings ahead of their receipt", departure: "tags read after their vehicle had left" };
    const proof = samples[0]?.basis === "receipt" ? proofs.receipt : proofs.departure;
    warnings.push(
      offset > 0
        ? `its clock is at least ${seconds(offset)} ahead: ${proof}`
        : `its clock is at least ${seconds(offset)} behind: tags read before their vehicle came`,
    );
  }
  if (counts.skew_ms !== null && counts.skew_ms > MAX_DELAY_MS && counts.skew_ms < RECORDING_MS) {
    warnings.push(
      `all its readings came ${seconds(counts.skew_ms)} or more late: it buffers them, or its clock is behind`,
    );
  }
  if (counts.time_corrected > 0) {
    warnings.push(
      `${counts.time_corrected} dates were wrong by a GPS week rollover and are corrected: update the receiver`,
    );
  }
  if (counts.implausible_time > 0) {
    warnings.push(
      `${counts.implausible_time} readings with a date before the year 2000 are in quarantine: its clock is not set`,
    );
  }
  if (counts.quarantine_not_kept > 0) {
    warnings.push(
      `${counts.quarantine_not_kept} of its refused messages were only counted: quarantine keeps the first of an hour`,
    );
  }
  if (counts.future > 0) {
    warnings.push(`${counts.future} readings more than 5 min ahead of their receipt are in quarantine`);
  }
  const named = counts.ignored_fields.filter(({ hint }) => hint !== undefined);
  for (const { field, count, hint } of named.slice(0, MAX_FIELDS_WARNED)) {
    warnings.push(`the field \`${field}\` was not used in ${count} readings: ${hint}`);
  }
  return warnings;
}
