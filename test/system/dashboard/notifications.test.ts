import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { SEALER } from "../../api/support.ts";
import { quiet } from "../../support/ingest.ts";
import { type MailServer, startMailServer } from "../../support/receivers.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("notifications on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  let mail: MailServer;
  const running: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
    mail = await startMailServer();
    const { pool, listener } = served.api.db;
    running.push(startAlertEngine(pool, listener, new ReceiptClock(), quiet));
    const options = { pool, sealer: SEALER, publicUrl: "http://waystock.test", allowedHosts: [], log: quiet };
    running.push(startRelay({ ...options, smtpUrl: mail.url, startLoop, maskSecrets }));
  });
  afterAll(async () => {
    await Promise.all(running.map((each) => each.close()));
    await mail?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it("a manager adds a rule and tests it by mouse; an alert shows to whom it was sent", async () => {
    const item = await data.call("POST /items", { sku: "Wicks", name: "Wicks" });
    const location = await data.call("POST /locations", { name: "Aisle of Wicks", stage: "delivery" });
    const ids = { item_id: item.body["id"], location_id: location.body["id"] };
    const stock = await data.call("POST /inventory-items", { ...ids, quantity: 9 });
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "Notifications" }).click();
      await page.getByRole("button", { name: "Add a notification rule" }).click();
      const form = page.getByRole("form", { name: "Add a notification rule" });
      await form.getByLabel("Name").fill("Wicks are out");
      await form.getByLabel("E-mail address").fill("keeper@waystock.test");
      await form.getByLabel("Of these alerts").selectOption({ label: "Out of stock" });
      await form.getByLabel(/^Only at these places/).selectOption({ label: "Aisle of Wicks" });
      await picture(page, "notification-form-desk");
      await fitsTheWidth(page);
      await form.getByRole("button", { name: "Add", exact: true }).click();
      const row = page.getByRole("listitem").filter({ hasText: "Wicks are out" });
      await row.getByText("Wicks are out").first().click();
      await row.getByRole("button", { name: "Send a test" }).click();
      await row.getByText(/^sent$/).waitFor();
      await row.getByText(/250 .*queued as 4711/).waitFor();
      await picture(page, "notification-test-desk");
      await fitsTheWidth(page);
    }, DESK);
    expect(mail.to("keeper@waystock.test").map((received) => received.header("subject"))).toEqual([
      "Test of the notification rule Wicks are out",
    ]);
    await data.call(`PUT /inventory-items/${String(stock.body["id"])}`, { quantity: 0 });
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: /^Alerts/ }).click();
      const title = /Wicks at Aisle of Wicks: nothing left/;
      await page.getByRole("button", { name: title }).click();
      const told = page.getByRole("article", { name: title }).getByRole("region", { name: "Sent to" });
      await told.getByText("keeper@waystock.test").waitFor();
      await told.getByText("sent", { exact: true }).waitFor();
      await picture(page, "alert-told-phone-dark");
      await fitsTheWidth(page);
      await page.getByRole("button", { name: "← Back" }).click();
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "Notifications" }).click();
      await page.getByText("Wicks are out").first().click();
      await page.getByRole("button", { name: "Send a test" }).scrollIntoViewIfNeeded();
      await picture(page, "notification-row-phone-dark");
      await fitsTheWidth(page);
    }, PHONE);
    expect(mail.to("keeper@waystock.test")).toHaveLength(2);
  });

  it("a manager changes the secret of a webhook by mouse: the new one is shown once, and the old one is ended", async () => {
    const hook = { name: "Hook of the ERP", types: ["dwell"], channel: "webhook", target: "https://erp.example/hook" };
    const { id } = (await data.call("POST /notification-rules", hook)).body;
    const secrets = async () =>
      (await data.call(`GET /notification-rules/${String(id)}/secrets`)).body as unknown as { id: number }[];
    const [first] = await secrets();
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "Notifications" }).click();
      const row = page.getByRole("listitem").filter({ hasText: "Hook of the ERP" });
      await row.getByText("Hook of the ERP").first().click();
      const section = row.getByRole("region", { name: "Signing secrets" });
      await section.getByRole("button", { name: "Issue a new secret" }).click();
      await expect.poll(() => section.getByLabel("Signing secret", { exact: true }).inputValue()).toMatch(/^whsec_/);
      await expect.poll(() => section.getByRole("button", { name: "End" }).count()).toBe(2);
      await section.scrollIntoViewIfNeeded();
      await picture(page, "webhook-secrets-phone-dark");
      await fitsTheWidth(page);
      await section.getByRole("button", { name: "End" }).first().click();
      await section
        .getByRole("button", { name: /yes|end/i })
        .first()
        .click();
      await expect.poll(() => section.getByRole("button", { name: "End" }).count()).toBe(0);
    }, PHONE);
    const left = await secrets();
    expect(left).toHaveLength(1);
    expect(left[0]!.id).not.toBe(first!.id);
  });
});
