import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addPerson, callAs, PASSWORD, signIn } from "../../api/auth/people.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };
const TEA = "09506000134352";

describe.skipIf(binary === undefined)("orders on the page in Chromium", () => {
  let served: ServedDashboard;
  let call: Awaited<ReturnType<ServedDashboard["api"]["as"]>>;
  const ids = { tea: 0, rice: 0, hall: 0, bin1: 0, bin2: 0, shop: 0 };
  beforeAll(async () => {
    served = await openDashboard(binary!);
    call = await served.api.as("admin");
    ids.tea = await made("/items", { sku: "TEA", name: "Green tea", gtin: TEA, unit_weight_grams: 250 });
    ids.rice = await made("/items", { sku: "RICE", name: "Basmati rice" });
    ids.hall = await made("/locations", { name: "Hall", stage: "storage" });
    ids.bin1 = await made("/locations", { name: "Bin 1", parent_id: ids.hall, barcode: "B-01" });
    ids.bin2 = await made("/locations", { name: "Bin 2", parent_id: ids.hall });
    ids.shop = await made("/locations", { name: "Corner shop", stage: "delivery" });
    await made("/inventory-items", { item_id: ids.tea, location_id: ids.bin1, quantity: 100 });
    await made("/inventory-items", { item_id: ids.rice, location_id: ids.bin2, quantity: 100 });
  });
  afterAll(() => served?.close());

  let turns = 0;
  async function made(path: string, body: object): Promise<number> {
    const answer = await call(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  }
  async function order(kind: string, reference: string, lines: [number, number][], more: object): Promise<number> {
    const of = lines.map(([item_id, quantity]) => ({ item_id, quantity }));
    const id = await made("/orders", { kind, reference, lines: of, ...more });
    await call(`PUT /orders/${id}`, { status: "approved" });
    return id;
  }
  const lineOf = async (id: number, at = 0) =>
    ((await call(`GET /orders/${id}`)).body["lines"] as Record<string, number>[])[at]!;
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  /** A scanner types what it reads, and Enter, into whatever has the focus. */
  async function scan(page: Page, code: string): Promise<void> {
    await expect.poll(() => page.evaluate("document.activeElement?.name ?? ''")).toBe("scan");
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
  }

  it("a picker works a wave on a phone with a scanner: places, goods, a wrong label and a short pick", async () => {
    // Names of their own, also for a second try.
    turns += 1;
    const [one, two] = [`PO-${turns}1`, `PO-${turns}2`];
    const first = await order("customer", one, [[ids.tea, 3]], { ship_from_id: ids.hall });
    const second = await order(
      "customer",
      two,
      [
        [ids.tea, 2],
        [ids.rice, 4],
      ],
      { ship_from_id: ids.hall },
    );
    await served.signedIn(
      async (page) => {
        await page.getByRole("tab", { name: "Orders" }).click();
        await page.getByRole("checkbox", { name: `Pick ${one}` }).check();
        await page.getByRole("checkbox", { name: `Pick ${two}` }).check();
        await picture(page, "orders-board-phone");
        await fitsTheWidth(page);
        await page.getByRole("button", { name: "Pick 2 in one walk" }).click();
        const stop = page.getByRole("region", { name: "Next stop" });
        await stop.getByText("Hall › Bin 1").waitFor();
        await stop.getByText("5 pieces").waitFor();
        await stop.getByText(`3 for order ${first}, 2 for order ${second}`).waitFor();
        await scan(page, `LOC-${ids.bin2}`);
        await stop.getByText("is not the label of Bin 1").waitFor();
        await scan(page, "B-01");
        await stop.getByText("This is the place.").waitFor();
        await picture(page, "pick-list-phone");
        await fitsTheWidth(page);
        await scan(page, "RICE");
        await stop
          .getByText("“RICE” is not Green tea: put it back")
          .or(stop.getByText('"RICE" is not Green tea'))
          .waitFor();
        await scan(page, `(01)${TEA}(10)L7`);
        await stop.getByText("Hall › Bin 2").waitFor();
        await scan(page, `LOC-${ids.bin2}`);
        await stop.getByText("This is the place.").waitFor();
        await stop.getByLabel("Taken").fill("3");
        // The list cannot be read again for a moment: what was typed stays.
        await page.route("**/pick-lists/*", (route) =>
          route.request().method() === "GET"
            ? route.fulfill({ status: 503, json: { detail: "not now" } })
            : route.fallback(),
        );
        await call(`PUT /orders/${second}`, { order_date: "2030-01-01" });
        await page.getByText("not now").waitFor();
        await expect.poll(() => stop.getByLabel("Taken").inputValue()).toBe("3");
        await page.unroute("**/pick-lists/*");
        await page.getByText("could not be read again").waitFor({ state: "detached" });
        await stop.getByText("Fewer are there").click();
        await stop.getByRole("button", { name: "they are not there" }).click();
        await page.getByText("3 of 4 pieces · 1 short: missing").waitFor();

        const packing = page.getByRole("region", { name: "Packing" });
        const piece = packing.getByLabel("Scan one piece");
        for (let at = 0; at < 4; at += 1) {
          await piece.fill(TEA);
          await piece.press("Enter");
          await packing
            .getByText(at < 3 ? `${at + 1} in the box · ${2 - at} to pack` : "1 in the box · 4 to pack")
            .waitFor();
        }
        await packing.getByText(`Into the box of ${two}.`).waitFor();
        await picture(page, "packing-phone");
        await packing.getByRole("listitem").filter({ hasText: one }).getByRole("button").click();
        await expect.poll(() => packing.getByText(one).count()).toBe(0);

        const box = packing.getByRole("listitem").filter({ hasText: two });
        await box.getByText("Weigh it").click();
        await box.getByLabel("Empty box, g").fill("80");
        await box.getByLabel("Weight, g").fill("580");
        await box.getByRole("button", { name: "Close and weigh" }).click();
        await box.getByText("unit 1 weighs 580 g, and should weigh 330 g").waitFor();
        await picture(page, "weighing-phone");
        await box.getByLabel("Weight, g").fill("333");
        await box.getByRole("button", { name: "Close and weigh" }).click();
        await packing.getByText("0 in the box · 4 to pack").waitFor();
      },
      { ...PHONE, expectedFailure: /409|503/ },
    );
    expect(await lineOf(first)).toMatchObject({ picked: 3, packed: 3 });
    expect(await lineOf(second)).toMatchObject({ picked: 2, packed: 1 });
    expect(await lineOf(second, 1)).toMatchObject({ picked: 3, reserved: 0, open: 1 });
  });

  it("an order is reserved, packed and shipped by mouse, and the rest is cancelled", async () => {
    const id = await order("customer", "PO-3", [[ids.tea, 6]], { ship_from_id: ids.hall });
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.getByRole("button", { name: "PO-3" }).click();
      const goods = page.getByRole("region", { name: "Goods" });
      await goods.getByRole("button", { name: "Reserve 6" }).click();
      await goods.getByText("6 pieces of Green tea").waitFor();
      await picture(page, "order-reserved");
      await call(`POST /orders/${id}/pick`, { lines: [{ line: 1, quantity: 4 }] });
      await goods.getByRole("button", { name: "Pack 4 into one" }).click();
      await goods.getByRole("button", { name: "Ship 4" }).click();
      await goods.getByRole("button", { name: /^WS/ }).click();
      const shipment = page.getByRole("article", { name: /^Shipment WS/ });
      await shipment.getByText("4 Green tea").waitFor();
      await shipment.getByRole("button", { name: `order ${id}` }).click();
      await goods.getByRole("button", { name: "Cancel the rest" }).click();
      await goods.getByRole("button", { name: "Yes" }).click();
      await page.getByRole("region", { name: "Status" }).getByText("final").waitFor();
      await picture(page, "order-closed");
    }, DESK);
    expect(await lineOf(id)).toMatchObject({ shipped: 4, cancelled: 2, reserved: 0 });
  });

  it("a sales person approves and cancels, and is offered no status that tells what became of goods", async () => {
    turns += 1;
    const [email, sold, back] = [`sam-${turns}@waystock.test`, `SO-${turns}`, `RE-${turns}`];
    await addPerson(served.api, email, "sales");
    const token = await signIn(served.api, email);
    const placed = async (kind: string, reference: string): Promise<number> => {
      const body = { kind, reference, lines: [{ item_id: ids.tea, quantity: 2 }] };
      return (await callAs(served.api, "POST /orders", body, { token })).body["id"] as number;
    };
    const [sale, returned] = [await placed("customer", sold), await placed("return", back)];
    for (const status of ["approved", "partial"]) await call(`PUT /orders/${returned}`, { status });
    await served.inWindow(async (page) => {
      await page.getByLabel("E-mail").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator(".connection-status.live").waitFor();
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.getByRole("button", { name: sold }).click();
      const status = page.getByRole("region", { name: "Status" });
      await status.getByRole("button", { name: "approved" }).click();
      await status.locator("strong", { hasText: "approved" }).waitFor();
      await expect.poll(() => status.getByRole("button").allInnerTexts()).toEqual(["cancelled"]);
      await call(`PUT /orders/${sale}`, { status: "picking" });
      await status.locator("strong", { hasText: "picking" }).waitFor();
      await expect.poll(() => status.getByRole("button").allInnerTexts()).toEqual(["cancelled"]);
      await status.getByRole("button", { name: "cancelled" }).click();
      await status.getByText("final").waitFor();
      await page.getByRole("button", { name: "← Back" }).click();
      await page.getByRole("button", { name: back }).click();
      await status.locator("strong", { hasText: "partial" }).waitFor();
      // Others receive what is to come: it is not over.
      await expect.poll(() => status.getByText("final").count()).toBe(0);
      await expect.poll(() => status.getByRole("button").count()).toBe(0);
    }, DESK);
  });

  it("a receiver books a delivery with one missing and one damaged unit", async () => {
    const id = await order("restock", "RO-1", [[ids.tea, 24]], { ship_to_id: ids.shop });
    await call(`PUT /orders/${id}`, { status: "sent" });
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Orders" }).click();
      await page.getByRole("button", { name: "RO-1" }).click();
      await page.getByText("Receive", { exact: true }).first().click();
      const form = page.getByRole("form", { name: "Receive" });
      await form.getByText("24 expected").waitFor();
      await form.getByText("as expected", { exact: true }).waitFor();
      await form.getByLabel("Good").fill("25");
      await form.getByText("1 extra").waitFor();
      await form.getByLabel("Good").fill("22");
      await form.getByLabel("Damaged").fill("1");
      await form.getByText("1 missing").waitFor();
      await form.getByLabel("The rest").selectOption("yes");
      await form.getByLabel("Delivery note").fill("DN 17");
      await picture(page, "receiving-phone");
      await fitsTheWidth(page);
      await form.getByRole("button", { name: "Receive" }).click();
      await page
        .getByRole("region", { name: "Lines" })
        .getByText(/23 received.*1 damaged.*1 will not come/)
        .waitFor();
    }, PHONE);
    expect((await call(`GET /orders/${id}`)).body).toMatchObject({ status: "received" });
    const stock = (await call(`GET /inventory-items?location_id=${ids.shop}`)).body;
    expect(stock).toMatchObject([
      { quantity: 22, condition: "good" },
      { quantity: 1, condition: "damaged" },
    ]);
  });
});
