import type { Pool } from "pg";
import { groupBy } from "../../../ingest/domain/group-by.ts";
import { DriveSpeeds } from "../../../ingest/domain/vehicle/drive-speeds.ts";
import { readOffTrack } from "../readings/queries.ts";
import type { AfterReading, SeriesReader } from "../readings/series.ts";
import type { Drive } from "./drive-queries.ts";

/** Fixes that are read together: of a tracker that tells of itself each ten seconds those of half a day. */
const PAGE = 5_000;

type SeenDrive = Pick<Drive, "deviceId" | "from" | "to">;

/** What the fixes of each drive tell of its speed, as the tracker has sent them that saw it best. */
export async function loadDriveSpeeds(
  { pool, series }: { pool: Pool; series: SeriesReader },
  drives: readonly SeenDrive[],
): Promise<DriveSpeeds[]> {
  const told = drives.map((drive) => ({ drive, speeds: new DriveSpeeds() }));
  for (const [deviceId, own] of groupBy(told, ({ drive }) => drive.deviceId)) {
    await readSpeeds({ pool, series }, deviceId, own);
  }
  return told.map(({ speeds }) => speeds);
}

/** Reads on from one drive to the next; what the tracker sent while the vehicle stood is passed over, by whole pages. */
async function readSpeeds(
  { pool, series }: { pool: Pool; series: SeriesReader },
  deviceId: string,
  drives: readonly { drive: SeenDrive; speeds: DriveSpeeds }[],
): Promise<void> {
  const end = drives.at(-1)!.drive.to + 1;
  let [next, after]: [number, AfterReading | null] = [0, null];
  while (next < drives.length) {
    const fixes = await series.fixes({ deviceId, from: drives[next]!.drive.from, to: end, after, limit: PAGE });
    const count = fixes.ts.length;
    if (count === 0) return;
    const offTrack = await readOffTrack(pool, deviceId, fixes.ts[0]!, fixes.ts.at(-1)!);
    for (let at = 0; at < count && next < drives.length; at += 1) {
      const ts = fixes.ts[at]!;
      while (next < drives.length && ts > drives[next]!.drive.to) next += 1;
      const found = drives[next];
      if (found === undefined || ts < found.drive.from) continue;
      if (!offTrack.has(`${ts} ${fixes.seq[at]}`)) found.speeds.add(ts, fixes.speed[at]!);
    }
    if (count < PAGE) return;
    after = { ts: fixes.ts.at(-1)!, seq: fixes.seq.at(-1)! };
  }
}
