import type { Logger } from "pino";
import { type Loop, startLoop } from "../workers/loop.ts";

/**
 * Runs several turns side by side, each again and again by itself: a slow one holds no other up. `ticks()` counts rounds: in each of
 * them every lane has had a whole turn that began in it.
 */
export function startLanes(
  lanes: Readonly<Record<string, () => Promise<void>>>,
  log: Logger,
  intervalMs: number,
): Loop {
  let rounds = 0;
  const done = new Set<string>();
  const loops = Object.entries(lanes).map(([name, turn]) =>
    startLoop(
      name,
      async () => {
        const began = rounds;
        await turn();
        if (began === rounds) done.add(name);
        if (done.size === loops.length) {
          rounds += 1;
          done.clear();
        }
        return false;
      },
      log,
      intervalMs,
    ),
  );
  return {
    lastError: () => loops.map((loop) => loop.lastError()).find((error) => error !== undefined),
    ticks: () => rounds,
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
