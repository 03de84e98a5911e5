import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { addParties } from "../../support/parties.ts";
import type { SeededDashboard } from "./seed-history.ts";

const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

/** Systems that administrators let in: API clients and MQTT accounts. */
export function testSystems(opened: () => SeededDashboard): void {
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const tokenStatus = async (client_id: string, client_secret: string): Promise<number> => {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
    return (await opened().served.api.app.request("/oauth/token", { method: "POST", body: form })).status;
  };
  async function confirm(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name, exact: true }).click();
    await page.getByRole("group", { name }).getByRole("button", { name: "Yes" }).click();
  }

  it("an administrator adds an API client, sees its secret once, rotates it, limits it and removes it", async () => {
    let [id, first, second] = ["", "", ""];
    await opened().served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("link", { name: "API clients" }).click();
      await addParties(opened().served.api.db.pool, "owner", [7, 9]);
      await page.getByText("No system uses the API yet.").waitFor();
      await page.getByRole("button", { name: "Add an API client" }).click();
      const form = page.getByRole("form", { name: "Add an API client" });
      await form.getByLabel("Name").fill("ERP");
      await form.getByLabel("Role").selectOption("sales");
      await form.getByLabel(/Last day/).fill("2099-12-31");
      await form.getByRole("button", { name: "Add and show its secret" }).click();
      id = await page.getByLabel("Client id", { exact: true }).inputValue();
      first = await page.getByLabel("Client secret", { exact: true }).inputValue();
      expect(await tokenStatus(id, first)).toBe(200);
      await picture(page, "api-client-added");

      await page.reload();
      await expect.poll(() => page.getByLabel("Client secret", { exact: true }).count()).toBe(0);
      await page.getByText("until 2099-12-31").waitFor();
      await page.getByText(/used now|used .* ago/).waitFor();
      await page.locator("summary").click();
      await page.getByText(`Valid secrets: ${first.slice(0, 6)}…`).waitFor();
      await page.getByLabel("only these locations").check();
      await page.getByLabel("Garching Warehouse").check();
      await page.getByLabel(/these owners/).fill("7, 9");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("only Garching Warehouse; owners 7, 9").waitFor();
      await confirm(page, "New secret");
      second = await page.getByLabel("Client secret", { exact: true }).inputValue();
      await picture(page, "api-client-open");
    });
    expect([await tokenStatus(id, first), await tokenStatus(id, second)]).toEqual([200, 200]);
    await opened().served.signedIn(async (page) => {
      await page.goto(`${opened().served.origin}/#/administration/api-clients`);
      await page.locator("summary").click();
      await fitsTheWidth(page);
      await picture(page, "api-client-phone");
      await confirm(page, "Deactivate");
      await page.getByRole("button", { name: "Activate", exact: true }).waitFor();
      expect(await tokenStatus(id, second)).toBe(401);
      await confirm(page, "Remove");
      await page.getByText("No system uses the API yet.").waitFor();
    }, PHONE);
  });

  it("an administrator adds an MQTT account, is told of a wrong filter, changes the filters and removes it", async () => {
    const { pool } = opened().served.api.db;
    const filters = async () =>
      (await pool.query("SELECT filters FROM service_accounts WHERE id = 'plant-bridge'")).rows;
    await opened().served.signedIn(
      async (page) => {
        await page.goto(`${opened().served.origin}/#/administration/service-accounts`);
        await page.getByRole("button", { name: "Add an MQTT account" }).click();
        const form = page.getByRole("form", { name: "Add an MQTT account" });
        await form.getByLabel(/User name/).fill("plant-bridge");
        await form.getByLabel(/May publish/).fill("devices/+/gps\nplant/#/x");
        await form.getByRole("button", { name: "Add and show its secret" }).click();
        await form
          .getByRole("alert")
          .getByText(/MQTT-4.7.1-2/)
          .waitFor();
        await form.getByLabel(/May publish/).fill("devices/+/gps\nplant/#");
        await form.getByRole("button", { name: "Add and show its secret" }).click();
        await expect.poll(() => page.getByLabel("MQTT password", { exact: true }).inputValue()).toMatch(/^[\w-]{43}$/);
        await picture(page, "mqtt-account-added");
        expect(await filters()).toEqual([{ filters: { publish: ["devices/+/gps", "plant/#"], subscribe: [] } }]);
        await page.locator("summary").click();
        await page.getByLabel(/May subscribe/).fill("plant/+/orders");
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("subscribes plant/+/orders").waitFor();
        await fitsTheWidth(page);
        await picture(page, "mqtt-account-phone");
        await confirm(page, "Remove");
        await page.getByText("There are no MQTT accounts yet.").waitFor();
      },
      { ...PHONE, expectedFailure: /400 \(/ },
    );
    expect(await filters()).toEqual([]);
  });

  it("without an identity provider the sign-in page has no button for one", async () => {
    await opened().served.inWindow(async (page) => {
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await expect.poll(() => page.getByRole("link", { name: "Sign in with your organisation" }).count()).toBe(0);
    });
  });
}
