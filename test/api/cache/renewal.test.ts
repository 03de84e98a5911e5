import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CacheKey } from "../../../api/cache/kept.ts";
import { ResponseCache } from "../../../api/cache/response-cache.ts";
import type { ApiResponse } from "../../../api/http/response.ts";
import type { PostgresListener } from "../../../api/live/postgres-listener.ts";

const KEY: CacheKey = { topic: "stock", url: "/inventory-items?quantity=10" };

let cache: ResponseCache;
let notify: (payload: string) => void;
/** the reads that wait, in order */
let reads: { resolve: (response: ApiResponse) => void; reject: (error: Error) => void }[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  cache = new ResponseCache();
  reads = [];
  const listener: PostgresListener = {
    subscribe({ onNotify, onListening }) {
      notify = onNotify;
      onListening();
      return () => undefined;
    },
  };
  cache.watch(listener);
  const first = ask();
  reads[0]!.resolve({ status: 200, body: "first" });
  expect(await first).toBe('"first"');
});
afterEach(() => {
  vi.useRealTimers();
});

async function ask(): Promise<string | undefined> {
  const read = () => new Promise<ApiResponse>((resolve, reject) => reads.push({ resolve, reject }));
  return (await cache.respond(KEY, read)).text;
}
/** Lets everything run that has been settled. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const shown = () => cache.current(KEY)?.text;

test("what is asked for again is read anew before it is too old, once, and nobody waits", async () => {
  vi.advanceTimersByTime(1_900);
  expect([await ask(), reads.length]).toEqual(['"first"', 1]);
  expect(cache.settled(KEY)).toBeDefined();
  vi.advanceTimersByTime(200);
  expect(cache.settled(KEY)).toBeUndefined();
  expect([await ask(), await ask(), reads.length]).toEqual(['"first"', '"first"', 2]);
  expect(cache.settled(KEY)).toBeDefined();
  reads[1]!.resolve({ status: 200, body: "second" });
  await settled();
  expect(shown()).toBe('"second"');
  // Its age counts from when it was asked for.
  vi.advanceTimersByTime(3_900);
  expect(shown()).toBe('"second"');
  vi.advanceTimersByTime(200);
  expect(shown()).toBeUndefined();
});

test.each([
  ["a notice", () => notify(JSON.stringify({ stock: [1] }))],
  ["a change of this process", () => cache.invalidate()],
])("what was read anew before %s is not shown after it", async (_, change) => {
  vi.advanceTimersByTime(2_100);
  expect(await ask()).toBe('"first"');
  change();
  expect(shown()).toBeUndefined();
  const after = ask();
  reads[1]!.resolve({ status: 200, body: "before" });
  reads[2]!.resolve({ status: 200, body: "after" });
  expect([await after, shown(), reads.length]).toEqual(['"after"', '"after"', 3]);
});

test("a failed renewal is tried again, and what is too old is not shown for it", async () => {
  vi.advanceTimersByTime(2_100);
  expect(await ask()).toBe('"first"');
  reads[1]!.reject(new Error("Postgres is away"));
  await settled();
  expect([await ask(), reads.length]).toEqual(['"first"', 3]);
  reads[2]!.reject(new Error("Postgres is away"));
  await settled();
  vi.advanceTimersByTime(2_000);
  expect(shown()).toBeUndefined();
  const failed = ask();
  reads.at(-1)!.reject(new Error("Postgres is away still"));
  await expect(failed).rejects.toThrow("away still");
});
