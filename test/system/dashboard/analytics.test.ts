import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sumDueHours } from "../../../ingest/rollups/rollup-worker.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true } as const;
const PAGES = ["Bottlenecks", "Dwell", "Space", "On time", "Throughput", "Turns", "Goods by stage", "By mail"];

describe.skipIf(binary === undefined)("analytics, in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const { pool } = served.api.db;
    await pool.query(
      `INSERT INTO locations (name, stage, capacity_units) VALUES ('Gate 4', 'storage', 500), ('Plant', 'production', 900), ('Shop', 'delivery', NULL)`,
    );
    await pool.query(`WITH made AS (INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, due_at, location_id, origin_id, destination_id, created_at)
        SELECT 'S' || n, 'goods ' || n, 10, 'in_storage', 'storage', now(), now() - n * interval '1 hour', 1, 2, 3, now() FROM generate_series(1, 60) n RETURNING id)
      INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, units)
      SELECT id, now() - id * interval '3 hours', now() - (id * 3 - 1) * interval '1 hour', 'production', 2, 'moved', 10 FROM made
      UNION ALL SELECT id, now() - (id * 3 - 1) * interval '1 hour', CASE WHEN id > 9 THEN now() - (id * 3 - 2) * interval '1 hour' END, 'storage', 1,
        CASE WHEN id > 9 THEN 'delivered' END, 10 FROM made`);
    await pool.query(`INSERT INTO inventory (shipment_id, location_id, quantity) SELECT id, 1, 10 FROM shipments`);
    await pool.query(`INSERT INTO items (sku, name) VALUES ('OAK', 'Oak boards');
      INSERT INTO inventory_items (item_id, location_id, quantity, measured_at) VALUES (1, 1, 300, now());
      INSERT INTO movements (id, inventory_item_id, at, delta, level) SELECT n, 1, now() - (200 - n) * interval '1 hour', CASE WHEN n % 3 = 0 THEN -20 ELSE 15 END, 0 FROM generate_series(1, 90) n`);
    while (await sumDueHours(pool, 36_500, 1_000));
  });
  afterAll(() => served?.close());

  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)("each page answers its question, within the width of the window: %s", async (name, options) => {
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Analytics" }).click();
      for (const label of PAGES) {
        await page.getByRole("navigation", { name: "Analytics" }).getByRole("link", { name: label }).click();
        if (label === "By mail") await page.getByText("No report is sent by mail yet.").waitFor();
        else await page.locator(".report tbody tr").first().waitFor();
        await fitsTheWidth(page);
        if (PICTURES !== undefined)
          await page.screenshot({
            path: `${PICTURES}/analytics-${label.replaceAll(" ", "-")}-${name}.png`,
            fullPage: true,
          });
      }
    }, options);
  });

  it("a dispatcher sees the jam first and why, filters it away, and takes the numbers along as a file", async () => {
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Analytics" }).click();
      const first = page.locator(".report tbody tr").first();
      await first.getByRole("link", { name: "Gate 4" }).waitFor();
      await first.getByText(/9 shipments wait, the longest for 26 h; nine in ten take 1 h at most/).waitFor();
      await page.getByText(/^as of /).waitFor();
      const downloading = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download as CSV" }).click();
      const file = await readFile(await (await downloading).path(), "utf8");
      expect(file).toMatch(/^rank,stage,location_id,location_name,/);
      expect(file).toContain("Gate 4");
      await page.getByLabel("Stage").selectOption({ label: "Production" });
      await expect.poll(() => page.locator(".report tbody").getByRole("link", { name: "Gate 4" }).count()).toBe(0);
      await page.getByRole("link", { name: "Throughput" }).click();
      await page.getByLabel("Counted per").selectOption("hour");
      await page.getByRole("img", { name: /came and left over time/ }).waitFor();
      await page.getByLabel("Period").selectOption({ label: "last 24 hours" });
      await page.locator(".report tbody").getByRole("link", { name: "Plant" }).first().waitFor();
    }, DESK);
  });

  it("a manager has a report mailed, changes when, and ends it", async () => {
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/analytics/mail`);
      await page.getByRole("button", { name: "Add a report by mail" }).click();
      const form = page.getByRole("form", { name: "Add a report by mail" });
      await form.getByLabel("Name").fill("Night shift");
      await form.getByLabel("Report").selectOption({ label: "Dwell" });
      await form.getByLabel("How often").selectOption({ label: "each week" });
      await form.getByLabel("Weekday").selectOption({ label: "Friday" });
      await form.getByLabel("Time zone").fill("Europe/Berlin");
      await form.getByLabel("To these e-mail addresses").fill("a@waystock.test\nb@waystock.test");
      await form.getByRole("button", { name: "Add" }).click();
      const row = page.getByRole("listitem").filter({ hasText: "Night shift" });
      await row.getByText("Dwell, weekly on Friday at 06:00, Europe/Berlin").waitFor();
      await row.getByText("never sent").waitFor();
      await row.locator("summary").click();
      const change = row.getByRole("form", { name: "Change Night shift" });
      await change.getByLabel("How often").selectOption({ label: "each day" });
      await change.getByLabel("Hour").selectOption({ label: "22:00" });
      await change.getByRole("button", { name: "Save" }).click();
      await row.getByText("Dwell, daily at 22:00, Europe/Berlin").waitFor();
      if (PICTURES !== undefined)
        await page.screenshot({ path: `${PICTURES}/analytics-mail-open.png`, fullPage: true });
      await row.getByRole("button", { name: "Remove" }).click();
      await row
        .getByRole("button", { name: /Remove|Yes/ })
        .last()
        .click();
      await page.getByText("No report is sent by mail yet.").waitFor();
    }, DESK);
  });
});
