/** Requests under way at once: enough to keep the platform busy, and fewer than it lets wait. */
const CONCURRENCY = 8;

/** Runs `task` for each of `all`, some at a time, beginning in their order. */
export async function forEachConcurrently<T>(all: readonly T[], task: (one: T) => Promise<void>): Promise<void> {
  const open = all.values();
  const next = async (): Promise<void> => {
    for (const one of open) await task(one);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
}
