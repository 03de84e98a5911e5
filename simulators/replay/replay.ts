import { pause } from "../run/pause.ts";
import type { Publisher } from "../run/publisher.ts";
import type { Fix } from "./fix.ts";

export interface ReplayOptions {
  deviceId: string;
  fixes: readonly Fix[];
  /** times true speed; Infinity: as fast as it is acknowledged */
  speed: number;
  /** fixes in one message */
  batch: number;
  signal: AbortSignal;
}

/** Plays a recorded track as one truck; the fixes keep the times they were measured at. */
export async function replay(
  { deviceId, fixes, speed, batch, signal }: ReplayOptions,
  publisher: Publisher,
): Promise<void> {
  const first = fixes[0];
  if (!first) return;
  const beganAt = performance.now();
  for (let index = 0; index < fixes.length && !signal.aborted; index += batch) {
    const part = fixes.slice(index, index + batch);
    const newest = part.at(-1) ?? first;
    const dueAt = beganAt + (newest.ts - first.ts) / speed;
    await pause(dueAt - performance.now(), signal);
    if (!signal.aborted) await publisher.publish(deviceId, "gps", part);
  }
}
