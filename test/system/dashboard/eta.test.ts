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
const MINUTE = 60_000;
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE);

describe.skipIf(binary === undefined)("arrivals against promises, in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const { pool } = served.api.db;
    const manager = await served.api.as("manager");
    const made = async (path: string, body: object): Promise<number> =>
      Number((await manager(`POST ${path}`, body)).body["id"]);
    const geofence = { lat: 48.137, lon: 11.575, radius_m: 900 };
    const depot = await made("/locations", { name: "Depot", stage: "storage" });
    const shop = await made("/locations", { name: "Shop", stage: "delivery", geofence });
    const truck = await made("/vehicles", { name: "Truck 7" });
    const goods = async (name: string, dueIn: number | null, etaIn: number, p90In: number, state: object) => {
      const due_at = dueIn === null ? null : inMinutes(dueIn).toISOString();
      const base = { product_name: name, quantity: 4, location: depot, destination_id: shop, due_at };
      const id = await made("/shipments", { ...base, at: inMinutes(-90).toISOString() });
      const loading = { vehicle_id: truck, at: inMinutes(-60).toISOString() };
      await manager(`POST /shipments/${id}/load`, loading);
      const { late = false, risk = false } = state as { late?: boolean; risk?: boolean };
      await pool.query(
        `INSERT INTO arrival_estimates (shipment_id, eta, p90, basis, runs, distance_m, position_at, in_time, due_at, late, at_risk)
        SELECT id, $2, $3, 'lane_history', 12, 41000, now() - interval '40 seconds', true, due_at, $4, $5 FROM shipments WHERE id = $1`,
        [id, inMinutes(etaIn), inMinutes(p90In), late, risk],
      );
    };
    await goods("Vaccines", 30, 65, 80, { late: true });
    await goods("Pumps", 70, 65, 80, { risk: true });
    await goods("Bearings", 200, 65, 80, {});
    await goods("Pallets", null, 65, 80, {});
    await made("/shipments", {
      ...{ product_name: "Forgotten", quantity: 1, location: depot, destination_id: shop },
      due_at: inMinutes(-130).toISOString(),
    });
    await pool.query(
      `INSERT INTO eta_checks (departure, destination_id, horizon, origin_id, basis, made_at, p50, p90, arrived_at)
      SELECT 'd' || n || h, $2, h, $1, 'lane_history', now() - interval '2 days', now() - interval '47 hours', now() - interval '46 hours',
        now() - interval '47 hours' + n * interval '1 minute' FROM generate_series(1, 20) n, unnest('{30,60}'::int[]) h`,
      [depot, shop],
    );
  });
  afterAll(() => served?.close());

  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/eta-${name}.png` });
  }
  const rows = (page: Page) => page.locator("ul.rows > li");

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "a dispatcher finds the late ones by mouse, and sees by what they are late: %s",
    async (name, options) => {
      await served.signedIn(async (page) => {
        await expect.poll(() => rows(page).count()).toBe(5);
        await rows(page)
          .filter({ hasText: "Bearings" })
          .getByText(/^arrives \d\d:\d\d, 2 h 15 min early$/)
          .waitFor();
        await rows(page)
          .filter({ hasText: "Pallets" })
          .getByText(/^arrives \d\d:\d\d$/)
          .waitFor();
        await picture(page, `list-${name}`);
        const chips = page.getByRole("group", { name: "Shipments by promise" });
        await chips.getByRole("button", { name: "at risk 1" }).click();
        await expect.poll(() => rows(page).count()).toBe(1);
        await rows(page)
          .filter({ hasText: "Pumps" })
          .getByText(/^arrives \d\d:\d\d, 5 min early$/)
          .waitFor();
        await chips.getByRole("button", { name: "late 2" }).click();
        await expect
          .poll(() => rows(page).allInnerTexts())
          .toEqual([
            expect.stringMatching(/Forgotten[^]*due 2 h 1\d min ago[^]*late/),
            expect.stringMatching(/Vaccines[^]*arrives \d\d:\d\d, 35 min late[^]*late/),
          ]);
        await fitsTheWidth(page);
        await rows(page).filter({ hasText: "Vaccines" }).getByRole("button").click();
        const arrival = page.getByRole("region", { name: "Arrival" });
        await arrival.getByText(/By history of this lane: 12 earlier runs, from where the vehicle is now/).waitFor();
        await arrival.getByText(/nine of ten by/).waitFor();
        await arrival.getByText(/position was measured .* Computed/).waitFor();
        await arrival.getByText("How good were the estimates of this lane?").click();
        const table = arrival.getByRole("table", { name: "Quality of estimated arrivals" });
        await table.getByRole("cell", { name: "10.5 min" }).first().waitFor();
        await table.getByRole("cell", { name: "14.9 %" }).first().waitFor();
        await arrival.getByRole("link", { name: "Export as CSV" }).waitFor();
        await arrival.scrollIntoViewIfNeeded();
        await fitsTheWidth(page);
        await picture(page, `detail-${name}`);
      }, options);
    },
  );
});
