import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched, untilNoneLeft } from "../support/launched.ts";

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: what a demo leaves behind is looked up in /proc, which is Linux's");

/** Not a limit of what is tested: a busy machine takes longer to start everything. */
const STARTED_MS = 90_000;
const SOON = { timeout: STARTED_MS };

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
    { timeout: 300_000 },
    async () => {
      await demo.says(/^series store: (InfluxDB 1\.\S+ \(influxd on the path\)|Postgres partitions)/, {
        withinMs: STARTED_MS,
      });
      await demo.says(/^state store: embedded Postgres/);
      const [, page = ""] = await demo.says(/^dashboard: (\S+)$/, { withinMs: STARTED_MS });
      const [, link = ""] = await demo.says(/^sign in at (\S+) \(as often as you like/);
      const [, email, password] = await demo.says(/^or as (\S+) with the password (\S+)$/);
      const post = (path: string, body: object) =>
        fetch(`${page}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      let access_token = "";
      for (let browser = 0; browser < 3; browser += 1) {
        const opened = await fetch(link, { redirect: "manual" });
        const [there, token] = (opened.headers.get("location") ?? "").split("/#/setup/");
        expect([opened.status, there]).toEqual([302, page]);
        expect((await post("/auth/setup", { token })).status).toBe(200);
        const login = await post("/auth/login", { email, password });
        expect(login.status).toBe(200);
        ({ access_token } = (await login.json()) as { access_token: string });
      }
      expect((await fetch(new URL("/", link))).status).toBe(404);

      await demo.says(/ [1-9]\d* readings\/s {2}[\d,]+ stored .* [1-9]\d* transportation/, { withinMs: STARTED_MS });
      const headers = { authorization: `Bearer ${access_token}` };
      const shipments = await fetch(`${page}/shipments`, { headers }).then((response) => response.json());
      expect(shipments).not.toEqual([]);
      const overdue = (shipments as { due_at: string; status: string }[]).filter(
        ({ due_at, status }) => Date.parse(due_at) < Date.now() && status !== "delivered",
      );
      expect(overdue.length).toBeGreaterThan(0);
      expect(JSON.stringify(shipments)).toContain('"celsius"');
      const items = await fetch(`${page}/inventory-items?limit=200`, { headers }).then((response) => response.json());
      const shelves = (items as { location_id: number; source: string }[]).filter(({ source }) => source !== "ledger");
      const places = shelves.map(({ location_id }) => location_id);
      expect(places.length).toBeGreaterThanOrEqual(2 * new Set(places).size);
      await expect
        .poll(() => fetch(`${page}/inventory-items?quantity=0`, { headers }).then((response) => response.json()))
        .not.toEqual([]);
      const vehicles = await fetch(`${page}/vehicles`, { headers }).then((response) => response.text());
      expect(vehicles).toContain("Alpenfracht 01");

      const [, partner = ""] = await demo.says(/^watch Integrations: .* what has reached them: (\S+)$/);
      const read = async <T>(path: string): Promise<T> =>
        (await fetch(`${page}${path}`, { headers })).json() as Promise<T>;
      const [webhook] = await read<{ id: number; failing_since: unknown }[]>("/webhooks");
      await expect.poll(() => read(`/webhooks/${webhook!.id}/deliveries?state=sent&limit=1`), SOON).toHaveLength(1);
      const [erp] = await read<{ id: number; kind: string }[]>("/erp");
      const documents = () =>
        read<{ kind: string; direction: string }[]>(`/erp/connections/${erp!.id}/documents?limit=200`);
      const made = (kind: string) => async () => (await documents()).filter((each) => each.kind === kind).length;
      await expect.poll(made("purchase"), SOON).toBeGreaterThan(0);
      await expect.poll(made("receipt"), SOON).toBeGreaterThan(0);
      await expect.poll(() => fetch(partner).then((answer) => answer.text()), SOON).toMatch(/ERP {6}outbox\/.*receipt/);
      await expect.poll(() => fetch(partner).then((answer) => answer.text()), SOON).toMatch(/EPCIS {4}ObjectEvent/);
      const captured = () => read<{ success: boolean }[]>("/epcis/capture");
      await expect.poll(async () => (await captured()).map(({ success }) => success)).toContain(true);
      expect(await read("/erp/conflicts?state=open")).toEqual([]);
      expect(await read("/assistants")).toMatchObject({ enabled: true, url: `${page}/mcp` });

      demo.interruptGroup();
      const { code, tookMs } = await demo.ends();
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(10_000);
      expect(await untilNoneLeft(folder, 2_000)).toBeLessThan(2_000);
    },
  );
});
