import { expect, test } from "vitest";
import { AcquireTimeout, createSemaphore } from "../../../ingest/decisions/semaphore.ts";

test("work beyond the permits waits in order, for a bounded time, in a bounded queue", async () => {
  const semaphore = createSemaphore(1, 50, 2);
  const ran: string[] = [];
  let end = (): void => undefined;
  const first = semaphore.runExclusive(() => new Promise<void>((resolve) => (end = resolve)));
  const run = (name: string) => semaphore.runExclusive(async () => void ran.push(name));

  await expect(run("waits too long")).rejects.toThrow(AcquireTimeout);
  const second = run("second");
  // The one that has given up still counts until a permit comes free.
  await expect(run("beyond the queue")).rejects.toThrow(AcquireTimeout);
  end();
  await Promise.all([first, second]);
  await run("third");
  expect(ran).toEqual(["second", "third"]);
});

test("a permit comes back from work that fails", async () => {
  const semaphore = createSemaphore(1, 50, 2);
  await expect(semaphore.runExclusive(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await semaphore.runExclusive(() => Promise.resolve("done"))).toBe("done");
});
