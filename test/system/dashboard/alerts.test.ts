import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { EMAIL, openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { quiet } from "../../support/ingest.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("alerts on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  let engine: ReturnType<typeof startAlertEngine>;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
    const { pool, listener } = served.api.db;
    engine = startAlertEngine(pool, listener, new ReceiptClock(), quiet);
  });
  afterAll(async () => {
    await engine?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  /** A position with a level, and what the list calls it when it is empty. */
  async function emptied(name: string): Promise<{ set: (quantity: number) => Promise<unknown>; title: RegExp }> {
    const item = await data.call("POST /items", { sku: name, name });
    const location = await data.call("POST /locations", { name: `Aisle of ${name}`, stage: "delivery" });
    const stock = await data.call("POST /inventory-items", {
      item_id: item.body["id"],
      location_id: location.body["id"],
      quantity: 9,
      reorder_point: 4,
    });
    const set = (quantity: number) => data.call(`PUT /inventory-items/${String(stock.body["id"])}`, { quantity });
    return { set, title: new RegExp(`${name} at Aisle of ${name}: nothing left`) };
  }

  it("a shelf that is empty appears by itself; a person sees to it, reads its evidence, and it goes when goods come", async () => {
    const { set, title } = await emptied("Lamp oil");
    await served.signedIn(async (page) => {
      const tab = page.getByRole("tab", { name: /^Alerts/ });
      await tab.click();
      await set(0);
      const row = page.getByRole("button", { name: title });
      await row.waitFor();
      await expect.poll(() => row.innerText()).toContain("Bring some from another place");
      await picture(page, "alerts-desk");
      await fitsTheWidth(page);
      await row.click();
      const detail = page.getByRole("article", { name: title });
      await detail.getByRole("button", { name: "I see to it" }).click();
      await detail.getByRole("button", { name: "Acknowledge" }).click();
      await detail.getByText("acknowledged by").waitFor();
      await detail.getByText(`assigned by ${EMAIL}`).or(detail.getByText("assigned by")).first().waitFor();
      await detail.getByText("Snooze", { exact: true }).click();
      await detail.getByLabel("For").selectOption("60");
      await detail.getByRole("button", { name: "Snooze" }).click();
      await detail
        .getByText(/snoozed until/)
        .first()
        .waitFor();
      await picture(page, "alert-detail-desk");
      await detail.getByRole("button", { name: "Stock and its history" }).click();
      await page
        .getByRole("article", { name: /^Stock / })
        .getByRole("heading", { name: "Lamp oil" })
        .waitFor();
      // The browser goes back to the alert; the button of the stock leads to the list.
      await page.goBack();
      await detail.waitFor();
      await set(20);
      await detail.getByText("resolved", { exact: true }).first().waitFor();
      await page.getByRole("button", { name: "← Back" }).click();
      await page.getByRole("button", { name: title }).waitFor({ state: "detached" });
    }, DESK);
  });

  it("on a phone in the dark a person resolves an alert and says what was done", async () => {
    const { set, title } = await emptied("Candles");
    await set(0);
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: /^Alerts/ }).click();
      await page.getByRole("button", { name: title }).scrollIntoViewIfNeeded();
      await picture(page, "alerts-phone-dark");
      await fitsTheWidth(page);
      await page.getByRole("button", { name: title }).click();
      const detail = page.getByRole("article", { name: title });
      await detail.getByText("Resolve", { exact: true }).click();
      await detail.getByLabel("What was done").fill("Took some from the store room");
      await picture(page, "alert-detail-phone-dark");
      await fitsTheWidth(page);
      await detail.getByRole("button", { name: "Resolve" }).click();
      await detail.getByText("Took some from the store room").first().waitFor();
      await expect.poll(() => detail.getByRole("button", { name: "Acknowledge" }).count()).toBe(0);
    }, PHONE);
  });

  it("a manager gives a place its capacities by mouse, sees how full it is and when it will be, and its alert", async () => {
    const made = async (path: string, body: object): Promise<number> =>
      Number((await data.call(`POST ${path}`, body)).body["id"]);
    const hall = await made("/locations", { name: "Coffee hall", stage: "storage" });
    const rack = await made("/locations", { name: "Coffee rack", parent_id: hall, capacity_units: 400 });
    const beans = await made("/items", { sku: "BEANS", name: "Coffee beans", unit_weight_grams: 5_000 });
    const mugs = await made("/items", { sku: "MUGS", name: "Coffee mugs" });
    const stock = await made("/inventory-items", { item_id: beans, location_id: rack });
    await made("/inventory-items", { item_id: mugs, location_id: hall, quantity: 12 });
    const put = (quantity: number, daysAgo: number) =>
      made("/movements", {
        ...{ inventory_item_id: stock, quantity, reason: "bought" },
        at: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
      });
    await put(100, 20);
    await put(80, 3);
    await made("/alert-rules", {
      ...{ name: "Coffee hall: nearly full", type: "capacity", location_ids: [hall], params: { hold_seconds: 0 } },
    });
    await served.signedIn(async (page) => {
      await page.getByRole("combobox", { name: "Search everything" }).fill("coffee rack");
      await page.getByRole("option", { name: /Coffee rack/ }).click();
      const place = page.getByRole("article", { name: /^Location/ });
      await place.getByRole("meter", { name: "units in Coffee rack" }).waitFor();
      await place.getByText("180 of 400 units").waitFor();
      await place.getByText(/^Full on \d+ \w+ \d+, at 9 units a day/).waitFor();
      await place.getByRole("button", { name: "Coffee hall" }).click();
      await place.getByText("It has no capacity").waitFor();
      await place.getByText("Set its capacities", { exact: true }).click();
      await place.getByLabel("Carries, kg").fill("1000");
      await place.getByRole("button", { name: "Save" }).click();
      await place.getByText("900 of 1,000 kilograms").waitFor();
      await place.getByText("12 more units are there whose weight is not known").waitFor();
      await place.getByText(/its own stock and that of 1 place in it/).waitFor();
      await place.getByRole("meter", { name: "How full Coffee rack is" }).waitFor();
      await picture(page, "place-desk");
      await fitsTheWidth(page);
      await page.getByRole("tab", { name: /^Alerts/ }).click();
      await page.getByRole("button", { name: /^.*Coffee hall is 90 % full: 900 of 1000 kilograms/ }).click();
      await page.getByRole("button", { name: "The place, and how full it is" }).click();
      await place.getByRole("heading", { name: "Coffee hall" }).waitFor();
    }, DESK);
    await served.signedIn(async (page) => {
      await page.getByRole("combobox", { name: "Search everything" }).fill("coffee hall");
      await page.getByRole("option", { name: /Coffee hall/ }).click();
      await page.getByRole("meter", { name: "kilograms in Coffee hall" }).scrollIntoViewIfNeeded();
      await picture(page, "place-phone-dark");
      await fitsTheWidth(page);
    }, PHONE);
  });

  it("a shelf is low by the reorder point of the place above it; a manager overrides that and takes it back by mouse", async () => {
    const made = async (path: string, body: object): Promise<number> =>
      Number((await data.call(`POST ${path}`, body)).body["id"]);
    const hall = await made("/locations", { name: "Tea hall", stage: "storage" });
    const shelf = await made("/locations", { name: "Tea shelf", parent_id: hall });
    const item = await made("/items", { sku: "TEA", name: "Green tea" });
    await made("/inventory-items", { item_id: item, location_id: hall, reorder_point: 25 });
    await made("/inventory-items", { item_id: item, location_id: shelf, quantity: 20 });
    await served.signedIn(async (page) => {
      await page.getByRole("button", { name: "Green tea at Tea shelf" }).click();
      const detail = page.getByRole("article", { name: /^Stock / });
      await detail.getByText("25 pieces, from").waitFor();
      await detail.getByRole("region", { name: "Reorder" }).getByText("30 pieces").waitFor();
      await picture(page, "inherited-desk");
      await fitsTheWidth(page);
      const set = async (point: string): Promise<void> => {
        await detail.getByText("Reorder point and source", { exact: true }).click();
        await detail.getByLabel(/^Reorder at/).fill(point);
        await detail.getByRole("button", { name: "Save" }).click();
      };
      await set("0");
      await detail.getByText("never", { exact: true }).waitFor();
      await detail.getByRole("region", { name: "Reorder" }).waitFor({ state: "detached" });
      await set("");
      await detail.getByText("25 pieces, from").waitFor();
      await detail.getByRole("button", { name: "Tea hall" }).click();
      await page
        .getByRole("article", { name: /^Location/ })
        .getByRole("heading", { name: "Tea hall" })
        .waitFor();
    }, DESK);
  });

  it("a manager tries a rule on the last days, adds it, and turns it off", async () => {
    const { set } = await emptied("Matches");
    await set(3);
    await set(9);
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "Alert rules" }).click();
      await page.getByRole("button", { name: "Add an alert rule" }).click();
      const form = page.getByRole("form", { name: "Add an alert rule" });
      await form.getByLabel("Name").fill("Nearly out of matches");
      await form.getByLabel("For so many seconds").fill("0");
      await form.getByLabel(/^Only at these places/).selectOption({ label: "Aisle of Matches" });
      await form.getByRole("button", { name: "Try on the last 7 days" }).click();
      await form.getByText(/would have fired 1 time/).waitFor();
      await picture(page, "alert-rules-desk");
      await fitsTheWidth(page);
      await form.getByRole("button", { name: "Add", exact: true }).click();
      const row = page.getByRole("listitem").filter({ hasText: "Nearly out of matches" });
      await row.getByText("Aisle of Matches").first().waitFor();
      await row.getByText("Nearly out of matches").click();
      const change = page.getByRole("form", { name: "Change Nearly out of matches" });
      await change.getByLabel("In force").uncheck();
      await change.getByRole("button", { name: "Save" }).click();
      await row.getByText("off", { exact: true }).waitFor();
    }, DESK);
    const rules = (await data.call("GET /alert-rules?limit=200")).body as unknown as Record<string, unknown>[];
    expect(rules).toContainEqual(expect.objectContaining({ name: "Nearly out of matches", enabled: false }));
  });
});
