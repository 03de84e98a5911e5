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

describe.skipIf(binary === undefined)("2,000 locations as a tree, in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    // 20 sites with 9 aisles each, of which each has 10 shelves: 2,000 in three levels.
    await served.api.db.pool.query(
      `WITH sites AS (INSERT INTO locations (name, stage) SELECT 'Site ' || n, 'storage' FROM generate_series(1, 20) n RETURNING id),
        aisles AS (INSERT INTO locations (name, parent_id) SELECT 'Aisle ' || n, id FROM sites, generate_series(1, 9) n RETURNING id)
      INSERT INTO locations (name, parent_id) SELECT 'Shelf ' || n, id FROM aisles, generate_series(1, 10) n`,
    );
  });
  afterAll(() => served?.close());

  const rows = (page: Page) => page.getByRole("list", { name: "Locations" }).getByRole("listitem");
  const named = (page: Page, name: string) => rows(page).filter({ has: page.getByText(name, { exact: true }) });
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  async function openLocations(page: Page): Promise<void> {
    await page.getByRole("link", { name: "Administration" }).click();
    await page.getByRole("link", { name: "Locations" }).click();
    await expect.poll(() => rows(page).count()).toBe(20);
  }

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "a manager unfolds, folds, searches by the path and moves a shelf by mouse: %s",
    async (name, options) => {
      await served.signedIn(async (page) => {
        await openLocations(page);
        await expect.poll(() => named(page, "Site 2").innerText()).toContain("9 in it");
        await page.getByRole("button", { name: "Contents of Site 2", exact: true }).click();
        await expect.poll(() => rows(page).count()).toBe(29);
        await page.getByRole("button", { name: "Contents of Aisle 3", exact: true }).click();
        await expect.poll(() => rows(page).count()).toBe(39);
        await expect.poll(() => named(page, "Shelf 10").getAttribute("data-depth")).toBe("2");
        await picture(page, `locations-tree-${name}`);
        await fitsTheWidth(page);
        await page.getByRole("button", { name: "Contents of Site 2", exact: true }).click();
        await expect.poll(() => rows(page).count()).toBe(20);

        await page.getByLabel("Search the locations").fill("site 17 aisle 4 shelf 9");
        await expect.poll(() => rows(page).count()).toBe(1);
        await expect.poll(() => rows(page).first().innerText()).toContain("Site 17 › Aisle 4 › Shelf 9");
        await page.getByLabel("Search the locations").fill("shelf");
        await page.getByRole("button", { name: "Show more: 1600 are left" }).click();
        await expect.poll(() => rows(page).count()).toBe(400);
        await page.getByLabel("Search the locations").fill("nowhere");
        await page.getByText("No location is called so.").waitFor();

        await page.getByLabel("Search the locations").fill("site 17 aisle 4 shelf 9");
        await rows(page).first().locator("summary").click();
        await page.getByLabel("Lies in").selectOption({ label: name === "desk" ? "Site 18" : "Site 17 › Aisle 4" });
        await picture(page, `locations-search-${name}`);
        await fitsTheWidth(page);
        if (name === "desk") {
          await page.getByRole("button", { name: "Save" }).click();
          await page.getByLabel("Search the locations").fill("site 18 shelf 9");
          await page.getByText("Site 18 › Shelf 9", { exact: true }).waitFor();
          await rows(page).filter({ hasText: "Site 18 › Shelf 9" }).locator("summary").click();
          await page.getByLabel("Lies in").selectOption({ label: "Site 17 › Aisle 4" });
          await page.getByRole("button", { name: "Save" }).click();
          await expect.poll(() => page.getByText("Site 18 › Shelf 9", { exact: true }).count()).toBe(0);
        }
      }, options);
    },
  );
});
