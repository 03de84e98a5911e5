import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { SeededDashboard } from "./seed-history.ts";

const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

/** What people do with goods, by mouse. */
export function testHandling(opened: () => SeededDashboard): void {
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const unfold = (page: Page, label: string) => page.getByText(label, { exact: true }).first().click();
  const form = (page: Page, name: string) => page.getByRole("form", { name, exact: true });
  const shipmentCalled = async (name: string): Promise<Record<string, unknown>> => {
    const found = (await opened().data.call(`GET /shipments?q=${name}&limit=200`)).body as unknown;
    return (found as Record<string, unknown>[])[0]!;
  };

  it("a shipment is created, loaded, unloaded, packed and handed over", async () => {
    await opened().served.signedIn(async (page) => {
      await unfold(page, "New shipment");
      const created = form(page, "New shipment");
      await created.getByLabel("or its name").fill("Vaccine box");
      await created.getByLabel("Quantity", { exact: true }).fill("4");
      await created.getByLabel(/^At/).selectOption({ label: "Garching Warehouse" });
      await created.getByLabel(/^To/).selectOption({ label: "Landshut Store" });
      await created.getByLabel("Due").fill("2099-01-02T03:04");
      await created.getByLabel("Cold chain").selectOption({ label: "yes" });
      await created.getByLabel(/^Coldest/).fill("2");
      await created.getByLabel(/^Warmest/).fill("8");
      await picture(page, "new-shipment");
      await created.getByRole("button", { name: "Create" }).click();
      const detail = page.getByRole("article", { name: /^Shipment/ });
      await detail.getByRole("heading", { name: "Vaccine box" }).waitFor();
      expect(await shipmentCalled("vaccine")).toMatchObject({
        quantity: 4,
        due_at: "2099-01-02T03:04:00.000Z",
        profiles: ["cold_chain"],
        conditions: { celsius: { min: 2, max: 8 } },
      });

      await unfold(page, "Load on a vehicle");
      await form(page, "Load on a vehicle").getByLabel("Vehicle").selectOption({ label: "Truck 1" });
      await form(page, "Load on a vehicle").getByRole("button", { name: "Load" }).click();
      // In its head, and as soon as they have been read in its events.
      await detail.getByRole("button", { name: "Truck 1" }).first().waitFor();
      await unfold(page, "Unload");
      await form(page, "Unload").getByLabel(/^At/).selectOption({ label: "Landshut Store" });
      await picture(page, "unload");
      await form(page, "Unload").getByRole("button", { name: "Unload" }).click();
      await detail.getByText("Load on a vehicle").waitFor();

      await unfold(page, "Add a handling unit");
      await form(page, "Add a handling unit").getByLabel(/^SSCC/).fill("006141411234567890");
      await form(page, "Add a handling unit").getByRole("button", { name: "Add" }).click();
      await detail.getByText("006141411234567890").waitFor();
      await detail.getByRole("button", { name: "Unpack" }).click();
      await detail.getByRole("button", { name: "Yes" }).click();
      await detail.getByText(/^unpacked/).waitFor();

      await unfold(page, "Change its details");
      await form(page, "Change its details").getByLabel("Reference").fill("RX-9");
      await form(page, "Change its details").getByRole("button", { name: "Save" }).click();
      await detail.getByText("RX-9").first().waitFor();
      await unfold(page, "Proof of delivery");
      await form(page, "Proof of delivery").getByLabel("Taken by").fill("Dr. Koch");
      await form(page, "Proof of delivery").getByRole("button", { name: "Hand over" }).click();
      await detail.getByText("Delivered").first().waitFor();
      await expect.poll(() => detail.getByText("Load on a vehicle").count()).toBe(0);
    });
    expect(await shipmentCalled("vaccine")).toMatchObject({ status: "delivered", reference: "RX-9" });
  });

  it("stock is added, set, counted, and gets a reorder point; on a phone", async () => {
    const { served, data } = opened();
    await data.call("POST /items", { sku: "TAPE", name: "Packing tape" });
    await served.signedIn(async (page) => {
      await unfold(page, "New stock position");
      const created = form(page, "New stock position");
      await created.getByLabel(/^Product/).selectOption({ label: "Packing tape (TAPE)" });
      await created.getByLabel(/^At/).selectOption({ label: "Garching Warehouse" });
      await created.getByLabel("Quantity").fill("9");
      await created.getByRole("button", { name: "Add" }).click();
      const detail = page.getByRole("article", { name: /^Stock/ });
      await detail.getByText("9 pieces").first().waitFor();
      await unfold(page, "Reorder point and source");
      await form(page, "Reorder point and source")
        .getByLabel(/^Reorder/)
        .fill("5");
      await form(page, "Reorder point and source").getByRole("button", { name: "Save" }).click();
      await detail.getByText("5 pieces").first().waitFor();
      await unfold(page, "Set the level");
      await form(page, "Set the level").getByLabel("piece").fill("7");
      await form(page, "Set the level").getByRole("button", { name: "Set" }).click();
      await detail.getByText("7 pieces").first().waitFor();
      await detail.getByRole("button", { name: "Ask for a count" }).click();
      await detail.getByText("Count it:").waitFor();
      await fitsTheWidth(page);
      await picture(page, "stock-phone");
      await form(page, "Counted")
        .getByLabel(/^Counted/)
        .fill("6");
      await form(page, "Counted").getByRole("button", { name: "Enter the count" }).click();
      await detail.getByText("6 pieces").first().waitFor();
      await detail.getByRole("button", { name: "Ask for a count" }).waitFor();
    }, PHONE);
  });

  it("an order of two lines is placed, and its lines and details changed; readings are shown; a message and a tag are decoded", async () => {
    const { served, data } = opened();
    const party = await data.call("POST /parties", { name: "Nordwind", roles: ["customer"] });
    const owner = await data.call("POST /parties", { name: "Südwind", roles: ["owner"] });
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Orders" }).click();
      await unfold(page, "New order");
      const created = form(page, "New order");
      await created.getByLabel("Reference").fill("WEB-77");
      await created.getByLabel("Goods of").selectOption({ label: "Südwind" });
      await created.getByLabel(/^Product 1/).selectOption({ index: 1 });
      await created.getByLabel("Quantity").first().fill("3");
      await created.getByLabel(/^Product 2/).selectOption({ index: 2 });
      await created.getByLabel("Quantity").nth(1).fill("4");
      await picture(page, "new-order");
      await created.getByRole("button", { name: "Place" }).click();
      await page
        .getByRole("article", { name: /^Order/ })
        .getByRole("heading", { name: "WEB-77" })
        .waitFor();
      await page
        .getByRole("article", { name: /^Order/ })
        .getByRole("definition")
        .filter({ hasText: "Südwind" })
        .waitFor();

      await unfold(page, "Change its lines");
      const lines = form(page, "Change its lines");
      await expect.poll(() => lines.getByLabel("Quantity").first().inputValue()).toBe("3");
      await lines.getByLabel(/^Product 3/).selectOption({ index: 2 });
      await lines.getByLabel("Quantity").nth(2).fill("5");
      // A line without a product is no more.
      await lines.getByLabel(/^Product 2/).selectOption("");
      await picture(page, "order-lines");
      await lines.getByRole("button", { name: "Save" }).click();
      await page.getByRole("region", { name: "Lines" }).getByText("5", { exact: false }).first().waitFor();
      await unfold(page, "Change its details");
      const details = form(page, "Change its details");
      await details.getByLabel("Customer").selectOption({ label: "Nordwind" });
      await details.getByRole("button", { name: "Save" }).click();
      await details.waitFor({ state: "detached" });

      await page.goto(`${served.origin}/#/?tab=devices&device=gps-4`);
      await unfold(page, "Readings");
      await page.getByRole("list", { name: "Readings" }).getByRole("listitem").first().waitFor();

      await page.goto(`${served.origin}/#/administration/decoding`);
      const message = page.getByRole("region", { name: "Decode a message" });
      await message.getByLabel("Message", { exact: true }).fill('{"ts": 1764331200000, "grams": 2000}');
      await message.getByLabel(/^Topic/).fill("devices/s/scale");
      await message.getByRole("button", { name: "Decode" }).click();
      await message.getByText(/"grams": 2000/).waitFor();
      const tag = page.getByRole("region", { name: "Decode a tag or code" });
      await tag.getByLabel(/^Hex/).fill("urn:epc:id:sgtin:0614141.112345.400");
      await tag.getByRole("button", { name: "Decode" }).click();
      await tag
        .getByText(/10614141123459/)
        .first()
        .waitFor();
    });
    const orders = (await data.call("GET /orders?limit=200")).body as unknown as Record<string, unknown>[];
    expect(orders.find(({ reference }) => reference === "WEB-77")).toMatchObject({
      kind: "customer",
      customer_id: party.body["id"],
      owner_id: owner.body["id"],
      lines: [{ quantity: 3 }, { quantity: 5 }],
    });
  });

  it("a viewer sees none of it", async () => {
    const { served } = opened();
    await served.inWindow(async (page) => {
      await page.route("**/auth/me", async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), role: "viewer", may: [] } });
      });
      await page.reload();
      await page.getByLabel("E-mail").fill("anna@waystock.test");
      await page.getByLabel("Password", { exact: true }).fill("a long enough password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator(".connection-status.live").waitFor();
      for (const action of ["New shipment", "New stock position", "Administration"])
        await expect.poll(() => page.getByText(action, { exact: true }).count(), { message: action }).toBe(0);
      await page.getByRole("tab", { name: "Orders" }).click();
      await expect.poll(() => page.getByText("New order", { exact: true }).count()).toBe(0);
    });
  });
}
