import type { Logger } from "pino";
import { type Loop, startLoop } from "../workers/loop.ts";

/** Runs several turns side by side, each again and again by itself: a slow one holds no other up. Its ticks are those of the slowest. */
export function startLanes(
  lanes: Readonly<Record<string, () => Promise<void>>>,
  log: Logger,
  intervalMs: number,
): Loop {
  const loops = Object.entries(lanes).map(([name, turn]) =>
    startLoop(
      name,
      async () => {
        await turn();
        return false;
      },
      log,
      intervalMs,
    ),
  );
  return {
    lastError: () => loops.map((loop) => loop.lastError()).find((error) => error !== undefined),
    ticks: () => Math.min(...loops.map((loop) => loop.ticks())),
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
