import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { EMAIL, openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { SEALER } from "../../api/support.ts";
import { quiet } from "../../support/ingest.ts";
import { type PushReceiver, startPushReceiver } from "../../support/push-receiver.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

/*
 * Chromium without a window has no push service to subscribe at. What it has is used: the permission, the service worker, and its own
 * way of handing a message to that worker. In the place of `pushManager.subscribe` stands a browser of a push service on loopback.
 */
describe.skipIf(binary === undefined)("notifications in a browser, in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  let push: PushReceiver;
  let relay: { close(): Promise<void> };
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
    push = await startPushReceiver();
    const options = { pool: served.api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", log: quiet };
    relay = startRelay({ ...options, allowedHosts: ["127.0.0.1"], smtpUrl: undefined, startLoop, maskSecrets });
  });
  afterAll(async () => {
    await relay?.close();
    await push?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const allow = (context: BrowserContext) => context.grantPermissions(["notifications"], { origin: served.origin });
  const section = (page: Page) => page.getByRole("region", { name: "Notifications in browsers" });

  it("a browser that may not, or cannot, be notified is told why, and is asked only by a click", async () => {
    await served.signedIn(async (page) => {
      await page.addInitScript(
        "Notification.requestPermission = () => { globalThis.asked = true; return Promise.resolve('denied') }",
      );
      await page.reload();
      await page.getByRole("link", { name: /^(Account|anna@waystock.test)$/ }).click();
      await section(page).getByText("You are notified in no browser.").waitFor();
      expect(await page.evaluate("globalThis.asked ?? false")).toBe(false);
      const button = section(page).getByRole("button", { name: "Notify me in this browser" });
      if ((await page.evaluate("Notification.permission")) === "denied") {
        // Chromium without a window denies by itself.
        await section(page)
          .getByText(/does not allow notifications of this page/)
          .waitFor();
        await expect.poll(() => button.count()).toBe(0);
      } else {
        await button.click();
        await section(page)
          .getByRole("alert")
          .getByText(/permission|allow/)
          .waitFor();
      }
      await picture(page, "push-denied-desk");
      await fitsTheWidth(page);
    }, DESK);
    await served.signedIn(async (page) => {
      await page.addInitScript("delete globalThis.PushManager");
      await page.reload();
      await page.getByRole("link", { name: /^(Account|anna@waystock.test)$/ }).click();
      await section(page)
        .getByText(/This browser cannot receive notifications/)
        .waitFor();
      await fitsTheWidth(page);
    }, PHONE);
  });

  it("a person subscribes a browser by mouse, is sent a test by a rule, and unsubscribes; the worker shows what is pushed", async () => {
    await served.signedIn(async (page) => {
      await allow(page.context());
      const { body } = await data.call("GET /push-key");
      const browser = push.browser(String(body["public_key"]));
      const stub = `{ const subscription = ${JSON.stringify(browser.subscription)}; let current = null;
        PushManager.prototype.getSubscription = async () => current;
        PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
          globalThis.subscribedFor = applicationServerKey;
          return current = { ...subscription, options: { applicationServerKey: null }, toJSON: () => subscription,
            unsubscribe: async () => { current = null; return true; } };
        } }`;
      await page.addInitScript(stub);
      await page.reload();
      await page.getByRole("link", { name: /^(Account|anna@waystock.test)$/ }).click();
      await section(page).getByRole("button", { name: "Notify me in this browser" }).click();
      await section(page).getByText("this one").waitFor();
      expect(await page.evaluate("globalThis.subscribedFor")).toBe(body["public_key"]);
      await section(page).scrollIntoViewIfNeeded();
      await picture(page, "push-subscribed-phone-dark");
      await fitsTheWidth(page);

      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "Notifications" }).click();
      await page.getByRole("button", { name: "Add a notification rule" }).click();
      const form = page.getByRole("form", { name: "Add a notification rule" });
      await form.getByLabel("Name").fill("To my browser");
      await form.getByRole("combobox").selectOption({ label: "Browser" });
      await form.getByLabel(/^User \(e-mail address\) or role/).fill(EMAIL);
      await form.getByLabel("Of these alerts").selectOption({ label: "Out of stock" });
      await picture(page, "push-rule-phone-dark");
      await fitsTheWidth(page);
      await form.getByRole("button", { name: "Add", exact: true }).click();
      const row = page.getByRole("listitem").filter({ hasText: "To my browser" });
      await row.getByText("To my browser").first().click();
      await row.getByRole("button", { name: "Send a test" }).click();
      await row.getByText("accepted for 1 browser").waitFor();
      expect(browser.received.map(({ payload }) => payload.title)).toEqual([
        "Test of the notification rule To my browser",
      ]);

      // What the push service would hand on, by Chromium's own door for it.
      const { payload } = browser.received[0]!;
      const devtools = await page.context().newCDPSession(page);
      const registered = new Promise<string>((resolve) =>
        devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
          const [own] = registrations;
          if (own !== undefined) resolve(own.registrationId);
        }),
      );
      await devtools.send("ServiceWorker.enable");
      const message = { origin: served.origin, registrationId: await registered, data: JSON.stringify(payload) };
      await devtools.send("ServiceWorker.deliverPushMessage", message);
      await devtools.send("ServiceWorker.deliverPushMessage", message);
      const shown = () =>
        page.evaluate(
          "navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map(({ title, body, data }) => ({ title, body, ...data })))",
        );
      const { title, body: text, url } = payload;
      await expect.poll(shown).toEqual([{ title, body: text, url }]);

      await page.getByRole("link", { name: /^(Account|anna@waystock.test)$/ }).click();
      await section(page).getByRole("button", { name: "Stop" }).click();
      await section(page).getByText("You are notified in no browser.").waitFor();
      await section(page).getByRole("button", { name: "Notify me in this browser" }).waitFor();
    }, PHONE);
  });
});
