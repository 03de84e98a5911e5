import { pino } from "pino";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { checkLedger } from "../../../ingest/workers/ledger-check.ts";
import type { SeededDashboard } from "./seed-history.ts";

/** The history of stock, the states of orders, the audit log, and what is wrong with a device. */
export function testStockAndOrders(dashboard: () => SeededDashboard): void {
  const counts = (page: Page) => page.getByRole("list", { name: "Counts and movements" }).getByRole("listitem");

  it("a stock tile opens its history: level over time, counts and movements, for the span that is asked for", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("button", { name: "Nut M8 at Garching Warehouse" }).click();
      await page.getByRole("img", { name: "Level of Nut M8 in the last 7 days" }).waitFor();
      await expect.poll(() => counts(page).count()).toBe(5);
      await expect.poll(() => counts(page).first().innerText()).toMatch(/Counted 1 piece[^s][^]*person/);
      await expect.poll(() => counts(page).last().innerText()).toContain("80 pieces");
      const line = await page.locator(".level-line").getAttribute("d");
      expect(line!.match(/H/g)).toHaveLength(5);
      await page.getByRole("button", { name: "24 h" }).click();
      await page.getByRole("img", { name: "Level of Nut M8 in the last 24 hours" }).waitFor();
      await expect.poll(() => counts(page).count()).toBe(1);

      // A change is in the history without a reload.
      await dashboard().data.call(`PUT /inventory-items/${dashboard().seeded.stockId}`, { quantity: 10 });
      await expect.poll(() => counts(page).count()).toBe(2);
      await expect.poll(() => counts(page).first().innerText()).toContain("10 pieces");
      const tile = page.locator(".stock li", { hasText: "Nut M8" }).filter({ hasText: "Garching" });
      await expect.poll(() => tile.innerText()).toContain("10 pieces");
    });
  });

  it("a place tells what is to be counted there and why, and a person counts it", async () => {
    const { stockId } = dashboard().seeded;
    const { location_id } = (await dashboard().data.call(`GET /inventory-items/${stockId}`)).body;
    const { quantity } = (await dashboard().data.call(`GET /inventory-items/${stockId}`)).body;
    await dashboard().served.api.db.pool.query(
      "INSERT INTO cycle_counts (inventory_item_id, reason, detail) VALUES ($1, 'scheduled', 'class A')",
      [stockId],
    );
    await dashboard().served.signedIn(async (page) => {
      await page.goto(`${dashboard().served.origin}/#/?location=${String(location_id)}`);
      const counts = page.getByRole("region", { name: "To count" });
      await counts.getByText("scheduled class A").waitFor();
      await counts.getByRole("button", { name: "Nut M8" }).click();
      const form = page.getByRole("form", { name: "Counted" });
      await form.getByRole("spinbutton").fill(String(quantity));
      await form.getByRole("button", { name: "Enter the count" }).click();
      await page.getByRole("button", { name: "Ask for a count" }).waitFor();
      await page.goBack();
      await page.getByRole("region", { name: "Stock" }).first().waitFor();
      await expect.poll(() => counts.count()).toBe(0);
    });
  });

  it("an order shows what its status may become, and a person sets it", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.getByRole("button", { name: "SO-1" }).click();
      const status = page.getByRole("region", { name: "Status" });
      await expect.poll(() => status.getByRole("button").allInnerTexts()).toEqual(["approved", "cancelled"]);
      await status.getByRole("button", { name: "approved" }).click();
      await status.getByRole("button", { name: "picking" }).waitFor();
      await expect.poll(() => page.getByRole("region", { name: "Lines" }).innerText()).toContain("4 pieces");
      const order = await dashboard().data.call(`GET /orders/${dashboard().seeded.orderId}`);
      expect(order.body).toMatchObject({ status: "approved", next_statuses: ["picking", "cancelled"] });
    });
  });

  it("a restock order is sent and received by mouse, and what was received is taken back", async () => {
    const { call } = dashboard().data;
    const { item_id, location_id } = (await call(`GET /inventory-items/${dashboard().seeded.stockId}`)).body;
    const body = { kind: "restock", reference: "RO-7", location_id, lines: [{ item_id, quantity: 6 }] };
    const { id } = (await call("POST /orders", body)).body;
    const before = (await call(`GET /inventory-items/${dashboard().seeded.stockId}`)).body["quantity"] as number;
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.getByRole("button", { name: "RO-7" }).click();
      const status = page.getByRole("region", { name: "Status" });
      await status.getByRole("button", { name: "approved" }).click();
      await status.getByRole("button", { name: "sent" }).click();
      await page.getByText("Receive", { exact: true }).first().click();
      const form = page.getByRole("form", { name: "Receive" });
      await form.getByLabel("Good").fill("4");
      await form.getByLabel("The rest").selectOption("yes");
      await form.getByRole("button", { name: "Receive" }).click();
      await page
        .getByRole("region", { name: "Lines" })
        .getByText(/4 received.*2 will not come/)
        .waitFor();
      expect((await call(`GET /orders/${String(id)}`)).body).toMatchObject({ status: "received" });

      await page.getByRole("button", { name: "Nut M8 at Garching Warehouse" }).click();
      const movements = page.getByRole("list", { name: "Movements", exact: true });
      const received = movements.getByRole("listitem").first();
      await received.getByText("Received", { exact: true }).waitFor();
      await received.getByText("Take back", { exact: true }).click();
      await received.getByLabel("Why").fill("wrong shelf");
      await received.getByRole("button", { name: "Take back" }).click();
      await movements.getByText("wrong shelf").waitFor();
    });
    const after = (await call(`GET /inventory-items/${dashboard().seeded.stockId}`)).body["quantity"];
    expect(after).toBe(before);
  });

  it("what is short tells how much to order and why, opens its draft, and follows what becomes of it", async () => {
    const { call } = dashboard().data;
    const { stockId } = dashboard().seeded;
    const { item_id, location_id } = (await call(`GET /inventory-items/${stockId}`)).body;
    await call(`PUT /inventory-items/${stockId}`, { quantity: 10 });
    const lines = [{ item_id, quantity: 40 }];
    const { id } = (await call("POST /orders", { kind: "restock", reference: "RO-8", location_id, lines })).body;
    await dashboard().served.api.db.pool.query("UPDATE orders SET made_for = $1 WHERE id = $2", [stockId, id]);
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("button", { name: "Nut M8 at Garching Warehouse" }).click();
      const section = page.getByRole("region", { name: "Reorder" });
      await section.getByText("40 pieces").waitFor();
      await expect.poll(() => section.innerText()).toContain("Demand is not known");
      await section.getByRole("button", { name: "Open the draft order" }).click();
      const status = page.getByRole("region", { name: "Status" });
      await status.getByRole("button", { name: "approved" }).click();
      await status.getByRole("button", { name: "sent" }).waitFor();
      await page.getByRole("button", { name: "Nut M8 at Garching Warehouse" }).click();
      await section.getByText("Enough is on order or on its way").waitFor();
      // Somebody else cancels it: the section that is open follows.
      await call(`PUT /orders/${String(id)}`, { status: "cancelled" });
      await section.getByText("40 pieces").waitFor();
    });
  });

  it("beside the audit stands whether the levels of stock are the sums of their movements, and which are not", async () => {
    const { pool } = dashboard().served.api.db;
    const { stockId } = dashboard().seeded;
    const log = pino({ level: "silent" });
    await dashboard().served.signedIn(async (page) => {
      await pool.query("UPDATE inventory_items SET quantity = quantity + 1 WHERE id = $1", [stockId]);
      await checkLedger(pool, log);
      await pool.query("UPDATE inventory_items SET quantity = quantity - 1 WHERE id = $1", [stockId]);
      await page.getByRole("tab", { name: "Audit" }).click();
      await page.getByRole("button", { name: `Position ${stockId}` }).click();
      await page.getByRole("img", { name: "Level of Nut M8 in the last 7 days" }).waitFor();
    });
  });

  it("the audit shows what a change changed, is filtered and exported, and checked", async () => {
    await dashboard().served.signedIn(async (page) => {
      const admin = await dashboard().served.api.as("admin");
      await admin("POST /vehicles", { name: "Truck of the audit" });
      await page.getByRole("tab", { name: "Audit" }).click();
      const form = page.getByRole("form", { name: "Filter of the audit" });
      await form.getByLabel("Of what").fill("/vehicles");
      await form.getByRole("button", { name: "Filter" }).click();
      const row = page.getByRole("row", { name: /POST \/vehicles/ }).first();
      await row.getByText(/fields/).click();
      await row.getByText("Truck of the audit").waitFor();
      await expect.poll(() => page.getByRole("row", { name: /shelf-4/ }).count()).toBe(0);
      const link = page.getByRole("link", { name: "Export as CSV" });
      const exported = await page.evaluate(
        async (path) => (await fetch(path)).text(),
        (await link.getAttribute("href"))!,
      );
      expect(exported).toContain("Truck of the audit");
      expect(exported).not.toContain("shelf-4");
      await page.getByRole("button", { name: "Check that nothing was changed" }).click();
      await page.getByText(/entries are as they were written/).waitFor();
      await form.getByRole("button", { name: "Show all" }).click();
      await page
        .getByRole("row", { name: /shelf-4/ })
        .first()
        .waitFor();
    });
  });

  it("on a phone the audit's filter is folded until it is asked for, and says when it hides entries", async () => {
    const { served, data } = dashboard();
    await data.call("POST /vehicles", { name: "Truck of the phone" });
    await served.signedIn(
      async (page) => {
        await page.goto(`${served.origin}/#/?tab=audit`);
        const rows = page.getByRole("row", { name: /POST \/vehicles/ });
        await rows.first().waitFor();
        const form = page.getByRole("form", { name: "Filter of the audit" });
        await expect.poll(() => form.isVisible()).toBe(false);
        await page.locator("details.audit-filter > summary").click();
        await form.getByLabel("Of what").fill("/nothing");
        await form.getByRole("button", { name: "Filter" }).click();
        await page.getByText("No entry matches.").waitFor();
        await page.getByText("Filter: some entries are hidden").waitFor();
        await form.getByRole("button", { name: "Show all" }).click();
        await rows.first().waitFor();
        const [wide, shown] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        expect(wide).toBeLessThanOrEqual(shown);
      },
      { viewport: { width: 390, height: 844 } },
    );
  });

  it("the audit log shows refusals that were only counted, and a device's page its warnings and limits", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Audit" }).click();
      const row = page.getByRole("row", { name: /shelf-4/ }).filter({ hasText: "refused" });
      await expect.poll(() => row.innerText()).toContain("1,234 more, only counted");
      await page.getByRole("tab", { name: "Devices" }).click();
      await page.getByRole("button", { name: "shelf-4" }).click();
      const warnings = page.getByRole("region", { name: "Warnings" });
      await warnings.getByText(/may not publish to devices\/shelf-5\/scale \(12 times/).waitFor();
      await warnings.getByText(/1040 of its refused messages were only counted/).waitFor();
      await page.getByRole("region", { name: "Refused messages of shelf-4" }).getByText("unknown code").waitFor();
    });
  });
}
