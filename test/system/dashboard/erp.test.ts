import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createErpRelay } from "../../../api/integrations/erp/erp-relay.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { SEALER } from "../../api/support.ts";
import { type ErpnextStandIn, startErpnext } from "../../support/erp/erpnext.ts";
import { quiet } from "../../support/ingest.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("an ERP on the page in Chromium", () => {
  let served: ServedDashboard;
  let there: ErpnextStandIn;
  let loop: { close(): Promise<void> };
  beforeAll(async () => {
    served = await openDashboard(binary!);
    await seedDashboard(served.api);
    there = await startErpnext();
    there.documents.insert("Customer", { customer_name: "Corner Shop" });
    there.item("milk-erp");
    there.sell("Corner Shop", [["milk-erp", 2, "Crate", 12]]);
    const stopping = new AbortController();
    const options = { pool: served.api.db.pool, sealer: SEALER, allowedHosts: ["127.0.0.1"], maskSecrets, log: quiet };
    const relay = createErpRelay({ ...options, intervalMs: 100 });
    loop = startLoop("ERP sync", () => relay.tick(stopping.signal), quiet, 100);
  });
  afterAll(async () => {
    await loop?.close();
    await there?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const rowOf = (page: Page) => page.getByRole("list", { name: "ERP" }).getByRole("listitem").first();

  /** Somebody at the desk sells what the ERP has, where its warehouse is. */
  async function placeOrder(): Promise<void> {
    const admin = await served.api.as("admin");
    const { rows } = await served.api.db.pool.query<{ item: number; customer: number; place: number }>(
      `SELECT (SELECT id FROM items WHERE sku = 'milk-erp') AS item, (SELECT id FROM parties WHERE name = 'Corner Shop') AS customer,
        (options -> 'warehouses' -> 0 ->> 'location_id')::int AS place FROM erp_connections`,
    );
    const { item, customer, place } = rows[0]!;
    const lines = [{ item_id: item, quantity: 2 }];
    const order = { kind: "customer", customer_id: customer, ship_from_id: place, lines };
    const { status, body } = await admin("POST /orders", order);
    expect(status, JSON.stringify(body)).toBe(201);
    expect((await admin(`PUT /orders/${String(body["id"])}`, { status: "approved" })).status).toBe(200);
  }

  it("an administrator connects an ERP by mouse, sees what it does not agree on, and decides", async () => {
    await served.signedIn(
      async (page) => {
        await page.getByRole("link", { name: "Integrations" }).click();
        await page.getByRole("link", { name: "ERP", exact: true }).click();
        await page.getByText("There is no ERP").waitFor();
        await page.getByRole("button", { name: "Connect an ERP" }).click();
        const form = page.getByRole("form", { name: "Connect an ERP" });
        await form.getByLabel("Name", { exact: true }).fill("Shop");
        await form.getByLabel("System").selectOption("erpnext");
        await form.getByLabel("Address").fill(there.url);
        await form.getByLabel("API key").fill(there.apiKey);
        await form.getByLabel("API secret").fill("wrong");
        await form.getByRole("group").getByRole("textbox").first().fill(there.warehouse);
        await form.getByLabel(/Make customer orders/).check();
        await picture(page, "erp-form-desk");
        await form.getByRole("button", { name: "Connect", exact: true }).click();

        // What is wrong is said in words, and mended.
        await rowOf(page).getByText("Shop").first().click();
        await rowOf(page)
          .getByText(/does not let us in/)
          .waitFor();
        await rowOf(page).getByText("Change the connection").click();
        await rowOf(page)
          .getByLabel(/API key/)
          .fill(there.apiKey);
        await rowOf(page)
          .getByLabel(/API secret/)
          .fill(there.apiSecret);
        await rowOf(page).getByRole("button", { name: "Save" }).click();
        await rowOf(page).getByText("in step", { exact: true }).waitFor();
        await rowOf(page).getByRole("button", { name: "Test the connection" }).click();
        await rowOf(page)
          .getByText(/It answers: ERPNext, user/)
          .waitFor();
        const conflicts = rowOf(page).getByRole("region", { name: "Conflicts and differences" });
        await conflicts.getByText(/has no unit "Crate"/).waitFor();
        await picture(page, "erp-conflict-desk");
        await fitsTheWidth(page);
        await conflicts.getByRole("button", { name: "Try again" }).click();
        await conflicts.getByText(/it still cannot be followed/).waitFor();
        await conflicts.getByRole("button", { name: "Leave it out" }).click();
        await conflicts.getByText("Both sides agree.").waitFor();
        await placeOrder();
        await rowOf(page).getByRole("button", { name: "Bring in step now" }).click();
        await rowOf(page).getByRole("cell", { name: "Items" }).waitFor();
        await rowOf(page)
          .getByText(/^Sales SAL-ORD-.*: sent/)
          .waitFor();
        await picture(page, "erp-orders-desk");
        await fitsTheWidth(page);
      },
      { ...DESK, expectedFailure: /409/ },
    );
    await served.signedIn(async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#/integrations/erp`);
      await rowOf(page).getByText("Shop").first().click();
      await rowOf(page).getByRole("cell", { name: "Items" }).waitFor();
      await picture(page, "erp-phone");
      await fitsTheWidth(page);
      // It fails, and is tried again in a while: the page follows that.
      await served.api.db.pool.query(
        "UPDATE erp_connections SET failing_since = now(), problem = 'HTTP 502', next_sync_at = now() + interval '6 seconds'",
      );
      await page.reload();
      await rowOf(page).getByText("not in step", { exact: true }).waitFor();
      await rowOf(page).getByText("in step", { exact: true }).waitFor();
    }, PHONE);
  });
});
