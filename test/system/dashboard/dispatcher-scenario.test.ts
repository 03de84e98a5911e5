import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openSeededDashboard, type SeededDashboard } from "../../api/dashboard/seed-history.ts";
import { findBarcodeReader, scan } from "../../support/barcode-reader.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const chromium = requires("chromium");
const reader = findBarcodeReader();
const PICTURES = process.env.PICTURES;
const DESK = { viewport: { width: 1440, height: 900 } };
const MINUTE = 60_000;

describe.skipIf(chromium === undefined || reader === undefined)("a dispatcher's morning in Chromium", () => {
  let dashboard: SeededDashboard;
  beforeAll(async () => {
    dashboard = await openSeededDashboard(chromium!);
    const { served, data, seeded } = dashboard;
    await data.call(`PUT /shipments/${seeded.shipmentId}`, {
      due_at: new Date(Date.now() + 20 * MINUTE).toISOString(),
    });
    await served.api.db.pool.query(
      `INSERT INTO arrival_estimates (shipment_id, eta, p90, basis, runs, distance_m, position_at, in_time, due_at, late, at_risk)
      SELECT id, now() + interval '50 minutes', now() + interval '70 minutes', 'lane_history', 12, 41000, now() - interval '40 seconds',
        true, due_at, true, false FROM shipments WHERE id = $1`,
      [seeded.shipmentId],
    );
  });
  afterAll(() => dashboard?.served.close());

  const picture = async (page: Page, name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };
  it("finds what is late, sees why, plays the track back, prints the label, voids a wrong load, and sends a link that opens signed out", async () => {
    const { served } = dashboard;
    let link = "";
    await served.signedIn(async (page) => {
      const chips = page.getByRole("group", { name: "Shipments by promise" });
      await chips.getByRole("button", { name: /^late \d/ }).click();
      const late = page.locator("ul.rows > li").filter({ hasText: "Turbine blade" });
      await late.getByText(/^arrives \d\d:\d\d, (29|30) min late$/).waitFor();
      await late.getByRole("button").first().click();
      const detail = page.getByRole("article", { name: /^Shipment/ });
      const arrival = page.getByRole("region", { name: "Arrival" });
      await arrival.getByText(/By history of this lane: 12 earlier runs/).waitFor();
      await picture(page, "dispatcher-why");

      const bar = page.getByRole("group", { name: "Play its track back" });
      const time = bar.getByRole("slider", { name: "Time of the track" });
      const start = Number(await time.inputValue());
      await bar.getByRole("button", { name: "Play" }).click();
      await expect.poll(async () => Number(await time.inputValue())).toBeGreaterThan(start);
      await bar.getByRole("button", { name: "Pause" }).click();

      await page.getByText("Print the label", { exact: true }).first().click();
      await detail.getByRole("img", { name: "Label with bars and a QR code" }).waitFor();
      const drawn = "document.querySelector('.printed-label').naturalWidth";
      await expect.poll(() => page.evaluate<number>(drawn)).toBeGreaterThan(0);
      const address = await detail.getByRole("link", { name: "PDF", exact: true }).getAttribute("href");
      const file = await page.request.get(new URL(address!, served.origin).href);
      const codes = await scan("pdf", await file.body(), reader!);
      const { tracking_number: number } = (await dashboard.data.call(`GET /shipments/${dashboard.seeded.shipmentId}`))
        .body;
      expect(codes).toContain(number);

      const event = (text: string) => page.locator(".timeline > li", { hasText: text }).first();
      await event("Loaded").getByText("This is wrong …").click();
      const form = page.getByRole("form", { name: "Void “Loaded”" });
      await form.getByLabel("Why").fill("The pallet stands at the ramp");
      await form.getByRole("button", { name: "Void it" }).click();
      await detail.getByText("In storage", { exact: true }).first().waitFor();
      await event("Called wrong").waitFor();

      await page.getByText("Make a tracking link", { exact: true }).first().click();
      await page.getByRole("form", { name: "Make a tracking link" }).getByRole("button", { name: "Make" }).click();
      link = await page
        .getByRole("region", { name: "Tracking links" })
        .getByLabel("link", { exact: true })
        .inputValue();
    }, DESK);

    await served.inWindow(
      async (page) => {
        const { pathname, search } = new URL(link);
        await page.goto(served.origin + pathname + search);
        // The public page tells the corrected story too.
        await page.getByRole("heading", { name: "In storage" }).waitFor();
        await picture(page, "dispatcher-link");
      },
      { viewport: DESK.viewport, locale: "en-GB" },
    );
  });
});
