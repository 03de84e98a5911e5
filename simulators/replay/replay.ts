import { pause } from "../run/pause.ts";
import type { Publisher } from "../run/publisher.ts";
import type { Fix } from "./fix.ts";

export interface ReplayOptions {
  deviceId: string;
  fixes: readonly Fix[];
  /** multiple of real time; Infinity: as fast as messages are acknowledged */
  speed: number;
  /** fixes in one message */
  batch: number;
  signal: AbortSignal;
}

/** Publishes a recorded track as one truck. The fixes keep their recorded times. */
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
