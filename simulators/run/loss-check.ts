import type { ApiClient } from "../platform/api-client.ts";
import { forEachConcurrently } from "../platform/concurrently.ts";

interface Quality {
  /** distinct readings */
  stored: number;
  quarantined: number;
}

export interface LossCheck {
  /**
   * The number of acknowledged distinct readings, by device, that the platform has not stored after `timeoutMs` at most.
   * The platform's count of duplicates is ignored: a duplicate must not make up for a lost reading.
   */
  countLost(acknowledged: ReadonlyMap<string, number>, timeoutMs: number): Promise<number>;
}

const POLL_MS = 500;

/** Records how many readings the platform has of each device, to compare with later. */
export async function startLossCheck(api: ApiClient, deviceIds: readonly string[]): Promise<LossCheck> {
  const accounted = async (id: string): Promise<number> => {
    const quality = await api.get<Quality>(`/devices/${encodeURIComponent(id)}/quality`);
    return quality.stored + quality.quarantined;
  };
  const before = new Map<string, number>();
  await forEachConcurrently(deviceIds, async (id) => void before.set(id, await accounted(id)));
  return {
    async countLost(acknowledged, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      let open = [...acknowledged];
      for (;;) {
        let missing = 0;
        const still: [string, number][] = [];
        await forEachConcurrently(open, async ([id, count]) => {
          const lacking = count - ((await accounted(id)) - (before.get(id) ?? 0));
          if (lacking <= 0) return;
          missing += lacking;
          still.push([id, count]);
        });
        if (still.length === 0 || performance.now() >= deadline) return missing;
        open = still;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}
