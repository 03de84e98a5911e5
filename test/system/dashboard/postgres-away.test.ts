import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDashboard, serveDashboard, type ServedDashboard, signIn } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { startApi, type TestApi } from "../../api/support.ts";
import { requires } from "../../support/requires.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

const binary = requires("chromium");
/** Not a limit of what is tested: a busy machine takes longer for the same. */
const PATIENCE_MS = 120_000;
const MAX_SILENCE_MS = 20_000;

describe.skipIf(binary === undefined)("while Postgres alone is away", () => {
  let api: TestApi;
  let proxy: TcpProxy;
  let served: ServedDashboard;
  let removeBuilt: () => Promise<void>;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  beforeAll(async () => {
    api = await startApi();
    data = await seedDashboard(api);
    const url = new URL(api.db.url);
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = "127.0.0.1";
    url.port = String(proxy.port);
    const built = await buildDashboard();
    removeBuilt = built.remove;
    served = await serveDashboard(built.directory, binary!, { db: { url: url.href } });
  }, PATIENCE_MS);
  afterAll(async () => {
    proxy?.up();
    await served?.close();
    await proxy?.close();
    await removeBuilt?.();
    await api?.close();
  }, PATIENCE_MS);

  it(
    "the page says within 20 s that it is not live, goes on saying so, and is live again with what has changed meanwhile",
    async () => {
      await served.inWindow(
        async (page) => {
          await signIn(page);
          const status = page.locator(".connection-status");
          await expect.poll(() => status.innerText()).toBe("Live");
          const awayAt = performance.now();
          proxy.down();
          await expect
            .poll(() => status.innerText(), { timeout: MAX_SILENCE_MS, interval: 100 })
            .toMatch(/^Stale since \d\d:\d\d$/);
          expect(performance.now() - awayAt).toBeLessThan(MAX_SILENCE_MS);
          // Its attempts to connect are refused, so it never says that it is live, or catching up, in between.
          await page.evaluate(`window.said = [];
          new MutationObserver(() => window.said.push(document.querySelector(".connection-status")?.innerText))
            .observe(document.body, { subtree: true, characterData: true, childList: true })`);
          const changed = await data.call(`PUT /shipments/${data.shipments[0]}`, { reference: "Changed meanwhile" });
          expect(changed.status).toBe(200);
          await page.waitForTimeout(12_000);
          const said = await page.evaluate<string[]>("window.said");
          expect(said.filter((text) => !text.startsWith("Stale"))).toEqual([]);
          proxy.up();
          await page.locator(".connection-status.live").waitFor({ timeout: PATIENCE_MS });
          await page.locator(`[data-opens="shipment:${data.shipments[0]}"]`).click();
          await page.getByText("Changed meanwhile").waitFor();
        },
        { expectedFailure: /status of 50\d|ERR_/ },
      );
    },
    PATIENCE_MS,
  );
});
