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

    const roles = ["supplier", "owner"];
    const works = await made("/parties", { name: "Rope works", roles, lead_time_days: 4 });
    const twine = await made("/items", { sku: "TWINE", name: "Twine" });
    const at = { item_id: twine, location_id: place };
    await made("/inventory-items", { ...at, quantity: 5, reorder_point: 20 });
    await made("/inventory-items", { ...at, quantity: 9, owner_id: works, condition: "hold" });
    const order = await made("/orders", {
      ...{ kind: "restock", reference: "PO-9", supplier_id: works, location_id: place },
      lines: [{ item_id: twine, quantity: 30 }],
    });
    for (const status of ["approved", "sent"]) await manager(`PUT /orders/${order}`, { status });
    await served.api.db.pool.query("UPDATE orders SET sent_at = now() - interval '170 hours' WHERE id = $1", [order]);
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

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "the list tells what is on order and overdue, and what is not the common case: %s",
    async (name, options) => {
      await served.signedIn(async (page) => {
        const row = (...texts: string[]) =>
          texts.reduce((rows, hasText) => rows.filter({ hasText }), page.locator(".stock li"));
        await row("Rope", "lasts 30 days", "7 on the way").waitFor();
        await row("Twine", "on hold", "of Rope works", "9 pieces").waitFor();
        const short = row("Twine", "30 on order, ▲ expected 3 days ago");
        await short.waitFor();
        await expect.poll(() => short.innerText()).not.toMatch(/on hold|Rope works/);
        await fitsTheWidth(page);
        if (PICTURES !== undefined) {
          await short.scrollIntoViewIfNeeded();
          await page.screenshot({ path: `${PICTURES}/stock-notes-${name}.png` });
        }
        await page.getByRole("button", { name: "Twine at Chandler", exact: true }).click();
        const orders = page.getByRole("list", { name: "On order" });
        await orders.getByText("of restock order PO-9, ▲ expected 3 days ago").waitFor();
        await orders.getByRole("button", { name: "30 pieces" }).click();
        await page
          .getByRole("article", { name: /^Order/ })
          .getByText("▲ expected 3 days ago")
          .waitFor();
        await fitsTheWidth(page);
        await page.getByRole("tab", { name: "Orders" }).click();
        await page.getByRole("row", { name: /PO-9/ }).getByText("▲ expected 3 days ago").waitFor();
        await fitsTheWidth(page);
      }, options);
    },
  );
});
