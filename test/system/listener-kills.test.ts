import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../api/support.ts";

const KILLS = 50;
const BACKSTOP_MS = 5_000;

let writer: TestApi;
let reader: TestApi;
let put: Awaited<ReturnType<TestApi["as"]>>;
let headers: Record<string, string>;
let id: number;

beforeAll(async () => {
  writer = await startApi();
  reader = await startApi({}, { beside: writer });
  put = await writer.as("admin");
  headers = { Authorization: `Bearer ${await writer.tokenOf("viewer")}` };
  await put("POST /locations", { name: "yard", stage: "storage" });
  id = (await put("POST /shipments", { product_name: "watched", quantity: 1, location: 1 })).body["id"] as number;
}, 60_000);
afterAll(async () => {
  await reader?.close();
  await writer?.close();
});

/** The value that shows in a shipment, or in what the stream says of it. */
const valueOf = (shipment: { reference?: unknown }): number => Number(shipment.reference ?? 0);

async function readOnce(): Promise<number> {
  const response = await reader.app.request(`/shipments/${id}`, { headers });
  expect(response.status).toBe(200);
  return valueOf((await response.json()) as object);
}

/** Follows the stream as the page does: it resumes, and reads everything when it is told to. */
function follow(signal: AbortSignal): { shown: () => number; resets: () => number; ended: Promise<void> } {
  let shown = 0;
  let resets = 0;
  let lastId: string | undefined;
  const ended = (async () => {
    while (!signal.aborted) {
      const response = await reader.app.request("/stream?topics=shipments", {
        headers: { ...headers, ...(lastId !== undefined && { "Last-Event-ID": lastId }) },
      });
      if (response.status !== 200) {
        await sleep(20);
        continue;
      }
      const stream = response.body!.getReader();
      const stop = () => void stream.cancel();
      signal.addEventListener("abort", stop);
      const decoder = new TextDecoder();
      for (let text = ""; ;) {
        const { done, value } = await stream.read();
        if (done) break;
        const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
        text = blocks.pop()!;
        for (const block of blocks) {
          lastId = /^id: (.*)$/m.exec(block)?.[1] ?? lastId;
          const event = /^event: (.*)$/m.exec(block)?.[1];
          if (event === "reset") {
            resets += 1;
            shown = Math.max(shown, await readOnce());
          } else if (event === "shipments") {
            const rows = JSON.parse(/^data: (.*)$/m.exec(block)![1]!) as { id: number; reference: string }[];
            for (const row of rows) if (row.id === id) shown = Math.max(shown, valueOf(row));
          }
        }
      }
      signal.removeEventListener("abort", stop);
    }
  })();
  return { shown: () => shown, resets: () => resets, ended };
}

test(
  "50 kills of the connections that listen: nothing is shown that is older than the backstop, and the stream loses nothing",
  { timeout: 300_000 },
  async () => {
    const ending = new AbortController();
    const viewer = follow(ending.signal);
    /** when each value was committed, before which it may not be missed */
    const committedAt = new Map<number, number>();
    let newest = 0;
    let killing = true;

    const writing = (async () => {
      while (killing) {
        const value = newest + 1;
        const { status } = await put(`PUT /shipments/${id}`, { reference: String(value) });
        expect(status).toBe(200);
        committedAt.set(value, performance.now());
        newest = value;
        await sleep(30);
      }
    })();
    let oldest = 0;
    let reads = 0;
    const reading = (async () => {
      while (killing) {
        const askedAt = performance.now();
        const value = await readOnce();
        reads += 1;
        // The first value that this answer does not show was committed so long before it was asked for.
        const missedAt = committedAt.get(value + 1);
        if (missedAt !== undefined) oldest = Math.max(oldest, askedAt - missedAt);
        await sleep(2);
      }
    })();

    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const isListening = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listener'`;
      // Both processes listen again before the next kill, at a moment of the feed's work that differs each time.
      await expect
        .poll(async () => (await writer.db.pool.query(isListening)).rowCount, { timeout: 20_000, interval: 10 })
        .toBe(2);
      await sleep((kill * 37) % 300);
      const { rowCount } = await writer.db.pool.query(
        `SELECT pg_terminate_backend(pid) FROM (${isListening}) AS listeners`,
      );
      killed += rowCount ?? 0;
    }
    killing = false;
    await Promise.all([writing, reading]);
    expect(killed).toBeGreaterThanOrEqual(2 * KILLS - 2);
    expect(newest).toBeGreaterThan(100);
    expect(reads).toBeGreaterThan(newest);
    expect(oldest).toBeLessThan(BACKSTOP_MS);
    await expect.poll(() => viewer.shown(), { timeout: 20_000 }).toBe(newest);
    expect(viewer.resets()).toBeGreaterThan(10);
    console.log(`${killed} kills, ${reads} reads of ${newest} values: at most ${oldest.toFixed(0)} ms old`);
    ending.abort();
    await viewer.ended;
  },
);
