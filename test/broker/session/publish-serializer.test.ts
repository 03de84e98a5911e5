import { expect, test } from "vitest";
import { PublishSerializer } from "../../../broker/session/publish-serializer.ts";

test("each starts when the one before has called on, once", () => {
  const turns = new PublishSerializer();
  const started: number[] = [];
  const nexts: (() => void)[] = [];
  for (const n of [1, 2, 3]) {
    turns.run((next) => {
      started.push(n);
      nexts.push(next);
    });
  }
  expect(started).toEqual([1]);
  nexts[0]!();
  nexts[0]!();
  expect(started).toEqual([1, 2]);
  nexts[1]!();
  expect(started).toEqual([1, 2, 3]);
});

test("one that throws says so and holds nobody up", () => {
  const turns = new PublishSerializer();
  const started: number[] = [];
  expect(() =>
    turns.run(() => {
      throw new Error("no way");
    }),
  ).toThrow("no way");
  turns.run((next) => {
    started.push(1);
    next();
  });
  turns.run(() => started.push(2));
  expect(started).toEqual([1, 2]);
});

test("a long line of those that are done at once is no deep stack", () => {
  const turns = new PublishSerializer();
  let done = 0;
  let release = (): void => undefined;
  turns.run((next) => (release = next));
  for (let n = 0; n < 100_000; n += 1) {
    turns.run((next) => {
      done += 1;
      next();
    });
  }
  release();
  expect(done).toBe(100_000);
});
