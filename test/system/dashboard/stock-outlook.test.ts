import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("what is expected of stock, in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const manager = await served.api.as("manager");
    const made = async (path: string, body: object): Promise<number> =>
      Number((await manager(`POST ${path}`, body)).body["id"]);
    const item = await made("/items", { sku: "ROPE", name: "Rope" });
    const place = await made("/locations", { name: "Chandler", stage: "delivery" });
    const stock = await made("/inventory-items", {
      item_id: item,
      location_id: place,
      quantity: 100,
      reorder_point: 9,
    });
    await manager("POST /movements", { inventory_item_id: stock, quantity: -40, reason: "sold" });
    await served.api.db.pool.query("UPDATE movements SET at = at - interval '19 days'");
    await made("/shipments", { item_id: item, quantity: 7, location: "production", destination_id: place });
  });
  afterAll(() => served?.close());

  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)("stock that is not short shows its days of cover and what is on its way: %s", async (name, options) => {
    await served.signedIn(async (page) => {
      await page.getByRole("button", { name: "Rope at Chandler" }).click();
      const outlook = page.getByRole("region", { name: "Outlook" });
      await outlook.getByText("30 days", { exact: true }).waitFor();
      await outlook.getByText("At 2 a day, the mean of 20 days of movements.").waitFor();
      await outlook
        .getByRole("list", { name: "On its way" })
        .getByText(/no vehicle carries it yet/)
        .waitFor();
      await fitsTheWidth(page);
      if (PICTURES !== undefined) {
        await outlook.scrollIntoViewIfNeeded();
        await page.screenshot({ path: `${PICTURES}/outlook-${name}.png` });
      }
      await page
        .getByRole("article", { name: /^Stock/ })
        .getByRole("button", { name: "Chandler" })
        .click();
      await page.getByRole("region", { name: "Stock here" }).getByText("lasts 30 days").waitFor();
    }, options);
  });
});
