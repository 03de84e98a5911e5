import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requires } from "../../support/requires.ts";
import { addUser, openDashboard, type ServedDashboard, signIn } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const EPC = "urn:epc:id:sscc:4012345.0000000042";
const PICTURES = process.env.PICTURES;

describe.skipIf(binary === undefined)("on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;

  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
    await addUser(served.api, "viktor@waystock.test", "viewer");
    const place = await data.call("POST /locations", { name: "Aisle 4", stage: "storage" });
    const item = await data.call("POST /items", { sku: "NUT-8", name: "Nut M8", unit_weight_grams: 5 });
    await data.call("POST /devices", {
      ...{ id: "shelf-4", kind: "scale" },
      mount: { location_id: place.body.id, item_id: item.body.id, tare_grams: 900 },
    });
    const refused = [
      ["unknown_code", "4006381333932 is not a code of any product"],
      ["overdrawn", "5 picked, 3 are there"],
    ];
    for (const [reason, detail] of refused) {
      await served.api.db.pool.query(
        `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
         VALUES ($1, 'shelf-4', 'devices/shelf-4/scan', now(), $1, $2, '{}')`,
        [reason, detail],
      );
    }
  });
  afterAll(() => served?.close());

  it("a manager sees what of a device was refused and why, tries it again and deletes it", async () => {
    const { pool } = served.api.db;
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: /Devices/ }).click();
      await page.getByText("shelf-4", { exact: true }).click();
      const refused = page.getByRole("region", { name: "Refused messages of shelf-4" });
      await refused.getByText("4006381333932 is not a code of any product").waitFor();
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/device.png` });
      await refused.locator("li", { hasText: "unknown code" }).getByRole("button", { name: "Delete" }).click();
      await expect.poll(() => refused.locator("li").count()).toBe(1);
      await refused.getByRole("button", { name: "Try again" }).click();
      const asked = "SELECT reason FROM quarantine WHERE retry_requested_at IS NOT NULL";
      await expect.poll(async () => (await pool.query(asked)).rows).toEqual([{ reason: "overdrawn" }]);
    });
  });

  it("a manager sets the finest step of a scale", async () => {
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: /Devices/ }).click();
      await page.getByText("shelf-4", { exact: true }).click();
      const form = page.getByRole("form", { name: "Scale shelf-4" });
      await expect.poll(() => form.getByLabel("Tare, grams").inputValue()).toBe("900");
      await form.getByLabel("Finest step, grams").fill("20");
      await form.getByRole("button", { name: "Set" }).click();
      const mountOf = async () => (await data.call("GET /devices/shelf-4")).body.mount as Record<string, unknown>;
      await expect.poll(async () => (await mountOf())["division_grams"]).toBe(20);
      expect((await mountOf())["tare_grams"]).toBe(900);
    });
  });

  it("a person binds a tag from a time on and is told when it is bound elsewhere; a viewer only sees it", async () => {
    const [shipment] = data.shipments;
    await served.signedIn(
      async (page) => {
        await page.goto(`${served.origin}/#/?shipment=${shipment}`);
        const form = page.getByRole("form", { name: "Bind a tag" });
        await form.getByLabel("EPC").fill(EPC);
        await form.getByLabel("Since").fill("2026-01-02T10:30");
        await form.getByRole("button", { name: "Bind" }).click();
        await page.getByText(EPC).waitFor();
        if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/tags.png` });
        const tags = await data.call(`GET /shipments/${shipment}/tags`);
        expect(tags.body).toMatchObject([{ epc: EPC, since: "2026-01-02T10:30:00.000Z", until: null }]);

        await page.goto(`${served.origin}/#/?shipment=${data.shipments[1]}`);
        await page.getByText(EPC).waitFor({ state: "detached" });
        await form.getByLabel("EPC").fill(EPC);
        await form.getByRole("button", { name: "Bind" }).click();
        await expect.poll(() => form.getByRole("alert").innerText()).toContain("this tag is bound to another shipment");
      },
      { timezoneId: "UTC", expectedFailure: /409 \(Conflict\)/ },
    );
    await served.inWindow(
      async (page) => {
        await signIn(page, "viktor@waystock.test");
        await page.goto(`${served.origin}/#/?shipment=${shipment}`);
        await page.getByText(EPC).waitFor();
        await expect.poll(() => page.getByRole("form", { name: "Bind a tag" }).count()).toBe(0);
        if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/phone.png`, fullPage: true });
      },
      { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
    );
  });
});
