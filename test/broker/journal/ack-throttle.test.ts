import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { ackDelayMs } from "../../../broker/journal/ack-throttle.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { append, message, openWriter, silent, temporaryDirectory, until } from "./journal-tools.ts";

const MIB = 2 ** 20;
const capacity = { maxBytes: 8192 * MIB, segmentBytes: 64 * MIB };

describe("PUBACKs while ingest is behind", () => {
  test("are not delayed in ordinary operation, nor by a burst of ten seconds", () => {
    expect(ackDelayMs(0, capacity)).toBe(0);
    expect(ackDelayMs(2 * 64 * MIB, capacity)).toBe(0);
    // 10 s at 200,000 a second, 300 bytes each
    expect(ackDelayMs(600 * MIB, capacity)).toBe(0);
  });

  test("are delayed more the fuller the journal is, up to 200 ms", () => {
    const steps = [1200, 2000, 3000, 4000, 4300].map((mib) => ackDelayMs(mib * MIB, capacity));
    expect(steps[0]).toBeGreaterThan(0);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(new Set(steps).size).toBeGreaterThan(3);
    expect(ackDelayMs(8000 * MIB, capacity)).toBe(200);
  });

  test("keep coming with the delay, and without it once ingest has caught up", async () => {
    const directory = join(await temporaryDirectory(), "journal");
    const lines: string[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
    const writer = await openWriter(directory, { maxBytes: 16 * MIB, segmentBytes: MIB, log });
    onTestFinished(() => writer.close());
    const timeOne = async (): Promise<number> => {
      const from = performance.now();
      await append(writer, message("x"));
      return performance.now() - from;
    };
    expect(writer.ackThrottle.delayMs).toBe(0);
    for (let n = 0; n < 10; n += 1) await append(writer, message("", Buffer.alloc(MIB)));
    await until("the delay is largest", () => writer.ackThrottle.delayMs === 200);
    expect(lines.filter((line) => line.includes("PUBACKs are slowed"))).toHaveLength(1);
    await timeOne();
    expect(await timeOne()).toBeGreaterThan(150);
    expect(writer.state).toBe("ready");

    const reader = await openJournalReader({ directory, log: silent });
    onTestFinished(() => reader.close());
    await reader.trim({ segment: 1_000, offset: 0 });
    await until("the delay ends", () => writer.ackThrottle.delayMs === 0);
    expect(lines.filter((line) => line.includes("no longer slowed"))).toHaveLength(1);
    const times: number[] = [];
    for (let n = 0; n < 5; n += 1) times.push(await timeOne());
    expect(Math.min(...times)).toBeLessThan(150);
  });
});
