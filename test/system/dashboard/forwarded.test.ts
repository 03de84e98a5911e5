import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

describe.skipIf(binary === undefined)("profiles of devices, and exports, in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
  });
  afterAll(() => served?.close());

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }

  it("what the fields of a payload are is said line by line, and tried on a message", async () => {
    const made = await data.call("POST /device-profiles", {
      name: "Dragino probes",
      quota: 50,
      payload_fields: { door: null },
    });
    const id = Number(made.body.id);
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/device-profiles/${id}`);
      const form = page.getByRole("form", { name: "Payload fields of Dragino probes" });
      await form.getByRole("button", { name: "Add a field" }).click();
      const line = form.getByRole("group", { name: "New field" });
      await line.getByLabel("Is").selectOption({ label: "battery, 0 to 1" });
      await line.getByLabel("Scale").fill("0.5");
      await line.getByLabel("Offset").fill("-1");
      await line.getByLabel("Name in the payload").fill("batV");
      await picture(page, "profile");
      await form.getByRole("button", { name: "Save the fields" }).click();
      await expect
        .poll(async () => (await data.call(`GET /device-profiles/${id}`)).body.payload_fields)
        .toEqual({ door: null, batV: { field: "env.battery", scale: 0.5, offset: -1 } });

      await page.goto(`${served.origin}/#/administration/decoding`);
      const tool = page.getByRole("form", { name: "Decode a message" });
      await tool.getByLabel("Format").selectOption("chirpstack");
      await tool.getByLabel("As of a device with this profile").selectOption({ label: "Dragino probes" });
      const message = { deviceInfo: { devEui: "a1" }, time: "2026-03-01T10:00:00Z", object: { batV: 3, door: 1 } };
      await tool.getByLabel("Message").fill(JSON.stringify(message));
      await tool.getByRole("button", { name: "Decode" }).click();
      await expect.poll(() => page.getByRole("status").last().innerText()).toContain('"battery": 0.5');
    });
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/device-profiles/${id}`);
      await page.getByRole("form", { name: "Payload fields of Dragino probes" }).waitFor();
      await picture(page, "profile-phone");
      const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
      expect(wide).toBeLessThanOrEqual(shown);
    }, PHONE);
  });

  it("a list is exported with what it is filtered by", async () => {
    const items = (await data.call("GET /items?limit=1")).body as unknown as { id: number }[];
    for (const kind of ["customer", "restock"]) {
      const made = await data.call("POST /orders", { kind, lines: [{ item_id: items[0]!.id, quantity: 2 }] });
      expect([kind, made.status]).toEqual([kind, 201]);
    }
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/?tab=orders`);
      await page.getByLabel("Kind").selectOption("customer");
      await picture(page, "orders-export");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export", exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("orders.csv");
      const rows = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
      expect(rows.length).toBe(2);
      expect(rows.slice(1).every((row) => row.split(",")[1] === "customer")).toBe(true);
      await page.goto(`${served.origin}/#/?tab=shipments`);
      await page.getByRole("link", { name: "Export", exact: true }).waitFor();
      await picture(page, "shipments-export");
    });
  });
});
