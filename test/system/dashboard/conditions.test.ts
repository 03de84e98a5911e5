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
const START = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 3_600_000;

describe.skipIf(binary === undefined)("how goods were kept, in Chromium", () => {
  let served: ServedDashboard;
  let call: Awaited<ReturnType<ServedDashboard["api"]["as"]>>;
  let shipment: number;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    call = await served.api.as("admin");
    const add = async (path: string, body: object) => (await call(`POST ${path}`, body)).body["id"] as number;
    const vehicle = await add("/vehicles", { name: "Cooler 1" });
    await call("POST /devices", { id: "cooler-probe", kind: "env", mount: { vehicle_id: vehicle } });
    shipment = await add("/shipments", {
      ...{ product_name: "Insulin", quantity: 3, location: "storage", at: new Date(START - 60_000).toISOString() },
      ...{ profiles: ["cold_chain"], conditions: { celsius: { min: 2, max: 8 }, humidity: { max: 0.6 } } },
    });
    const at = new Date(START).toISOString();
    expect((await call(`POST /shipments/${shipment}/load`, { vehicle_id: vehicle, at })).status).toBe(200);
    // Warm for half an hour, and a silence of an hour.
    await served.api.db.pool.query(
      `WITH s AS (INSERT INTO device_states (device_id, version, newest_ts, latest) VALUES ('cooler-probe', 1, now(), '{"env": {}}'))
      INSERT INTO env_readings (device_id, ts, seq, received_at, content_hash, celsius, humidity)
      SELECT 'cooler-probe', to_timestamp($1::float8 / 1000) + make_interval(mins => m), -1, now(), m,
        CASE WHEN m BETWEEN 60 AND 90 THEN 11.5 ELSE 5 + sin(m / 9.0) END, 0.4 + 0.1 * cos(m / 20.0)
      FROM generate_series(0, 299, 2) m WHERE m NOT BETWEEN 150 AND 210`,
      [START],
    );
  });
  afterAll(() => served?.close());

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "a quality manager reads what was out of range, sees gaps as gaps, takes the report along and sets other limits: %s",
    async (name, options) => {
      const conditions = { celsius: { min: 2, max: 8 }, humidity: { max: 0.6 } };
      await call(`PUT /shipments/${shipment}`, { profiles: ["cold_chain"], conditions });
      await served.signedIn(async (page) => {
        await page.getByRole("button", { name: /Insulin/ }).click();
        const detail = page.getByRole("article", { name: /^Shipment/ });
        await detail.getByText("Cold chain").first().waitFor();
        const section = detail.getByRole("region", { name: "Conditions" });
        await section.getByRole("heading", { name: /^Temperature out of range/ }).waitFor();
        await section.getByText("2 °C at least, 8 °C at most").waitFor();
        await section.getByText(/over the worst 4\.\d h|over the worst 5 h/).waitFor();
        await section
          .getByRole("list", { name: "Excursions" })
          .getByText(/at worst 11\.5 °C/)
          .waitFor();
        await section
          .getByRole("list", { name: "Gaps" })
          .getByText(/^Temperature/)
          .waitFor();
        const chart = section.getByRole("img", { name: /^Temperature over the time/ });
        await chart.scrollIntoViewIfNeeded();
        await expect.poll(() => chart.locator("canvas").count()).toBe(1);
        const [wide, shown] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        expect(wide).toBeLessThanOrEqual(shown);
        await picture(page, `conditions-${name}`);
        await chart.screenshot(PICTURES === undefined ? {} : { path: `${PICTURES}/conditions-chart-${name}.png` });

        const [file] = await Promise.all([
          page.waitForEvent("download"),
          section.getByRole("link", { name: "Report for the client, PDF" }).click(),
        ]);
        expect(file.suggestedFilename()).toMatch(/^conditions-.*\.pdf$/);
        if (PICTURES !== undefined) await file.saveAs(`${PICTURES}/conditions-${name}.pdf`);

        await detail.getByText("Profiles and conditions").click();
        const form = detail.getByRole("form", { name: "Profiles and conditions" });
        await form.getByLabel(/^Warmest/).fill("25");
        await form.getByLabel("High value").selectOption({ label: "yes" });
        await form.getByRole("button", { name: "Save" }).click();
        await detail.getByText("High value").first().waitFor();
        await section.getByText("2 °C at least, 25 °C at most").waitFor();
      }, options);
    },
  );

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "without limits the page shows what was measured, with its gaps, and says so: %s",
    async (name, options) => {
      await call(`PUT /shipments/${shipment}`, { profiles: [], conditions: null });
      await served.signedIn(async (page) => {
        await page.getByRole("button", { name: /Insulin/ }).click();
        const section = page.getByRole("article", { name: /^Shipment/ }).getByRole("region", { name: "Conditions" });
        await section.getByText(/^No limits are set for this shipment/).waitFor();
        await section.getByRole("heading", { name: "Temperature no limit is set" }).waitFor();
        await section
          .getByRole("list", { name: "Gaps" })
          .getByText(/^Temperature/)
          .waitFor();
        await expect.poll(() => section.getByText("Out of range").count()).toBe(0);
        for (const quantity of ["Temperature", "Humidity"]) {
          const chart = section.getByRole("img", { name: `${quantity} over the time: no limit is set` });
          await chart.scrollIntoViewIfNeeded();
          await expect.poll(() => chart.locator("canvas").count()).toBe(1);
        }
        const [wide, shown] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        expect(wide).toBeLessThanOrEqual(shown);
        await picture(page, `conditions-without-limits-${name}`);
      }, options);
    },
  );
});
