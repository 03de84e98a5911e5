import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { SeededDashboard } from "./seed-history.ts";

const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

/** Devices and master data in Administration: whatever the API lets a manager do with them, by mouse. */
export function testDevices(opened: () => SeededDashboard): void {
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function confirm(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name, exact: true }).first().click();
    await page.getByRole("group", { name }).getByRole("button", { name: "Yes" }).click();
  }
  const open = async (page: Page, name: string): Promise<void> => {
    await page.getByRole("link", { name: "Administration" }).click();
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  };
  const row = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name }).first();
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it("a manager adds a device with a line to copy and a QR code, mounts it, rotates and revokes its secrets", async () => {
    const { served, data } = opened();
    const device = async () => (await data.call("GET /devices/dock-gate")).body;
    await served.signedIn(async (page) => {
      await open(page, "Devices");
      await page.getByRole("button", { name: "Add a device" }).click();
      const form = page.getByRole("form", { name: "Add a device" });
      await form.getByLabel(/^Id,/).fill("dock-gate");
      await form.getByLabel("Kind").selectOption({ label: "RFID reader" });
      await form.getByLabel("Mounted on").selectOption("gate");
      await form.getByLabel(/^Location/).selectOption({ label: "Augsburg Cross-dock" });
      await form.getByLabel(/^Antennas/).fill("1:inside 2:outside");
      await picture(page, "device-form");
      await form.getByRole("button", { name: "Add and show its secret" }).click();
      const secret = await page.getByLabel("MQTT password", { exact: true }).inputValue();
      expect(secret.length).toBeGreaterThan(30);
      await expect.poll(() => page.getByLabel("Try it", { exact: true }).inputValue()).toContain(`-P '${secret}'`);
      await page.getByRole("img", { name: /QR code/ }).waitFor();
      await picture(page, "device-added");
      expect(await device()).toMatchObject({ mount: { antennas: { "1": "inside", "2": "outside" } } });

      await row(page, "dock-gate").locator("summary").click();
      const mount = page.getByRole("form", { name: "Mount dock-gate" });
      await mount.getByLabel("Mounted on").selectOption("vehicle");
      await mount.getByLabel(/^Vehicle/).selectOption({ label: "Truck 2" });
      await mount.getByLabel(/^Since/).fill("2026-01-02T03:04");
      await mount.getByRole("button", { name: "Mount" }).click();
      await row(page, "dock-gate").getByText("on Truck 2").waitFor();
      expect(await device()).toMatchObject({ mount: { vehicle_id: data.trucks[1] } });

      const secrets = page.getByRole("region", { name: "Secrets of dock-gate" });
      await confirm(page, "New secret");
      await secrets.getByLabel("MQTT password", { exact: true }).waitFor();
      await expect.poll(() => secrets.getByRole("button", { name: "Revoke" }).count()).toBe(2);
      await confirm(page, "Revoke");
      await expect.poll(() => secrets.getByRole("button", { name: "Revoke" }).count()).toBe(1);
      await picture(page, "device-open");
      await secrets.getByRole("button", { name: "New token" }).click();
      await page.getByLabel("Token, in place of the password", { exact: true }).waitFor();
      await confirm(page, "Remove");
      await row(page, "dock-gate").waitFor({ state: "detached" });
    });
  });

  it("a pending device is approved, gets a command, and its answer is shown; on a phone", async () => {
    const { served, data } = opened();
    await data.call("POST /devices", { id: "newcomer", kind: "scale", state: "pending" });
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/devices`);
      await page.getByRole("button", { name: "Approve newcomer" }).click();
      await page.getByRole("button", { name: "Approve newcomer" }).waitFor({ state: "detached" });
      await row(page, "newcomer").locator("summary").click();
      const form = page.getByRole("form", { name: "Command to newcomer" });
      await form.getByLabel("Command").fill("set_interval");
      await form.getByLabel(/Arguments/).fill("{seconds}");
      await form.getByRole("button", { name: "Send" }).click();
      await page.getByRole("alert").getByText("this is not JSON").waitFor();
      await form.getByLabel(/Arguments/).fill('{"seconds": 30}');
      await form.getByRole("button", { name: "Send" }).click();
      const commands = page.getByRole("region", { name: "Commands to newcomer" });
      await commands.getByText("waiting").waitFor();
      await served.api.db.pool.query(
        `UPDATE device_messages SET acknowledged_at = now(), result = '{"ok": false, "error": "too fast"}' WHERE device_id = 'newcomer'`,
      );
      await commands.getByText("failed: too fast").waitFor();
      await fitsTheWidth(page);
      await picture(page, "device-phone");
    }, PHONE);
    expect((await data.call("GET /devices/newcomer")).body).toMatchObject({ state: "active" });
  });

  it("devices are imported from a table, all or none, and register themselves with a key", async () => {
    const { served, data } = opened();
    await served.signedIn(
      async (page) => {
        await open(page, "Devices");
        await page.getByRole("button", { name: "Import a table" }).click();
        const form = page.getByRole("form", { name: "Import devices" });
        await form.getByLabel(/^CSV/).fill("id,kind,vehicle_id\nvan-1,gps,1\nvan-2,gps,99999");
        await form.getByRole("button", { name: /Import/ }).click();
        await page
          .getByRole("alert")
          .getByText(/no vehicle with this id/)
          .waitFor();
        await form.getByLabel(/^CSV/).fill("id,kind,name\nvan-1,gps,Van 1\nvan-2,gps,Van 2");
        await form.getByRole("button", { name: /Import/ }).click();
        await expect.poll(() => page.getByLabel("MQTT password", { exact: true }).count()).toBe(2);
        await page.getByRole("link", { name: "Registration" }).click();
        await page.getByRole("button", { name: "Add a registration key" }).click();
        await page.getByLabel("Name").fill("Factory");
        await page.getByLabel(/^How many/).fill("10");
        await page.getByRole("button", { name: "Add and show the key" }).click();
        await page.getByLabel("Registration key", { exact: true }).waitFor();
        await page.getByText("0 of 10 used").waitFor();
        await picture(page, "registration");
      },
      { expectedFailure: /400 \(/ },
    );
    expect((await data.call("GET /devices/van-2")).body).toMatchObject({ name: "Van 2" });
  });

  it("what devices sent that nobody has registered is read in quarantine, and the device registered from there; on a phone", async () => {
    const { served, data } = opened();
    const { pool } = served.api.db;
    await pool.query(
      `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload) VALUES
        ('strange-1', 'stranger', 'devices/stranger/env', now(), 'unknown-device', 'nobody has registered it', '{"ts":1764331200000,"celsius":4.5}'),
        ('strange-2', 'stranger', 'devices/stranger/raw', now(), 'unknown-device', 'nobody has registered it', '\\x00ff10')`,
    );
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/quarantine`);
      const list = page.getByRole("list", { name: "Quarantine" }).getByRole("listitem");
      await list.filter({ hasText: "stranger" }).first().waitFor();
      await expect.poll(() => list.filter({ hasText: "shelf-4" }).count()).toBeGreaterThan(0);
      await page.getByRole("button", { name: "Unregistered devices" }).click();
      await expect.poll(() => list.count()).toBe(2);
      await list.nth(0).locator("summary").first().click();
      await list.nth(0).getByText("00 ff 10").waitFor();
      await list.nth(0).getByRole("button", { name: "Delete" }).click();
      await page.getByRole("group", { name: "Delete" }).getByRole("button", { name: "Yes" }).click();
      await expect.poll(() => list.count()).toBe(1);
      await list.locator("summary").first().click();
      await list.getByText(/"celsius": 4\.5/).waitFor();
      await list.getByText("Register stranger").click();
      const form = page.getByRole("form", { name: "Register stranger" });
      await expect.poll(() => form.getByLabel(/^Id,/).inputValue()).toBe("stranger");
      await expect.poll(() => form.getByLabel("Kind").inputValue()).toBe("env");
      await picture(page, "quarantine-register");
      await form.getByRole("button", { name: "Register and show its secret" }).click();
      await page.getByLabel("MQTT password", { exact: true }).waitFor();
      await fitsTheWidth(page);
      await picture(page, "quarantine-phone");
    }, PHONE);
    expect((await data.call("GET /devices/stranger")).body).toMatchObject({ kind: "env", state: "active" });
    const asked = "SELECT FROM quarantine WHERE source = 'strange-1' AND retry_requested_at IS NOT NULL";
    expect((await pool.query(asked)).rowCount).toBe(1);
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/quarantine`);
      await page.getByRole("list", { name: "Quarantine" }).getByRole("listitem").first().waitFor();
      await picture(page, "quarantine");
    });
  });

  it("locations, products and vehicles are added, changed and removed", async () => {
    const { served, data } = opened();
    await served.signedIn(
      async (page) => {
        await open(page, "Locations");
        await page.getByRole("button", { name: "Add a location" }).click();
        await page.getByLabel("Name").fill("Passau Yard");
        await page.getByLabel("Stage").selectOption({ label: "Storage" });
        await page.getByLabel("Lies in").selectOption({ label: "Garching Warehouse" });
        await page.getByLabel(/^Area/).fill('{"lat": 48.57, "lon": 13.43, "radius_m": 300}');
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await expect.poll(() => row(page, "Passau Yard").getAttribute("data-depth")).toBe("1");
        await row(page, "Passau Yard").locator("summary").click();
        await page.getByLabel("Lies in").selectOption("");
        await picture(page, "location-open");
        await page.getByRole("button", { name: "Save" }).click();
        await expect.poll(() => row(page, "Passau Yard").getAttribute("data-depth")).toBe("0");
        const found = (await data.call("GET /locations?q=passau")).body as unknown as object[];
        expect(found).toMatchObject([{ name: "Passau Yard", parent_id: null, geofence: { radius_m: 300 } }]);
        await confirm(page, "Remove");
        await row(page, "Passau Yard").waitFor({ state: "detached" });
        await page.getByRole("link", { name: "Vehicles" }).click();
        await row(page, "Truck 4").locator("summary").click();
        await confirm(page, "Remove");
        await page
          .getByRole("alert")
          .getByText(/refer to it/)
          .waitFor();
        await page.getByRole("link", { name: "Products" }).click();
        await row(page, "Gear oil 5 l").locator("summary").click();
        await page.getByLabel("Weight of one, grams").fill("4400");
        await page.getByRole("button", { name: "Save" }).click();
        await row(page, "Gear oil 5 l").getByText("4400 g each").waitFor();

        await page.getByRole("link", { name: "Parties" }).click();
        await page.getByRole("button", { name: "Add a party" }).click();
        const party = page.getByRole("form", { name: "Add a party" });
        await party.getByLabel("Name").fill("Alpine Foods");
        await party.getByLabel(/^Roles/).fill("supplier, customer");
        await party.getByLabel(/lead time/).fill("5");
        await party.getByRole("button", { name: "Add" }).click();
        await row(page, "Alpine Foods").getByText("supplier, customer").waitFor();
        await row(page, "Alpine Foods").getByText("delivers within 5 days").waitFor();
        await picture(page, "parties");
      },
      { expectedFailure: /409 \(/ },
    );
  });
}
