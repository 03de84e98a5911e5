import { connectAsync, type MqttClient } from "mqtt";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signIn } from "../../api/dashboard/chromium-window.ts";
import { startPlatform, type TestPlatform } from "../../support/platform.ts";
import { requires } from "../../support/requires.ts";

// A shortage is one after a minute; the rest is no limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });
const PATIENCE = { timeout: 120_000 };

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const KEEPER = "kim@waystock.test";

describe.skipIf(binary === undefined)("a stock keeper at the page, the whole platform and a shelf scale", () => {
  let platform: TestPlatform;
  let scale: MqttClient;
  let browser: Browser;
  let page: Page;
  /** what the browser complained of */
  const failures: string[] = [];

  beforeAll(async () => {
    platform = await startPlatform();
    const made = async (path: string, body: object): Promise<number> =>
      (await platform.call<{ id: number }>("POST", path, body)).id;
    await made("/users", { email: KEEPER, role: "manager", password: "a long enough password" });
    const supplier = await made("/parties", { name: "Soap works", roles: ["supplier"], pack_quantity: 12 });
    const item = await made("/items", { sku: "SOAP", name: "Soap", unit_weight_grams: 250, supplier_id: supplier });
    const shop = await made("/locations", { name: "Corner shop", stage: "delivery" });
    await made("/inventory-items", { item_id: item, location_id: shop, reorder_point: 10, source: "scale" });
    const { id, secret } = await platform.call<{ id: string; secret: string }>("POST", "/devices", {
      ...{ id: "shelf-1", kind: "scale" },
      mount: { location_id: shop, item_id: item, tare_grams: 900 },
    });
    scale = await connectAsync(platform.mqtt, { clientId: id, username: id, password: secret });
    browser = await chromium.launch({ executablePath: binary!, args: ["--no-sandbox"] });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    page = await context.newPage();
    page.on("pageerror", (error) => failures.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") failures.push(message.text());
    });
  });
  afterAll(async () => {
    await scale?.endAsync();
    await browser?.close();
    await platform?.close();
  });

  /** So many pieces are on the shelf now. */
  const weigh = (pieces: number) =>
    scale.publishAsync(
      "devices/shelf-1/scale",
      JSON.stringify({ ts: Date.now(), grams: 900 + 250 * pieces, stable: true }),
      { qos: 1 },
    );
  const picture = async (name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };

  it("sees the shortage, approves the draft, sends it, watches the delivery arrive by the shelf and the alert resolve, and counts the shelf", async () => {
    await weigh(20);
    await page.goto(platform.api);
    await signIn(page, KEEPER);
    await page.getByRole("button", { name: "Soap at Corner shop" }).getByText("Soap").waitFor(PATIENCE);

    // The last pieces are taken.
    await weigh(0);
    await page.getByRole("tab", { name: /^Alerts/ }).click();
    const alert = page.getByRole("button", { name: /Soap at Corner shop: nothing left/ });
    await alert.click(PATIENCE);
    const detail = page.getByRole("article", { name: /nothing left/ });
    await detail.getByRole("button", { name: "Stock and its history" }).click();
    const reorder = page.getByRole("region", { name: "Reorder" });
    await reorder.getByText("24 pieces").waitFor(PATIENCE);

    // After a minute the platform has drafted an order; the section that is open shows it by itself.
    await reorder.getByRole("button", { name: "Open the draft order" }).click(PATIENCE);
    const status = page.getByRole("region", { name: "Status" });
    const isNow = (word: string) => status.locator("strong", { hasText: new RegExp(`^${word}$`) });
    await picture("restock-draft");
    await status.getByRole("button", { name: "approved" }).click();
    await status.getByRole("button", { name: "sent" }).click();
    const lines = page.getByRole("region", { name: "Lines" });
    await isNow("sent").waitFor(PATIENCE);

    // The shelf is filled in two lots: nobody enters anything.
    await weigh(10);
    await lines.getByText(/24 pieces · 10 received \(10 by scale\)/).waitFor(PATIENCE);
    await isNow("partial").waitFor(PATIENCE);
    await picture("restock-partly");
    await weigh(24);
    await lines.getByText(/24 received \(24 by scale\)/).waitFor(PATIENCE);
    await isNow("received").waitFor(PATIENCE);
    await picture("restock-received");

    await page.getByRole("button", { name: "← Back" }).click();
    await page.getByRole("tab", { name: /^Alerts/ }).click();
    await alert.waitFor({ state: "detached", ...PATIENCE });
    await page.getByRole("button", { name: /Soap at Corner shop/ }).click();
    const stock = page.getByRole("article", { name: /^Stock / });
    await stock.getByText("24 pieces").first().waitFor(PATIENCE);
    await reorder.waitFor({ state: "detached", ...PATIENCE });

    // She counts the shelf: one piece is damaged.
    await stock.getByRole("button", { name: "Ask for a count" }).click();
    const form = stock.getByRole("form", { name: "Counted" });
    await form.getByLabel(/^Counted/).fill("23");
    await form.getByRole("button", { name: "Enter the count" }).click();
    await stock.getByRole("button", { name: "Ask for a count" }).waitFor(PATIENCE);
    await stock.getByText("23 pieces").first().waitFor(PATIENCE);
    await stock
      .getByRole("list", { name: "Movements", exact: true })
      .getByRole("listitem")
      .first()
      .getByText("−1 → 23 pieces")
      .waitFor(PATIENCE);
    await picture("restock-counted");
    expect(failures).toEqual([]);
  });
});
