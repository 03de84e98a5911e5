import { expect, test } from "vitest";
import { PublishSerializer } from "../../../broker/session/publish-serializer.ts";

test("each starts when the one before has called next, which counts once", () => {
  const serializer = new PublishSerializer();
  const started: number[] = [];
  const nexts: (() => void)[] = [];
  for (const n of [1, 2, 3]) {
    serializer.run((next) => {
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

test("an error reaches the caller, and the next one starts", () => {
  const serializer = new PublishSerializer();
  const started: number[] = [];
  expect(() =>
    serializer.run(() => {
      throw new Error("no way");
    }),
  ).toThrow("no way");
  serializer.run((next) => {
    started.push(1);
    next();
  });
  serializer.run(() => started.push(2));
  expect(started).toEqual([1, 2]);
});

test("100,000 that finish at once do not overflow the stack", () => {
  const serializer = new PublishSerializer();
  let done = 0;
  let release = (): void => undefined;
  serializer.run((next) => (release = next));
  for (let n = 0; n < 100_000; n += 1) {
    serializer.run((next) => {
      done += 1;
      next();
    });
  }
  release();
  expect(done).toBe(100_000);
});
