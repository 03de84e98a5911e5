import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched, untilNoneLeft } from "../support/launched.ts";

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: what a demo leaves behind is looked up in /proc, which is Linux's");

describe.skipIf(!linux)("npm run demo", () => {
  let folder: string;
  let demo: Launched;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-demo-"));
    const [mqtt, http] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
    demo = new Launched("demo", { DATA_DIR: folder, MQTT_PORT: String(mqtt), HTTP_PORT: String(http) });
  });
  afterAll(async () => {
    if (!demo.hasEnded) demo.child.kill("SIGKILL");
    await untilNoneLeft(folder, 8_000);
    await rm(folder, { recursive: true, force: true });
  });

  test(
    "names its stores, lets people in, shows readings that arrive, and leaves nothing",
    { timeout: 60_000 },
    async () => {
      await demo.says(/^series store: (InfluxDB 1\.\S+ \(influxd on the path\)|Postgres partitions)/, {
        withinMs: 15_000,
      });
      const [, link = ""] = await demo.says(/^sign in \(once\) at (\S+)$/, { withinMs: 15_000 });
      const [page, token] = link.split("/#/setup/");
      const setup = await fetch(`${page}/auth/setup`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token }),
      });
      expect(setup.status).toBe(200);
      const { access_token } = (await setup.json()) as { access_token: string };

      await demo.says(/ [1-9]\d* readings\/s {2}[\d,]+ stored .* [1-9]\d* transportation/, { withinMs: 30_000 });
      const headers = { authorization: `Bearer ${access_token}` };
      const shipments = await fetch(`${page}/shipments`, { headers }).then((response) => response.json());
      expect(shipments).not.toEqual([]);

      demo.interruptGroup();
      const { code, tookMs } = await demo.ends();
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(10_000);
      expect(await untilNoneLeft(folder, 2_000)).toBeLessThan(2_000);
    },
  );
});
