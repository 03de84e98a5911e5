import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
// @ts-expect-error A script for people without this repository has no types.
import { verifyCustody } from "../../../docs/verify-custody.mjs";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { openSeededDashboard, type SeededDashboard } from "../../api/dashboard/seed-history.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 }, acceptDownloads: true };

describe.skipIf(binary === undefined)("the story of a shipment on the page in Chromium", () => {
  let dashboard: SeededDashboard;
  beforeAll(async () => {
    dashboard = await openSeededDashboard(binary!);
    const { served, data } = dashboard;
    const { rows } = await served.api.db.pool.query<{ ts: Date; place: number }>(
      `SELECT min(ts) AS ts, (SELECT id FROM locations WHERE name LIKE 'Garching%') AS place FROM gps_readings WHERE device_id = 'gps-4'`,
    );
    const { ts, place } = rows[0]!;
    const evidence = [{ device_id: "gps-4", kind: "gps", ts: ts.toISOString() }];
    await inTransaction(served.api.db.pool, (client) =>
      recordFacts(client, {
        facts: [
          {
            ...{ key: "story departed", subject: `vehicle:${data.trucks[3]!}`, at: ts.getTime(), type: "departed" },
            ...{ data: { locationId: place }, rule: "fence-crossing", evidence, confidence: 0.9 },
            ...{ deviceId: "gps-4", signal: "gps" },
          },
        ],
      }),
    );
  });
  afterAll(() => dashboard?.served.close());

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const open = async (page: Page) => {
    await page.locator(`[data-opens="shipment:${dashboard.seeded.shipmentId}"]`).first().click();
    await page.getByRole("region", { name: "Events" }).waitFor();
  };
  const event = (page: Page, text: string) => page.locator(".timeline > li", { hasText: text }).first();

  it("each event says in words why it is believed, and opens what speaks for it", async () => {
    await dashboard.served.signedIn(async (page) => {
      await open(page);
      const departed = event(page, "Departed");
      await departed.getByText("The positions of the tracker crossed the line around the place").waitFor();
      await departed.getByText("firm, 90 % sure").waitFor();
      await departed.getByRole("button", { name: /^gps \d\d:/ }).click();
      await departed.getByText(/lat 48\.\d+, lon 11\.\d+/).waitFor();
      await departed.scrollIntoViewIfNeeded();
      await picture(page, "story-reasons");
      await departed.getByRole("button", { name: "Garching Warehouse" }).waitFor();
      await departed.getByRole("button", { name: "gps-4" }).click();
      await page.getByRole("article", { name: /gps-4/ }).waitFor();
    }, DESK);
  });

  it("plays the track back on the map, by mouse and by keys", async () => {
    await dashboard.served.signedIn(async (page) => {
      await open(page);
      const bar = page.getByRole("group", { name: "Play its track back" });
      const time = bar.getByRole("slider", { name: "Time of the track" });
      const at = async () => Number(await time.inputValue());
      await bar.getByLabel("Speed").selectOption({ label: "5 min a second" });
      const start = await at();
      await bar.getByRole("button", { name: "Play" }).click();
      await expect.poll(at).toBeGreaterThan(start + 60_000);
      await picture(page, "story-playback");
      await bar.getByRole("button", { name: "Pause" }).click();
      const paused = await at();
      await time.focus();
      await page.keyboard.press("ArrowRight");
      await expect.poll(at).toBeGreaterThan(paused);
      await page.keyboard.press("Home");
      await expect.poll(at).toBe(start);
      await expect.poll(() => time.getAttribute("aria-valuetext")).toMatch(/\d\d:\d\d/);
    }, DESK);
  });

  it("voids a wrong load with a reason, sees the story corrected at once, and takes it back", async () => {
    await dashboard.served.signedIn(async (page) => {
      await open(page);
      const detail = page.getByRole("article", { name: /^Shipment/ });
      await detail.getByRole("button", { name: "Truck 4" }).first().waitFor();
      await event(page, "Loaded").getByText("This is wrong …").click();
      const form = page.getByRole("form", { name: "Void “Loaded”" });
      await form.getByLabel("Why").fill("It stands at the ramp still");
      await form.getByRole("button", { name: "Void it" }).click();
      await detail.getByText("In storage", { exact: true }).first().waitFor();
      await page.locator(".timeline .void", { hasText: "Void: It stands at the ramp still (you," }).waitFor();
      await expect.poll(() => event(page, "Departed").count()).toBe(0);
      await event(page, "Called wrong").scrollIntoViewIfNeeded();
      await picture(page, "story-void");

      await event(page, "Called wrong").getByText("It was right after all …").click();
      const back = page.getByRole("form", { name: "Restore the event" });
      await back.getByLabel("Why").fill("Another pallet stood there");
      await back.getByRole("button", { name: "Restore it" }).click();
      await event(page, "Departed").waitFor();
      await expect.poll(() => page.locator(".timeline .void").count()).toBe(0);
    }, DESK);
  });

  it("shows the custody log, checks it, and saves it signed", async () => {
    await dashboard.served.signedIn(async (page) => {
      await open(page);
      const custody = page.getByRole("region", { name: "Custody" });
      await custody.getByRole("button", { name: "Check the log" }).click();
      await custody.getByText(/^\d+ entries are as they were written\.$/).waitFor();
      await custody.getByText("The log, entry by entry").click();
      await custody.getByText(/^\d+\. Withdraws 2: Loaded/).waitFor();
      await custody.scrollIntoViewIfNeeded();
      await picture(page, "story-custody");
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        custody.getByRole("link", { name: "Save it signed" }).click(),
      ]);
      expect(saved.suggestedFilename()).toMatch(/^custody-.+\.jws$/);
      const text = await readFile(await saved.path(), "latin1");
      const jwks = (await (await dashboard.served.api.app.request("/.well-known/jwks.json")).json()) as object;
      expect(verifyCustody(text, jwks).shipment).toMatchObject({ id: dashboard.seeded.shipmentId });
    }, DESK);
  });

  it("fits a phone", async () => {
    await dashboard.served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Shipments" }).click();
      await open(page);
      await page.getByText("The log, entry by entry").click();
      await page.locator(".custody-log li").first().waitFor();
      await fitsTheWidth(page);
      await page.getByRole("group", { name: "Play its track back" }).scrollIntoViewIfNeeded();
      await picture(page, "story-phone-playback");
      await page.getByRole("region", { name: "Events" }).scrollIntoViewIfNeeded();
      await picture(page, "story-phone-events");
    }, PHONE);
  });
});
