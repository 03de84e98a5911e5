import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { addUser, openDashboard, type ServedDashboard, signIn } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { verified } from "../../api/integrations/webhooks/webhook-test.ts";
import { SEALER } from "../../api/support.ts";
import { quiet } from "../../support/ingest.ts";
import { type HttpReceiver, startHttpReceiver } from "../../support/receivers.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("integrations on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  let receiver: HttpReceiver;
  let relay: { close(): Promise<void> };
  beforeAll(async () => {
    served = await openDashboard(binary!, { mcp: true });
    data = await seedDashboard(served.api);
    receiver = await startHttpReceiver();
    await addUser(served.api, "aud@waystock.test", "auditor");
    await addUser(served.api, "vic@waystock.test", "viewer");
    const options = { pool: served.api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", log: quiet };
    const allowedHosts = ["127.0.0.1"];
    relay = startRelay({ ...options, allowedHosts, smtpUrl: undefined, startLoop, maskSecrets, intervalMs: 100 });
  });
  afterAll(async () => {
    await relay?.close();
    await receiver?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const rowOf = (page: Page) => page.getByRole("list", { name: "Webhooks" }).getByRole("listitem").first();

  it("an administrator adds a webhook, copies its secret, tests it, sees what was sent and sends it again", async () => {
    let secret = "";
    await served.signedIn(
      async (page) => {
        await page.getByRole("link", { name: "Integrations" }).click();
        await page.getByText("There are no webhooks").waitFor();
        await page.getByRole("button", { name: "Add a webhook" }).click();
        const form = page.getByRole("form", { name: "Add a webhook" });
        await form.getByLabel("URL").fill("https://10.0.0.7/erp");
        await form.getByLabel("What it is, for people").fill("ERP of the shop");
        await form.getByLabel("These events").selectOption([{ label: "Orders: everything" }]);
        await form.getByRole("button", { name: "Add", exact: true }).click();
        await form.getByText(/private address/).waitFor();
        await form.getByLabel("URL").fill(`${receiver.url}/erp`);
        await picture(page, "webhook-form-desk");
        await form.getByRole("button", { name: "Add", exact: true }).click();
        secret = await page.getByRole("status").getByRole("textbox", { name: "Signing secret" }).inputValue();
        expect(secret).toMatch(/^whsec_/);
        await fitsTheWidth(page);

        await rowOf(page).getByText("ERP of the shop").first().click();
        await rowOf(page).getByRole("button", { name: "Send a test" }).click();
        await rowOf(page)
          .getByText(/HTTP 200 ok/)
          .waitFor();
        expect(verified(secret, receiver.at("/erp")[0]!)).toMatchObject({ type: "waystock.webhook.test.v1" });
      },
      { ...DESK, expectedFailure: /400/ },
    );

    receiver.answers.set("/erp", () => ({ status: 503, body: "closed for stocktaking" }));
    const item = (await data.call("POST /items", { sku: "Wicks", name: "Wicks" })).body["id"];
    const order = await data.call("POST /orders", { kind: "customer", lines: [{ item_id: item, quantity: 1 }] });
    const event = `order-${String(order.body["id"])}-1`;
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/integrations/webhooks`);
      await rowOf(page).getByText("ERP of the shop").first().click();
      const deliveries = rowOf(page).getByRole("region", { name: "Deliveries" });
      const line = deliveries.getByRole("listitem").filter({ hasText: event });
      // The page follows what waits also after its second attempt, which comes by itself.
      await line.getByText(/refused 2 times/).waitFor();
      await line.getByText(/closed for stocktaking/).waitFor();
      await picture(page, "webhook-refused-phone");
      await fitsTheWidth(page);
      receiver.answers.delete("/erp");
      await line.getByRole("button", { name: "Send again" }).click();
      await line.getByText("sent", { exact: true }).waitFor();
      await line.getByRole("button", { name: "Send again" }).click();
      await deliveries.getByText("1 sent again.").waitFor();
      await expect
        .poll(() => receiver.at("/erp").filter(({ headers }) => headers["webhook-id"] === event).length)
        .toBe(4);
      const secrets = rowOf(page).getByRole("region", { name: "Signing secrets" });
      await secrets.getByRole("button", { name: "Issue a new secret" }).click();
      await secrets.getByRole("status").getByRole("textbox", { name: "Signing secret" }).waitFor();
      await secrets.getByRole("button", { name: "End" }).first().waitFor();
    }, PHONE);
  });

  it("an administrator sees how to connect an assistant, what it may ask, and that somebody did", async () => {
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "low_stock", arguments: {} } };
    const headers = {
      Authorization: `Bearer ${await served.api.tokenOf("viewer")}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    };
    const asked = await served.api.app.request("/mcp", { method: "POST", headers, body: JSON.stringify(call) });
    expect(asked.status).toBe(200);
    for (const size of [DESK, PHONE]) {
      await served.signedIn(async (page) => {
        await page.getByRole("link", { name: "Integrations" }).click();
        await page.getByRole("link", { name: "Assistants" }).click();
        const connecting = page.getByRole("region", { name: "Connect an assistant" });
        await connecting.getByText("Assistants may ask.").waitFor();
        const valueOf = (name: string) => connecting.getByRole("textbox", { name }).inputValue();
        expect(await valueOf("Address")).toMatch(/\/mcp$/);
        expect(await valueOf("Get a token")).toMatch(/^curl .*grant_type=client_credentials .*\/oauth\/token$/);
        expect(JSON.parse(await valueOf("Settings of the assistant"))).toMatchObject({
          mcpServers: { waystock: { type: "http", headers: { Authorization: "Bearer TOKEN" } } },
        });
        const tools = page.getByRole("region", { name: "Tools of assistants" }).getByRole("listitem");
        await tools
          .filter({ hasText: "low_stock" })
          .getByText(/^1 call; the last/)
          .waitFor();
        await page.getByText(/^1 call in the last 24 hours/).waitFor();
        await picture(page, `assistants-${size === DESK ? "desk" : "phone"}`);
        await fitsTheWidth(page);
        await connecting.getByRole("link", { name: "Add an API client" }).click();
        await page.getByRole("button", { name: "Add an API client" }).waitFor();
      }, size);
    }
  });

  it("an auditor sees how far the log of events has come; who may see nothing there has no link to it", async () => {
    await served.inWindow(async (page) => {
      await page.goto(served.origin);
      await signIn(page, "aud@waystock.test");
      await page.getByRole("link", { name: "Integrations" }).click();
      await page.getByRole("link", { name: "Log of events" }).click();
      await page
        .getByRole("region", { name: "Log of events" })
        .getByText(/^Newest event: \d/)
        .waitFor();
      await expect.poll(() => page.getByRole("link", { name: "Webhooks" }).count()).toBe(0);
      await picture(page, "event-log-phone");
      await fitsTheWidth(page);
    }, PHONE);
    await served.inWindow(async (page) => {
      await page.goto(served.origin);
      await signIn(page, "vic@waystock.test");
      await page.getByRole("link", { name: "Analytics" }).waitFor();
      await expect.poll(() => page.getByRole("link", { name: "Integrations" }).count()).toBe(0);
    }, DESK);
  });
});
