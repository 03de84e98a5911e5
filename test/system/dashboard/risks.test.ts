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

describe.skipIf(binary === undefined)("risks of shipments, in Chromium", () => {
  let served: ServedDashboard;
  let calm: number;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const manager = await served.api.as("manager");
    const made = async (path: string, body: object): Promise<number> =>
      Number((await manager(`POST ${path}`, body)).body["id"]);
    const depot = await made("/locations", { name: "Depot", stage: "storage" });
    const goods = (name: string, more: object = {}) =>
      made("/shipments", { product_name: name, quantity: 4, location: depot, ...more });
    const due_at = new Date(Date.now() - 3_600_000).toISOString();
    const [vaccines, pumps] = [await goods("Vaccines", { due_at }), await goods("Pumps")];
    calm = await goods("Pallets");
    await openAlert(vaccines, "off_route", { metres: 2_345.6 });
    await openAlert(vaccines, "light", { lux: 90 });
    await openAlert(vaccines, "late", { cause: "overdue", due_at, eta: null });
    await openAlert(pumps, "unscheduled_stop");
  });
  afterAll(() => served?.close());

  const openAlert = (shipment: number, type: string, detail: object = {}) =>
    served.api.db.pool.query(
      `INSERT INTO alerts (type, severity, subject, shipment_id, detail, happened_at)
      VALUES ($1, 'critical', 'shipment:' || $2::int, $2, $3, now())`,
      [type, shipment, JSON.stringify(detail)],
    );
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/risks-${name}.png` });
  }
  const rows = (page: Page) => page.locator("ul.rows > li");
  const names = async (page: Page) =>
    (await rows(page).allInnerTexts()).map((text) => /Vaccines|Pumps|Pallets/.exec(text)?.[0]);

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "a dispatcher finds what is in danger by mouse, sees why, and who has brought it here: %s",
    async (name, options) => {
      await served.signedIn(async (page) => {
        await expect.poll(() => rows(page).count()).toBe(3);
        const row = (text: string) => rows(page).filter({ hasText: text });
        await row("Vaccines").getByText("off its route", { exact: true }).waitFor();
        await row("Vaccines").getByText("light in it outside of any place", { exact: true }).waitFor();
        await row("Pumps").getByText("a stop where none is planned", { exact: true }).waitFor();
        await fitsTheWidth(page);
        await picture(page, `list-${name}`);

        const chips = page.getByRole("group", { name: "Shipments by risk" });
        await expect.poll(() => chips.getByRole("button").count()).toBe(3);
        await chips.getByRole("button", { name: "off its route 1" }).click();
        await expect.poll(() => names(page)).toEqual(["Vaccines"]);
        await chips.getByRole("button", { name: "a stop where none is planned 1" }).click();
        await expect.poll(() => names(page)).toEqual(["Pumps", "Vaccines"]);
        const file = page.getByRole("link", { name: "Export" }).first();
        await expect.poll(() => file.getAttribute("href")).toContain("risk=off_route%2Cunscheduled_stop");
        // The choice is in the address, and goes with the promise.
        await page.reload();
        await expect.poll(() => names(page)).toEqual(["Pumps", "Vaccines"]);
        await page.getByRole("group", { name: "Shipments by promise" }).getByRole("button", { name: "late 1" }).click();
        await expect.poll(() => names(page)).toEqual(["Vaccines"]);

        await row("Vaccines").getByRole("button").click();
        const risks = page.getByRole("region", { name: "Risks" });
        await risks.getByText("off its route", { exact: true }).waitFor();
        await risks
          .getByRole("list", { name: "Alerts about it" })
          .getByText(/2346 m away from its route/)
          .waitFor();
        await risks.getByRole("button", { name: /it was due .*, and is not delivered/ }).waitFor();
        await risks.scrollIntoViewIfNeeded();
        await fitsTheWidth(page);
        await picture(page, `detail-${name}`);
        await page
          .locator(".timeline")
          .getByText(/^manager-\d+@waystock\.test said so/)
          .waitFor();
        await risks.getByRole("button", { name: /90 lux/ }).click();
        await page.getByRole("article", { name: /^Alert: Vaccines/ }).waitFor();
      }, options);
    },
  );

  it("a risk that comes up while the page is open is shown without a reload, and goes when it is over", async () => {
    await served.signedIn(async (page) => {
      const silent = rows(page).filter({ hasText: "Pallets" }).getByText("silence", { exact: true });
      await expect.poll(() => rows(page).count()).toBe(3);
      await expect.poll(() => silent.count()).toBe(0);
      await openAlert(calm, "shipment_silent");
      await silent.waitFor();
      await page.getByRole("button", { name: "silence 1" }).waitFor();
      await served.api.db.pool.query("UPDATE alerts SET state = 'resolved' WHERE shipment_id = $1", [calm]);
      await expect.poll(() => silent.count()).toBe(0);
    }, DESK);
  });
});
