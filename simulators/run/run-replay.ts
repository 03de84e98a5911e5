import { openLedger } from "./loss-check.ts";
import type { Options } from "../cli/options.ts";
import { admit } from "../platform/seed.ts";
import { replay } from "../replay/replay.ts";
import { readTrack } from "../replay/track-file.ts";
import type { Means, Run } from "./run-world.ts";

export async function prepareReplay(options: Options, { api, publisher, signal }: Means): Promise<Run> {
  const fixes = await readTrack(options.replay ?? "");
  const deviceId = options.device ?? "replay-1";
  const secret = options.secret ?? (api && (await admit(api, { id: deviceId, kind: "gps" })));
  const ledger = api && (await openLedger(api, [deviceId]));
  await publisher.connect(deviceId, secret);
  const { speed } = options;
  // A logger hands over its memory in blocks; message by message it would meet the device's rate limit.
  const batch = options.batch ?? (speed === Infinity ? 100 : 1);
  return {
    deviceIds: [deviceId],
    ledger,
    play: () => replay({ deviceId, fixes, speed, batch, signal }, publisher),
    refused: () => 0,
    judge: undefined,
  };
}
