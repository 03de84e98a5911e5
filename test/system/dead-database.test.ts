import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultRig, startFaultRig } from "../support/fault-rig.ts";
import type { DayMessage } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

describe("a database address that has died", () => {
  let rig: FaultRig;
  let victim: MqttClient;
  let sent = 0;

  beforeAll(async () => {
    rig = await startFaultRig();
    const world = worldIn(rig.pool);
    await world.device("truck-1", "gps", { vehicle_id: await world.vehicle("truck") });
    const { secret } = await rig.platform().call<{ secret: string }>("POST", "/devices", { id: "victim", kind: "gps" });
    victim = await connectAsync(`mqtt://127.0.0.1:${rig.mqttPort}`, {
      clientId: "victim",
      username: "victim",
      password: secret,
      reconnectPeriod: 0,
    });
  }, 60_000);
  afterAll(async () => {
    await victim.endAsync(true);
    await rig.close();
  }, 60_000);

  const start = Date.now() - 3_600_000;
  const fixes = (count: number): DayMessage[] =>
    Array.from({ length: count }, () => {
      sent += 1;
      return { topic: "devices/truck-1/gps", reading: { ts: start + sent * 1_000, lat: 48 + sent / 1e4, lon: 10 } };
    });
  const stored = async () =>
    (await rig.pool.query<{ stored: number }>("SELECT coalesce(sum(stored), 0)::int AS stored FROM device_states"))
      .rows[0]!.stored;

  /** Everything a live view of positions has been sent. */
  async function watchPositions(closing: AbortSignal): Promise<() => string> {
    const { api, authorization } = rig.platform();
    const response = await fetch(`${api}/stream?topics=positions`, { headers: { authorization }, signal: closing });
    let text = "";
    const read = async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    };
    read().catch(() => undefined);
    return () => text;
  }

  test("readings are stored, live views speak, a suspended device is cut, and /readyz tells the truth", async () => {
    const closing = new AbortController();
    const heard = await watchPositions(closing.signal);
    await rig.publish(fixes(12), { perSecond: 20 });
    await rig.stored(12, 10_000);
    const cut = new Promise<void>((resolve) => victim.once("close", () => resolve()));

    rig.postgres.blackhole();
    const began = performance.now();
    /** how long after that /readyz last said that all was well while readings were waiting */
    let lastUntrueMs = 0;
    let watching = true;
    const watch = (async () => {
      while (watching) {
        const response = await fetch(`${rig.platform().api}/readyz`);
        const { parts } = (await response.json()) as { parts: Record<string, { ok: boolean }> };
        const isAllWell = Object.values(parts).every(({ ok }) => ok);
        if (isAllWell && (await stored()) < 42) lastUntrueMs = performance.now() - began;
        await sleep(250);
      }
    })();
    await rig.publish(fixes(30), { perSecond: 20 });
    expect(rig.acknowledged()).toBe(42);
    const before = heard();
    await suspend();
    await rig.stored(42, 30_000);
    await cut;
    expect(performance.now() - began).toBeLessThan(40_000);
    await rig.publish(fixes(1));
    await expect.poll(() => heard().slice(before.length), { timeout: 15_000 }).toMatch(/event: (positions|reset)/);
    watching = false;
    await watch;
    closing.abort();
    expect(lastUntrueMs).toBeLessThan(10_000);
    await expect.poll(async () => (await fetch(`${rig.platform().api}/readyz`)).status, { timeout: 10_000 }).toBe(200);
  }, 120_000);

  /** As a person does, who tries again when told that the database did not answer. */
  async function suspend(): Promise<void> {
    await expect
      .poll(
        () =>
          rig
            .platform()
            .call("PUT", "/devices/victim", { state: "suspended" })
            .then(() => "done", String),
        {
          timeout: 30_000,
        },
      )
      .toBe("done");
  }

  test("a database that goes again and again at any moment ends no process, and everything is stored", async () => {
    for (let round = 0; round < 12; round += 1) {
      const publishing = rig.publish(fixes(40), { perSecond: 80 });
      // The registry is read again and again meanwhile.
      for (let i = 0; i < 4; i += 1) {
        await rig.pool.query("UPDATE devices SET rate_limit = $1 WHERE id = 'truck-1'", [1_000_000 + i + round]);
        await sleep(17 * ((round * 7 + i) % 5));
      }
      if (round % 3 === 2) rig.postgres.blackhole();
      else rig.postgres.down();
      await sleep(round * 60);
      rig.postgres.up();
      await publishing;
    }
    await rig.stored(sent, 60_000);
    expect(rig.log().filter((line) => /uncaughtException|unhandledRejection|exited unexpectedly/.test(line))).toEqual(
      [],
    );
  }, 180_000);
});
