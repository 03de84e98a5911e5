import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { SeededDashboard } from "./seed-history.ts";

/** Runs in the page: what the focused element opens. */
const FOCUSED = "document.activeElement?.dataset.opens ?? document.activeElement?.textContent";

/** Back, Forward, Esc, reload, and lists by keyboard. */
export function testNavigation(dashboard: () => SeededDashboard): void {
  /** each kind of detail: the tab it is opened from, its key, and the name of what is then open */
  const detailsOf = ({ data, seeded }: SeededDashboard): [tab: string, key: string, opened: string][] => [
    ["Shipments", `shipment:${data.shipments[2]}`, "Shipment WS"],
    ["Shipments", `stock:${seeded.stockId}`, `Stock ${seeded.stockId}`],
    ["Orders", `order:${seeded.orderId}`, `Order ${seeded.orderId}`],
    ["Devices", "device:shelf-4", "Device shelf-4"],
    ["Vehicles", `vehicle:${data.trucks[4]}`, "Vehicle Truck 5"],
  ];

  const opened = (page: Page, name: string) => page.locator(`[aria-label^="${name}"]:is(article, aside)`);

  it("opens each kind of thing as an entry of the history: Back closes it, Forward opens it, reload keeps it", async () => {
    await dashboard().served.signedIn(async (page) => {
      for (const [tab, key, name] of detailsOf(dashboard())) {
        await page.getByRole("tab", { name: tab }).click();
        const before = page.url();
        await page.locator(`[data-opens="${key}"]`).click();
        await opened(page, name).waitFor();
        const address = page.url();
        expect(address).toContain(key.replace(":", "="));
        await page.goBack();
        await opened(page, name).waitFor({ state: "detached" });
        expect(page.url()).toBe(before);
        await page.goForward();
        await opened(page, name).waitFor();
        expect(page.url()).toBe(address);
        await page.goBack();
        await opened(page, name).waitFor({ state: "detached" });
      }
      // The last two, one in the list and one on the map, at once.
      await page.goForward();
      await page.goto(`${page.url()}&device=shelf-4`);
      await page.reload();
      await opened(page, "Device shelf-4").waitFor();
      await opened(page, "Vehicle Truck 5").waitFor();
      await page.goBack();
      await opened(page, "Device shelf-4").waitFor({ state: "detached" });
      await expect.poll(() => opened(page, "Vehicle Truck 5").count()).toBe(1);
    });
  });

  it("closes with Esc what was opened last, and is back at what opened it, by keyboard alone", async () => {
    await dashboard().served.signedIn(async (page) => {
      for (const [tab, key, name] of detailsOf(dashboard())) {
        await page.getByRole("tab", { name: tab }).click();
        await page.locator(`[data-opens="${key}"]`).focus();
        await page.keyboard.press("Enter");
        await opened(page, name).waitFor();
        await page.keyboard.press("Escape");
        await opened(page, name).waitFor({ state: "detached" });
        await expect.poll(() => page.evaluate(FOCUSED), { message: name, timeout: 15_000 }).toBe(key);
      }
      // A vehicle from within a shipment: it closes first, then the shipment.
      await page.goto(`${dashboard().served.origin}/#/`);
      await page.locator(`[data-opens="shipment:${dashboard().seeded.shipmentId}"]`).click();
      await opened(page, "Shipment WS").getByRole("button", { name: "Truck 4" }).click();
      await opened(page, "Vehicle Truck 4").waitFor();
      await page.keyboard.press("Escape");
      await opened(page, "Vehicle Truck 4").waitFor({ state: "detached" });
      await expect.poll(() => opened(page, "Shipment WS").count()).toBe(1);
      // Esc twice at once must not leave the page.
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await opened(page, "Shipment WS").waitFor({ state: "detached" });
      expect(page.url()).toBe(`${dashboard().served.origin}/#/`);
    });
  });

  it("closes what a link has opened without leaving the page", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.goto("about:blank");
      await page.goto(`${dashboard().served.origin}/#/?shipment=${dashboard().data.shipments[2]}`);
      await opened(page, "Shipment WS").waitFor();
      await page.keyboard.press("Escape");
      await opened(page, "Shipment WS").waitFor({ state: "detached" });
      expect(page.url()).toBe(`${dashboard().served.origin}/#/`);
    });
  });

  it("is back at the row that opened it, however late its list is there again", async () => {
    await dashboard().served.signedIn(async (page) => {
      const key = `order:${dashboard().seeded.orderId}`;
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.locator(`[data-opens="${key}"]`).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Status" }).waitFor();
      await page.route(/\/orders\?/, async (route) => {
        // Longer than the tab waits before it takes the focus meanwhile.
        await page.waitForTimeout(1_500);
        await route.continue();
      });
      await page.keyboard.press("Escape");
      await expect.poll(() => page.evaluate(FOCUSED)).toBe(key);
      await page.unrouteAll({ behavior: "wait" });
    });
  });

  it("keeps with Esc what was typed into a field", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.locator(`[data-opens="shipment:${dashboard().data.shipments[2]}"]`).click();
      const field = page.getByRole("form", { name: "Bind a tag" }).getByLabel("EPC");
      await field.fill("30342CB3E4");
      await field.press("Escape");
      await expect.poll(() => field.inputValue()).toBe("30342CB3E4");
      await page.getByRole("button", { name: "Back" }).focus();
      await page.keyboard.press("Escape");
      await opened(page, "Shipment WS").waitFor({ state: "detached" });
    });
  });

  it("reaches every list by Tab, its rows by arrow keys, and sees where the focus is", async () => {
    const lists: [tab: string, selector: string][] = [
      ["Shipments", ".rows"],
      ["Vehicles", ".panel tbody"],
      ["Orders", ".panel tbody"],
      ["Devices", ".panel tbody"],
      ["Shipments", ".stock ul"],
    ];
    await dashboard().served.signedIn(async (page) => {
      for (const [tab, selector] of lists) {
        await page.getByRole("tab", { name: tab }).click();
        await page.locator(`${selector} [data-opens]`).first().waitFor();
        const inList = `document.activeElement.closest(${JSON.stringify(selector)}) !== null`;
        for (let presses = 0; presses < 20 && !(await page.evaluate<boolean>(inList)); presses++) {
          await page.keyboard.press("Tab");
        }
        const keys = await page
          .locator(`${selector} [data-opens]`)
          .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-opens")));
        await expect.poll(() => page.evaluate(FOCUSED), { message: tab }).toBe(keys[0]);
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("End");
        await expect.poll(() => page.evaluate(FOCUSED), { message: tab }).toBe(keys.at(-1));
        await page.keyboard.press("ArrowUp");
        await expect.poll(() => page.evaluate(FOCUSED), { message: tab }).toBe(keys.at(-2) ?? keys[0]);
        const ring = await page.evaluate<string>(
          `["", "::after"].map((part) => getComputedStyle(document.activeElement, part).outlineStyle).join(" ")`,
        );
        expect(ring, tab).toContain("solid");
        // The whole list is one stop: Tab leaves it, and comes back to the same row.
        await page.keyboard.press("Tab");
        expect(await page.evaluate<boolean>(inList), tab).toBe(false);
        await page.keyboard.press("Shift+Tab");
        await expect.poll(() => page.evaluate(FOCUSED), { message: tab }).toBe(keys.at(-2) ?? keys[0]);
      }
    });
  });
}
