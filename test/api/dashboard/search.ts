import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { SeededDashboard } from "./seed-history.ts";

const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

/** The search in the page's top bar. */
export function testSearch(opened: () => SeededDashboard): void {
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  const field = (page: Page) => page.getByRole("combobox", { name: "Search everything" });
  const detail = (page: Page, name: RegExp) => page.getByRole("article", { name });

  it("searches everything by keyboard, opens what is chosen, and comes back", async () => {
    await opened().served.signedIn(async (page) => {
      await page.keyboard.press("/");
      await expect
        .poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"))
        .toBe("Search everything");
      await page.keyboard.type("garch");
      await page.getByRole("option", { name: /Garching Warehouse/ }).waitFor();
      await picture(page, "search-wide");
      await page.keyboard.press("Enter");
      await detail(page, /^Location/)
        .getByText("Hydraulic pump HP-40")
        .first()
        .waitFor();
      await picture(page, "location-wide");
      await page.keyboard.press("Escape");
      await detail(page, /^Location/).waitFor({ state: "detached" });

      await field(page).fill("brake");
      // Not what is still shown of the search before: new results begin at the first.
      await page.getByRole("option", { name: /brake/i }).first().waitFor();
      await page.getByRole("option").nth(2).waitFor();
      await page.keyboard.press("ArrowDown");
      const second = page.getByRole("option", { selected: true });
      await expect.poll(() => second.getAttribute("id")).toBe("hit-1");
      await page.keyboard.press("Escape");
      await expect.poll(() => page.getByRole("option").count()).toBe(0);
      await expect.poll(() => field(page).inputValue()).toBe("brake");

      // A barcode scanner types, and presses Enter, faster than anything is found.
      await field(page).fill("po-771");
      await page.keyboard.press("Enter");
      await detail(page, /^Shipment/)
        .getByRole("heading", { name: "Turbine blade" })
        .waitFor();
    });
  });

  it("finds a shipment, a product, a vehicle and an order by mouse, on a phone too", async () => {
    const { served, seeded } = opened();
    await served.signedIn(async (page) => {
      const openHit = async (q: string, name: RegExp) => {
        await field(page).fill(q);
        await page.getByRole("option", { name }).first().click();
      };
      await openHit("po-771", /Shipment/);
      await detail(page, /^Shipment/)
        .getByRole("heading", { name: "Turbine blade" })
        .waitFor();
      await field(page).fill("brake");
      await page.getByRole("option").first().waitFor();
      await picture(page, "search-phone");
      const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
      expect(wide).toBeLessThanOrEqual(shown);
      await openHit("sku-4", /Product/);
      await detail(page, /^Product/)
        .getByText("Augsburg Cross-dock")
        .waitFor();
      await picture(page, "product-phone");
      await openHit("truck 4", /Vehicle/);
      await page.getByRole("complementary", { name: "Vehicle Truck 4" }).waitFor();
      await openHit(`#${seeded.orderId}`, /Order/);
      await detail(page, /^Order/).waitFor();
    }, PHONE);
  });

  it("opens a shipment that the page has not loaded, and a user in Administration", async () => {
    const { served } = opened();
    await served.signedIn(async (page) => {
      // Beyond what the page loads, the list is cut off.
      await page.route(/\/shipments\?/, async (route) => route.fulfill({ json: [] }));
      await page.reload();
      await page.locator(".connection-status.live").waitFor();
      await field(page).fill("turbine");
      await page.getByRole("option").first().click();
      await detail(page, /^Shipment/)
        .getByRole("heading", { name: "Turbine blade" })
        .waitFor();
      await field(page).fill("anna@");
      await page.getByRole("option", { name: /User/ }).click();
      await page.getByRole("form", { name: "Change anna@waystock.test" }).waitFor();
      await field(page).fill("gps-4");
      await page.getByRole("option", { name: /Device/ }).click();
      await detail(page, /^Device gps-4/).waitFor();
    });
  });
}
