import { startLossCheck } from "./loss-check.ts";
import type { Options } from "../cli/options.ts";
import { issueDeviceSecret } from "../platform/seed.ts";
import { replay } from "../replay/replay.ts";
import { readTrack } from "../replay/track-file.ts";
import type { RunDeps, PreparedRun } from "./prepared-run.ts";

export async function prepareReplay(options: Options, { api, publisher, signal }: RunDeps): Promise<PreparedRun> {
  const fixes = await readTrack(options.replay ?? "");
  const deviceId = options.device ?? "replay-1";
  const secret = options.secret ?? (api && (await issueDeviceSecret(api, { id: deviceId, kind: "gps" })));
  const lossCheck = api && (await startLossCheck(api, [deviceId]));
  await publisher.connect(deviceId, secret);
  const { speed } = options;
  // At full speed, send blocks as a data logger does: single messages would exceed the device's rate limit.
  const batch = options.batch ?? (speed === Infinity ? 100 : 1);
  return {
    deviceIds: [deviceId],
    lossCheck,
    play: () => replay({ deviceId, fixes, speed, batch, signal }, publisher),
    refused: () => 0,
    evaluate: undefined,
  };
}
