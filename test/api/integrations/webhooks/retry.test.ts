import { expect, test } from "vitest";
import { GIVE_UP_AFTER_MS, RETRY_AFTER_MS, retryWebhookMs } from "../../../../api/integrations/webhooks/retry.ts";

const HOUR = 3_600_000;

/** How long after the first attempt each of the others is made, milliseconds. */
function attemptsOf(random: number): number[] {
  const made = [0];
  for (;;) {
    const waitingMs = made.at(-1)!;
    const waitMs = retryWebhookMs({ attempts: made.length, waitingMs }, random);
    if (waitMs === undefined) return made;
    made.push(waitingMs + waitMs);
  }
}

test("a delivery is tried by the table for three days, and the last time at their end", () => {
  for (const random of [0, 0.5, 1]) {
    const made = attemptsOf(random);
    expect(made.at(-1)! / HOUR).toBeCloseTo(GIVE_UP_AFTER_MS / HOUR, 6);
    expect(made.length).toBeGreaterThanOrEqual(RETRY_AFTER_MS.length + 1);
    expect(made.length).toBeLessThanOrEqual(RETRY_AFTER_MS.length + 2);
    expect(made[1]).toBeCloseTo(5_000 * (0.9 + 0.2 * random), 3);
  }
});

test("whoever asks to be left alone is left alone, for a day at most", () => {
  const wait = (askedMs: number) => retryWebhookMs({ attempts: 1, waitingMs: 0, askedMs }, 0.5);
  expect([wait(1), wait(60_000), wait(99 * HOUR)]).toEqual([5_000, 60_000, 24 * HOUR]);
});
