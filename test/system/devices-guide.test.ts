import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { requires } from "../support/requires.ts";

const mosquittoPub = requires("mosquitto_pub");
const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "devices.md"), "utf8");
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);

/** A reader who sees another value than the page says looks again. */
const patient = (block: string): string =>
  block
    .replaceAll(
      /^(call GET .* \| field \S+) +# (\S+)$/gm,
      'until shown=$($1) && [ "$shown" = "$2" ]; do sleep 0.2; done; echo "$shown"',
    )
    .replaceAll(/^(call GET .* \| grep -q .*)$/gm, "until $1; do sleep 0.2; done");

describe.skipIf(mosquittoPub === undefined)("docs/devices.md", () => {
  let platform: TestPlatform;
  let output: string;
  beforeAll(async () => {
    const webSocketPort = await freePort("127.0.0.1");
    platform = await startPlatform({ environment: { MQTT_WS_PORT: String(webSocketPort) } });
    const environment = {
      PATH: process.env.PATH,
      API: platform.api,
      BROKER: "127.0.0.1",
      PORT: new URL(platform.mqtt).port,
      DEVICES: `http://127.0.0.1:${webSocketPort}`,
      EMAIL: "admin@test.example",
      PASSWORD: "correct horse battery staple",
    };
    // One shell for all blocks, as for a reader who copies one after the other.
    const script = ["set -euo pipefail", ...blocks.map(patient)].join("\n");
    ({ stdout: output } = await promisify(execFile)("bash", ["-c", script], { env: environment, timeout: 60_000 }));
  }, 120_000);
  afterAll(() => platform?.close());

  test("its blocks bring a shipment on its way, and two stock levels", () => {
    const lines = output.split("\n");
    expect(lines).toEqual(expect.arrayContaining(["out_for_delivery", "4", "rfid", "1"]));
  });

  test("what every device of its blocks sends is stored, and nothing is refused or ignored", async () => {
    const all = await platform.call<{ id: string; kind: string; decoder: string }[]>("GET", "/devices?limit=200");
    // It has registered itself, and sends nothing.
    const devices = all.filter(({ id }) => id !== "probe-9");
    expect(devices).toHaveLength(page.match(/POST \/devices (?:"|')\{\\?"id\\?":/g)!.length);
    const stored = (id: string) => async () =>
      (await platform.call<{ stored: number }>("GET", `/devices/${id}/quality`)).stored;
    await expect.poll(stored("edge-1")).toBe(1);
    const { FORWARDERS } = await import("../../ingest/decoders/forwarded/owner.ts");
    // A server that forwards measures nothing itself.
    const measuring = devices.filter(({ kind, decoder }) => kind !== "gateway" || !FORWARDERS.has(decoder));
    expect(measuring).toHaveLength(devices.length - 3);
    for (const { id } of measuring) await expect.poll(stored(id), { message: id }).toBeGreaterThan(0);
    const refused = await platform.call<{ device_id: string; reason: string; detail: string }[]>("GET", "/quarantine");
    expect(refused).toEqual([]);
    const { DECODERS } = await import("../../ingest/decoders/index.ts");
    expect(new Set(devices.map(({ decoder }) => decoder))).toEqual(new Set(Object.keys(DECODERS)));
  });

  test("is served, and named where a device is added", async () => {
    const added = await platform.call<{ guide: string }>("POST", "/devices", { id: "another-1", kind: "env" });
    expect(await (await fetch(`${platform.api}${added.guide}`)).text()).toBe(page);
    expect(await (await fetch(`${platform.api}/docs`)).text()).toContain('href="/docs/devices"');
  });

  test("the reading that the page says decodes, decodes", () => {
    expect(output).toContain('"kind":"env"');
  });
});
