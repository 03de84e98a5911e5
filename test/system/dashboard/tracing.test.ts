import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const SIZES = [
  ["desk", { viewport: { width: 1440, height: 900 } }],
  ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
] as const;
const T = Date.parse("2026-03-01T08:00:00Z");

describe.skipIf(binary === undefined)("lots, pieces and returnable assets, in Chromium", () => {
  let served: ServedDashboard;
  let made: (path: string, body: object) => Promise<number>;
  let soap: number;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const admin = await served.api.as("admin");
    made = async (path, body) => {
      const answer = await admin(`POST ${path}`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
      return answer.body["id"] as number;
    };
    soap = await made("/items", { sku: "SOAP", name: "Soap", gtin: "09521101530001" });
    const store = await made("/locations", { name: "Central store", stage: "storage" });
    const shop = await made("/locations", { name: "Corner shop", stage: "delivery" });
    const stock = await made("/inventory-items", { item_id: soap, location_id: store });
    const put = (quantity: number, lot: string, expires_on: string) =>
      made("/movements", { inventory_item_id: stock, quantity, reason: "made", lot, expires_on });
    await put(100, "L-0301", "2030-01-31");
    await put(40, "L-0199", "2020-01-31");
    await made("/movements", { inventory_item_id: stock, quantity: 20, reason: "found" });
    const moved = { quantity: 10, lot: "L-0301", reason: "refill", to: { location_id: shop } };
    await made("/movements", { inventory_item_id: stock, ...moved });
    const shipment = await made("/shipments", { item_id: soap, quantity: 12, location: store, destination_id: shop });
    await made(`/shipments/${shipment}/lots`, { lot: "L-0301", quantity: 12 });
    await inTransaction(served.api.db.pool, (client) =>
      recordFacts(client, {
        facts: [true, true, false].map((isReceived, at) => ({
          key: `serial:${at}`,
          subject: "serial:09521101530001/A7",
          at: T + at * 60_000,
          type: "serial_scanned",
          data: { stockId: stock, isReceived, quantity: 1, code: "A7", lot: "L-0301" },
          rule: "scan-facts",
          evidence: [],
          confidence: 0.9,
          deviceId: "hand-1",
        })),
      }),
    );
    await made("/parties", { name: "Acme", roles: ["customer"] });
  });
  afterAll(() => served?.close());

  const picture = async (page: Page, name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: false }).filter({ hasText: name });

  it.each(SIZES)("a manager holds a lot, sees where it went, and releases it: %s", async (name, options) => {
    await served.signedIn(async (page) => {
      await tab(page, "Lots").click();
      const list = page.getByRole("table", { name: "Lots, what expires first comes first" });
      await expect.poll(() => list.getByRole("row").allInnerTexts()).toHaveLength(3);
      await expect.poll(() => list.innerText()).toContain("expired on 2020-01-31");
      await picture(page, `lots-${name}`);
      await page.getByRole("button", { name: "Expired", exact: true }).click();
      await expect.poll(() => list.getByRole("row").count()).toBe(2);
      await page.getByRole("button", { name: "In stock", exact: true }).click();
      await list.getByRole("button", { name: "L-0301" }).click();

      const detail = page.getByRole("article");
      await detail.getByText("Hold", { exact: true }).click();
      await detail.getByLabel("Why").fill("smells of fish");
      await detail.getByRole("button", { name: "Hold", exact: true }).click();
      await detail.getByText("▲ On hold: smells of fish").waitFor();
      const holds = page.getByRole("list", { name: "Holds it" });
      await expect.poll(() => holds.getByRole("listitem").allInnerTexts()).toHaveLength(4);
      await expect.poll(() => holds.innerText()).toContain("on hold");
      await picture(page, `lot-on-hold-${name}`);
      await page.getByRole("region", { name: "Recall" }).scrollIntoViewIfNeeded();
      await picture(page, `lot-recall-${name}`);
      await fitsTheWidth(page);
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export as CSV" }).click(),
      ]);
      const text = await readFile(await file.path(), "utf8");
      expect(text).toContain("L-0301,SOAP,shipment,");

      await detail.getByText("Release", { exact: true }).click();
      await detail.getByLabel("Why").fill("laboratory 4711");
      await detail.getByRole("button", { name: "Release", exact: true }).click();
      await expect.poll(() => detail.innerText()).not.toContain("▲ On hold");
      await detail.getByText("laboratory 4711").first().waitFor();
      await holds.getByRole("button", { name: "Central store" }).first().click();
      const lots = page.getByRole("region", { name: "Lots" });
      await expect.poll(() => lots.innerText()).toContain("no lot known");
      await picture(page, `stock-lots-${name}`);
    }, options);
  });

  it.each(SIZES)("somebody scans a piece and sees in whose hands it was: %s", async (name, options) => {
    await served.signedIn(async (page) => {
      await tab(page, "Serials").click();
      await page.getByRole("searchbox", { name: "Serial, or scan the piece" }).fill("(01)09521101530001(21)A7");
      await page.getByRole("button", { name: "A7", exact: true }).click();
      const events = page.getByRole("list", { name: "Where it was, newest first" });
      await expect.poll(() => events.getByRole("listitem").allInnerTexts()).toHaveLength(3);
      await expect.poll(() => events.innerText()).toContain("once more: it counts once");
      await expect.poll(() => events.innerText()).toContain("hand-1");
      await picture(page, `serial-${name}`);
      await fitsTheWidth(page);
    }, options);
  });

  it.each(SIZES)("a storekeeper gives pallets to a customer, and sees the balance: %s", async (name, options) => {
    const type = `Euro pallet ${name}`;
    await served.signedIn(async (page) => {
      await tab(page, "Assets").click();
      await page.getByText("Types of assets", { exact: true }).click();
      const newType = page.getByRole("form", { name: "New type" });
      await newType.getByLabel("Name").fill(type);
      await newType.getByLabel("Kind").selectOption("pallet");
      await newType.getByRole("button", { name: "Add" }).click();
      await page.getByText(`Change ${type}`, { exact: true }).waitFor();
      await page.getByText("Types of assets", { exact: true }).click();

      await page.getByText("Give or take back", { exact: true }).click();
      const form = page.getByRole("form", { name: "Give or take back" });
      await form.getByLabel("Party").selectOption("Acme");
      await form.getByLabel("Type").selectOption(type);
      await form.getByLabel("How many").fill("33");
      await form.getByLabel("Serials or scanned GRAIs, with commas").fill(`S1-${name}, S2-${name}`);
      await form.getByRole("button", { name: "Record" }).click();
      const balances = page.getByRole("table", { name: "Balances of returnable assets" });
      await expect.poll(() => balances.innerText()).toContain("33 given, 0 returned");
      await balances.getByRole("button", { name: "Acme" }).first().click();
      await page.getByText(`Has by serial`).waitFor();
      await expect.poll(() => page.getByRole("region", { name: "Movements" }).innerText()).toContain(`S1-${name}`);
      await picture(page, `assets-${name}`);
      await fitsTheWidth(page);
    }, options);
  });
});
