import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { requires } from "../support/requires.ts";

const mosquittoPub = requires("mosquitto_pub");

describe.skipIf(mosquittoPub === undefined)("a device that speaks through mosquitto_pub", () => {
  let platform: TestPlatform;
  let device: { id: string; secret: string };

  beforeAll(async () => {
    platform = await startPlatform();
    device = await platform.call("POST", "/devices", { id: "probe-1", kind: "env" });
    await platform.call("POST", "/devices", { id: "probe-2", kind: "env" });
  }, 60_000);
  afterAll(() => platform?.close());

  /** resolves with what it said, or rejects when it ends with an error */
  function publish(topic: string, secret: string, payload: object) {
    const { port } = new URL(platform.mqtt);
    const credentials = ["-i", device.id, "-u", device.id, "-P", secret];
    return promisify(execFile)(
      mosquittoPub!,
      ["-h", "127.0.0.1", "-p", port, ...credentials, "-q", "1", "-t", topic, "-m", JSON.stringify(payload)],
      { timeout: 10_000 },
    );
  }

  test("is answered by the API within a second", async () => {
    const ts = Date.parse("2026-11-01T12:00:00Z");
    const readings = () => platform.call<unknown[]>("GET", "/devices/probe-1/readings?kind=env");
    // With the first reading ingest reads who there is, and prepares what it asks.
    await publish("devices/probe-1/env", device.secret, { ts: ts - 60_000, seq: 6, celsius: 4.4 });
    await expect.poll(readings).toHaveLength(1);
    await publish("devices/probe-1/env", device.secret, { ts, seq: 7, celsius: 4.5 });
    await expect
      .poll(async () => (await readings()).find((reading) => (reading as { seq: number }).seq === 7), {
        timeout: 1_000,
      })
      .toMatchObject({ ts: "2026-11-01T12:00:00.000Z", kind: "env", celsius: 4.5, quality: "ok", late: false });
  });

  test("is refused with a wrong secret", async () => {
    await expect(publish("devices/probe-1/env", "guessed", { ts: 0, celsius: 1 })).rejects.toThrow(
      /not authori[sz]ed|Bad user/i,
    );
  });

  test("is refused on another device's topic, and the attempt is on record", async () => {
    await expect(publish("devices/probe-2/env", device.secret, { ts: 0, celsius: 1 })).rejects.toThrow();
    expect(await platform.call("GET", "/devices/probe-2/readings")).toEqual([]);
    await expect
      .poll(() => platform.call<{ action: string; actor: string }[]>("GET", "/audit"))
      .toContainEqual(expect.objectContaining({ actor: expect.stringContaining("probe-1"), outcome: "refused" }));
  });
});
